package client

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"reflect"
	"strings"
	"testing"
	"time"

	para "github.com/erudika/para-go"
)

func object(t testing.TB, typ, id string, members map[string]any) *para.Object {
	t.Helper()
	o := para.New(typ)
	if id != "" {
		members = with(members, "id", id)
	}
	for name, value := range members {
		if err := o.Set(name, value); err != nil {
			t.Fatal(err)
		}
	}
	return o
}

func with(m map[string]any, name string, value any) map[string]any {
	n := map[string]any{name: value}
	for k, v := range m {
		n[k] = v
	}
	return n
}

const (
	onePage   = `{"items":[{"id":"1","type":"cat","name":"Tom"}],"page":1,"totalHits":7,"lastKey":"77"}`
	oneObject = `{"id":"1","type":"cat","name":"Tom","version":3}`
)

// What each method sends (K 1.6), and what it makes of an answer. Bodies of objects are compared elsewhere.
func TestMethods(t *testing.T) {
	cat := object(t, "my cat", "fb:1/x y+ü~", nil)
	tag := object(t, "tag", "tag:java", nil)
	const path = "/v1/my%20cat/fb%3A1%2Fx%20y%2B%C3%BC~"
	page := func(p *Page[*para.Object], err error) (any, error) {
		if err != nil {
			return nil, err
		}
		return fmt.Sprintf("%d %s %s %d %d %s", len(p.Items), p.Items[0].ID(), p.Items[0].Name(), p.Page, p.TotalHits, p.LastKey), nil
	}
	const pageText = "1 1 Tom 1 7 77"
	id := func(o *para.Object, err error) (any, error) {
		if err != nil {
			return nil, err
		}
		return o.ID() + o.Name(), nil
	}
	type result struct {
		value any
		err   error
	}
	of := func(value any, err error) result { return result{value, err} }
	tests := []struct {
		do     func(context.Context, *Client) result
		want   string // request
		answer string
		value  any
	}{
		{func(ctx context.Context, c *Client) result { return of(id(c.Read(ctx, "my cat", cat.ID()))) }, "GET " + path, oneObject, "1Tom"},
		{func(ctx context.Context, c *Client) result { return of(id(c.Get(ctx, "x'(1)*!~"))) }, "GET /v1/_id/x%27%281%29%2A%21~", oneObject, "1Tom"},
		{func(ctx context.Context, c *Client) result { return of(c.Exists(ctx, "cat", "1")) }, "GET /v1/cat/1", oneObject, true},
		{func(ctx context.Context, c *Client) result { return of(c.APIKeys(ctx)) }, "GET /v1/_keys", `[{"id":"key_1","expires":5}]`, []APIKey{{ID: "key_1", Expires: 5}}},
		{func(ctx context.Context, c *Client) result { return of(c.APIKey(ctx, "key_1")) }, "GET /v1/_keys/key_1", `{"id":"key_1"}`, APIKey{ID: "key_1"}},
		{func(ctx context.Context, c *Client) result {
			return of(c.CreateAPIKey(ctx, APIKeyChange{Name: "x", Expires: time.UnixMilli(7), Networks: &[]string{"10.0.0.0/8"}}))
		}, `POST /v1/_keys {"expires":7,"name":"x","networks":["10.0.0.0/8"]}`, `{"id":"key_1","key":"para_x"}`, APIKey{ID: "key_1", Key: "para_x"}},
		{func(ctx context.Context, c *Client) result {
			return of(c.ChangeAPIKey(ctx, "key_1", APIKeyChange{Active: new(bool)}))
		}, `PATCH /v1/_keys/key_1 {"active":false}`, `{"id":"key_1"}`, APIKey{ID: "key_1"}},
		{func(ctx context.Context, c *Client) result {
			return of(c.RotateAPIKey(ctx, "key_1", APIKeyChange{}, time.Minute))
		}, `POST /v1/_keys/key_1/rotate {"overlap":60}`, `{"id":"key_1","key":"para_y"}`, APIKey{ID: "key_1", Key: "para_y"}},
		{func(ctx context.Context, c *Client) result { return of(nil, c.RevokeAPIKey(ctx, "key_1")) }, "DELETE /v1/_keys/key_1", "", nil},
		{func(ctx context.Context, c *Client) result {
			return of(id(c.Patch(ctx, "cat", "1", map[string]any{"foo": nil, "a": "<&>"})))
		}, `PATCH /v1/cat/1 {"a":"<&>","foo":null}`, oneObject, "1Tom"},
		{func(ctx context.Context, c *Client) result { return of(nil, c.Delete(ctx, tag)) }, "DELETE /v1/tag/tag%3Ajava", "", nil},
		{func(ctx context.Context, c *Client) result { return of(nil, c.DeleteByID(ctx, "cat", "1")) }, "DELETE /v1/cat/1", "", nil},
		{func(ctx context.Context, c *Client) result { return of(page(c.List(ctx, "my cat", nil))) }, "GET /v1/my%20cat", onePage, pageText},
		{func(ctx context.Context, c *Client) result {
			return of(page(c.List(ctx, "cat", &Pager{Page: 2, Limit: 5, SortBy: "name", LastKey: "77", Select: []string{"id", "name"}})))
		}, "GET /v1/cat?desc=true&lastKey=77&limit=5&page=2&select=id%2Cname&sort=name", onePage, pageText},
		{func(ctx context.Context, c *Client) result {
			return of(page(c.List(ctx, "cat", &Pager{Ascending: true})))
		},
			"GET /v1/cat?desc=false", onePage, pageText},

		{func(ctx context.Context, c *Client) result {
			return of(nil, c.DeleteAll(ctx, []string{"a b", "é+ü"}))
		},
			"DELETE /v1/_batch?ids=a%20b&ids=%C3%A9%2B%C3%BC", "", nil},

		{func(ctx context.Context, c *Client) result { return of(id(c.FindByID(ctx, "1"))) }, "GET /v1/search/id?id=1", onePage, "1Tom"},
		{func(ctx context.Context, c *Client) result { return of(page(c.FindByIDs(ctx, []string{"1", "2"}))) },
			"GET /v1/search/ids?ids=1&ids=2", onePage, pageText},
		{func(ctx context.Context, c *Client) result {
			return of(page(c.FindNearby(ctx, "cat", "*", 10, 40.6, -73.94, nil)))
		}, "GET /v1/cat/search/nearby?latlng=40.6%2C-73.94&q=%2A&radius=10&type=cat", onePage, pageText},
		{func(ctx context.Context, c *Client) result {
			return of(page(c.FindPrefix(ctx, "cat", "name", "to", nil)))
		},
			"GET /v1/cat/search/prefix?field=name&prefix=to&type=cat", onePage, pageText},
		{func(ctx context.Context, c *Client) result {
			return of(page(c.Find(ctx, "cat", `a+b AND c:"d e" *~`, nil)))
		},
			"GET /v1/cat/search/default?q=a%2Bb%20AND%20c%3A%22d%20e%22%20%2A~&type=cat", onePage, pageText},
		{func(ctx context.Context, c *Client) result { return of(page(c.Find(ctx, "", "", nil))) }, "GET /v1/search/default", onePage, pageText},
		{func(ctx context.Context, c *Client) result {
			return of(page(c.FindNested(ctx, "cat", "x.y", "q", nil)))
		},
			"GET /v1/cat/search/nested?field=x.y&q=q&type=cat", onePage, pageText},
		{func(ctx context.Context, c *Client) result {
			return of(page(c.FindSimilar(ctx, "cat", "9", []string{"name", "properties.text"}, "id:1", nil)))
		}, "GET /v1/cat/search/similar?fields=name&fields=properties.text&filterid=9&like=id%3A1&type=cat", onePage, pageText},
		{func(ctx context.Context, c *Client) result {
			return of(page(c.FindTagged(ctx, "cat", []string{"a", "b"}, nil)))
		},
			"GET /v1/cat/search/tagged?tags=a&tags=b&type=cat", onePage, pageText},
		{func(ctx context.Context, c *Client) result { return of(page(c.FindTags(ctx, "ja", nil))) },
			"GET /v1/tag/search/wildcard?field=tag&q=ja%2A&type=tag", onePage, pageText},
		{func(ctx context.Context, c *Client) result {
			return of(page(c.FindIn(ctx, "cat", "id", []string{"1", "2"}, nil)))
		},
			"GET /v1/cat/search/in?field=id&terms=1&terms=2&type=cat", onePage, pageText},
		{func(ctx context.Context, c *Client) result {
			return of(page(c.FindTerms(ctx, "cat", map[string]any{"age >": 2, "none": nil}, MatchAny, nil)))
		}, "GET /v1/cat/search/terms?matchall=false&terms=age%20%3E%3A2&type=cat", onePage, pageText},
		{func(ctx context.Context, c *Client) result {
			return of(page(c.FindWildcard(ctx, "cat", "name", "T*m", nil)))
		},
			"GET /v1/cat/search/wildcard?field=name&q=T%2Am&type=cat", onePage, pageText},
		{func(ctx context.Context, c *Client) result { return of(c.Count(ctx, "cat")) }, "GET /v1/cat/search/count?type=cat", onePage, int64(7)},
		{func(ctx context.Context, c *Client) result { return of(c.Count(ctx, "")) }, "GET /v1/search/count", onePage, int64(7)},
		{func(ctx context.Context, c *Client) result {
			return of(c.CountTerms(ctx, "cat", map[string]any{"a": true}))
		},
			"GET /v1/cat/search/terms?count=true&terms=a%3Atrue&type=cat", onePage, int64(7)},

		{func(ctx context.Context, c *Client) result { return of(c.Link(ctx, cat, "tag:test")) }, "POST " + path + "/links/tag%3Atest", "cat:1:tag:tag:test", "cat:1:tag:tag:test"},
		{func(ctx context.Context, c *Client) result { return of(c.IsLinked(ctx, tag, "cat", "1")) }, "GET /v1/tag/tag%3Ajava/links/cat/1", "false", false},
		{func(ctx context.Context, c *Client) result { return of(nil, c.Unlink(ctx, tag, "cat", "1")) }, "DELETE /v1/tag/tag%3Ajava/links/cat/1", "", nil},
		{func(ctx context.Context, c *Client) result { return of(nil, c.UnlinkAll(ctx, tag)) }, "DELETE /v1/tag/tag%3Ajava/links", "", nil},
		{func(ctx context.Context, c *Client) result { return of(c.CountLinks(ctx, tag, "cat")) }, "GET /v1/tag/tag%3Ajava/links/cat?count=true", onePage, int64(7)},
		{func(ctx context.Context, c *Client) result {
			return of(page(c.Links(ctx, tag, "cat", &Pager{Limit: 2})))
		},
			"GET /v1/tag/tag%3Ajava/links/cat?desc=true&limit=2", onePage, pageText},
		{func(ctx context.Context, c *Client) result {
			return of(page(c.FindLinks(ctx, tag, "cat", "name", "", nil)))
		},
			"GET /v1/tag/tag%3Ajava/links/cat?field=name&q=%2A", onePage, pageText},
		{func(ctx context.Context, c *Client) result { return of(c.CountChildren(ctx, tag, "cat")) },
			"GET /v1/tag/tag%3Ajava/links/cat?childrenonly=true&count=true", onePage, int64(7)},
		{func(ctx context.Context, c *Client) result { return of(page(c.Children(ctx, tag, "cat", nil))) },
			"GET /v1/tag/tag%3Ajava/links/cat?childrenonly=true", onePage, pageText},
		{func(ctx context.Context, c *Client) result {
			return of(page(c.ChildrenWhere(ctx, tag, "cat", "f", "t", nil)))
		},
			"GET /v1/tag/tag%3Ajava/links/cat?childrenonly=true&field=f&term=t", onePage, pageText},
		{func(ctx context.Context, c *Client) result {
			return of(page(c.FindChildren(ctx, tag, "cat", "a:b", nil)))
		},
			"GET /v1/tag/tag%3Ajava/links/cat?childrenonly=true&q=a%3Ab", onePage, pageText},
		{func(ctx context.Context, c *Client) result { return of(nil, c.DeleteChildren(ctx, tag, "cat")) },
			"DELETE /v1/tag/tag%3Ajava/links/cat?childrenonly=true", "", nil},

		{func(ctx context.Context, c *Client) result { return of(c.NewID(ctx)) }, "GET /v1/utils/newid", "123", "123"},
		{func(ctx context.Context, c *Client) result { return of(c.Timestamp(ctx)) }, "GET /v1/utils/timestamp", "1767323045123", time.UnixMilli(1767323045123)},
		{func(ctx context.Context, c *Client) result { return of(c.FormatDate(ctx, "MM yyyy", "en_US")) },
			"GET /v1/utils/formatdate?format=MM%20yyyy&locale=en_US", "01 2026", "01 2026"},
		{func(ctx context.Context, c *Client) result { return of(c.FormatMessage(ctx, "{0} {1}", "a", "b")) },
			"GET /v1/utils/formatmessage?fields=a&fields=b&message=%7B0%7D%20%7B1%7D", "a b", "a b"},
		{func(ctx context.Context, c *Client) result { return of(c.NoSpaces(ctx, " test ", "")) }, "GET /v1/utils/nospaces?replacement=&string=%20test%20", "test", "test"},
		{func(ctx context.Context, c *Client) result { return of(c.StripAndTrim(ctx, "%^&*( cool )")) },
			"GET /v1/utils/nosymbols?string=%25%5E%26%2A%28%20cool%20%29", "cool", "cool"},
		{func(ctx context.Context, c *Client) result { return of(c.MarkdownToHTML(ctx, "**a**")) },
			"GET /v1/utils/md2html?md=%2A%2Aa%2A%2A", "<p><strong>a</strong></p>\n", "<p><strong>a</strong></p>\n"},
		{func(ctx context.Context, c *Client) result { return of(c.Approximately(ctx, 15*time.Second)) }, "GET /v1/utils/timeago?delta=15000", "15s", "15s"},

		{func(ctx context.Context, c *Client) result { return of(c.VoteUp(ctx, tag, "u1", nil)) }, `PATCH /v1/tag/tag%3Ajava {"_voteup":"u1"}`, "true", true},
		{func(ctx context.Context, c *Client) result {
			return of(c.VoteDown(ctx, tag, "u1", &VoteWindow{ExpiresAfter: 10 * time.Second, LockedAfter: 20 * time.Second}))
		}, `PATCH /v1/tag/tag%3Ajava {"_vote_expires_after":10,"_vote_locked_after":20,"_votedown":"u1"}`, "false", false},

		{func(ctx context.Context, c *Client) result { return of(c.ServerVersion(ctx)) }, "GET /v1/", `{"info":"Para","version":"1.54.8"}`, "1.54.8"},
		{func(ctx context.Context, c *Client) result {
			o, err := c.App(ctx)
			return of(id(o, err))
		}, "GET /v1/_me", `{"id":"app:myapp","type":"app","name":"x"}`, "app:myappx"},
		{func(ctx context.Context, c *Client) result {
			p, err := c.Me(ctx)
			if err != nil {
				return of(nil, err)
			}
			return of(fmt.Sprintf("%t %s", p.App == nil, p.User.ID()), nil)
		}, "GET /v1/_me", `{"id":"u1","type":"user"}`, "true u1"},
		{func(ctx context.Context, c *Client) result {
			m, err := c.Types(ctx)
			return of(m["cats"], err)
		}, "GET /v1/_types", `{"cats":"cat"}`, "cat"},
		{func(ctx context.Context, c *Client) result {
			m, err := c.TypeCounts(ctx)
			return of(m["cat"], err)
		}, "GET /v1/_types?count=true", `{"cat":5}`, int64(5)},
		{func(ctx context.Context, c *Client) result {
			k, err := c.SetupApp(ctx, "my app", NewApp{Name: "N", CreatorID: "u", SharedIndex: true, SharedTable: true})
			if err != nil {
				return of(nil, err)
			}
			return of(*k, nil)
		}, "GET /v1/_setup/my%20app?creatorid=u&name=N&sharedIndex=true&sharedTable=true", `{"accessKey":"app:x","secretKey":"s","message":"m"}`, Keys{"app:x", "s", "m"}},
		{func(ctx context.Context, c *Client) result {
			k, err := c.Setup(ctx)
			if err != nil {
				return of(nil, err)
			}
			return of(*k, nil)
		}, "GET /v1/_setup", `{"message":"All set!"}`, Keys{Message: "All set!"}},
		{func(ctx context.Context, c *Client) result { return of(nil, c.DeleteApp(ctx, "app:x")) }, "DELETE /v1/app/app%3Ax", "", nil},
		{func(ctx context.Context, c *Client) result {
			r, err := c.RebuildIndex(ctx, "idx")
			if err != nil {
				return of(nil, err)
			}
			return of(*r, nil)
		}, "POST /v1/_reindex?destinationIndex=idx", `{"reindexed":154,"tookMillis":365}`, Reindexed{Objects: 154, Took: 365 * time.Millisecond}},
		{func(ctx context.Context, c *Client) result {
			r, err := c.RebuildIndexOf(ctx, "x")
			if err != nil {
				return of(nil, err)
			}
			return of(*r, nil)
		}, "POST /v1/_reindex?app=x", `{"reindexed":5,"tookMillis":1,"skipped":2,"problems":["object a","object b"]}`,
			Reindexed{Objects: 5, Took: time.Millisecond, Skipped: 2, Problems: []string{"object a", "object b"}}},
		{func(ctx context.Context, c *Client) result { return of(nil, c.Health(ctx)) }, "GET /v1/_health", `{"message":"healthy"}`, nil},
		{func(ctx context.Context, c *Client) result { return of(c.ConfigOptions(ctx, "hocon")) }, "GET /v1/_config/options?format=hocon", "# x", "# x"},
		{func(ctx context.Context, c *Client) result {
			return of(nil, c.SendEmail(ctx, Mail{To: []string{"a@b.cc"}, Subject: "s", From: "f@b.cc", SenderName: "n", Message: "m"}))
		}, `POST /v1/_emails {"email":"f@b.cc","markdownEnabled":false,"message":"m","name":"n","plaintextOnly":true,"subject":"s","toEmails":["a@b.cc"]}`, "", nil},

		{func(ctx context.Context, c *Client) result {
			m, err := c.Settings(ctx)
			return of(fmt.Sprint(m["n"]), err)
		}, "GET /v1/_settings", `{"n":12345678901234567890}`, "12345678901234567890"},
		{func(ctx context.Context, c *Client) result {
			var v int
			ok, err := c.Setting(ctx, "a b", &v)
			return of(fmt.Sprint(ok, v), err)
		}, "GET /v1/_settings/a%20b", `{"value":5}`, "true 5"},
		{func(ctx context.Context, c *Client) result {
			var v any
			ok, err := c.Setting(ctx, "x", &v)
			return of(ok, err)
		}, "GET /v1/_settings/x", `{}`, false},
		{func(ctx context.Context, c *Client) result { return of(nil, c.SetSetting(ctx, "x", []int{1})) }, `PUT /v1/_settings/x {"value":[1]}`, "", nil},
		{func(ctx context.Context, c *Client) result { return of(nil, c.ReplaceSettings(ctx, nil)) }, `PUT /v1/_settings {}`, "", nil},
		{func(ctx context.Context, c *Client) result { return of(nil, c.DeleteSetting(ctx, "x")) }, `DELETE /v1/_settings/x`, "", nil},

		{func(ctx context.Context, c *Client) result {
			m, err := c.Constraints(ctx, "")
			return of(fmt.Sprint(m["cat"]["name"]["max"]["value"]), err)
		}, "GET /v1/_constraints", `{"cat":{"name":{"max":{"value":5}}}}`, "5"},
		{func(ctx context.Context, c *Client) result {
			_, err := c.AddConstraint(ctx, "my cat", "a.b", Size(1, 5))
			return of(nil, err)
		}, `PUT /v1/_constraints/my%20cat/a.b/size {"max":5,"message":"messages.size","min":1}`, `{}`, nil},
		{func(ctx context.Context, c *Client) result {
			_, err := c.AddConstraint(ctx, "cat", "x", Constraint{Name: "required"})
			return of(nil, err)
		}, `PUT /v1/_constraints/cat/x/required {}`, `{}`, nil},
		{func(ctx context.Context, c *Client) result {
			_, err := c.RemoveConstraint(ctx, "cat", "x", "required")
			return of(nil, err)
		}, `DELETE /v1/_constraints/cat/x/required`, `{}`, nil},

		{func(ctx context.Context, c *Client) result {
			m, err := c.Permissions(ctx, "")
			return of(strings.Join(m["u1"]["cat"], ","), err)
		}, "GET /v1/_permissions", `{"u1":{"cat":["GET","OWN"]}}`, "GET,OWN"},
		{func(ctx context.Context, c *Client) result {
			_, err := c.Grant(ctx, AllSubjects, "utils/timestamp", AllowGet, AllowGuests)
			return of(nil, err)
		}, `PUT /v1/_permissions/%2A/dXRpbHMvdGltZXN0YW1w ["GET","?"]`, `{}`, nil},
		{func(ctx context.Context, c *Client) result {
			_, err := c.Revoke(ctx, "u1", "a?b>c~")
			return of(nil, err)
		}, `DELETE /v1/_permissions/u1/YT9iPmN-`, `{}`, nil},
		{func(ctx context.Context, c *Client) result {
			_, err := c.RevokeAll(ctx, "u1")
			return of(nil, err)
		}, `DELETE /v1/_permissions/u1`, `{}`, nil},
		{func(ctx context.Context, c *Client) result { return of(c.IsAllowed(ctx, "u1", "todo", "GET")) }, "GET /v1/_permissions/u1/dG9kbw/GET", "true", true},
	}
	var text string
	s := newServer(t, func(_ int, e exchange, w http.ResponseWriter) { w.Write([]byte(text)) })
	c := s.client(t)
	for _, test := range tests {
		text = test.answer
		r := test.do(t.Context(), c)
		if got := s.lines(); len(got) != 1 || got[0] != test.want {
			t.Errorf("sent %q\nwant %q (%v)", got, test.want, r.err)
			continue
		}
		if r.err != nil || !reflect.DeepEqual(r.value, test.value) {
			t.Errorf("%s: %#v, %v", test.want, r.value, r.err)
		}
	}
}

func TestCreateAndUpdate(t *testing.T) {
	s := newServer(t, func(_ int, e exchange, w http.ResponseWriter) { w.Write([]byte(e.body)) })
	c := s.client(t)
	for _, test := range []struct {
		do   func(context.Context, *para.Object) (*para.Object, error)
		o    *para.Object
		want string
	}{
		{c.Create, object(t, "my cat", "", map[string]any{"name": "Grüße"}), "POST /v1/my%20cat"},
		{c.Create, object(t, "cat", "1", nil), "PUT /v1/cat/1"},
		{c.Update, object(t, "cat", "1", map[string]any{"foo": "ü<b>"}), "PATCH /v1/cat/1"},
	} {
		got, err := test.do(t.Context(), test.o)
		if err != nil || got.ID() != test.o.ID() || got.Name() != test.o.Name() {
			t.Errorf("%s: %v", test.want, err)
		}
		if line := s.lines(); len(line) != 1 || !strings.HasPrefix(line[0], test.want+" {") || strings.HasSuffix(line[0], "\n") {
			t.Errorf("%q", line)
		}
	}
}

// Types of the program instead of objects.
type Kitten struct {
	ID      string `json:"id,omitempty"`
	Type    string `json:"type,omitempty"`
	Name    string `json:"name"`
	Version int64  `json:"version,omitempty"`
}

type namedType struct {
	ID string `json:"id"`
}

func (namedType) ParaType() string { return "my type" }

func TestOwnTypes(t *testing.T) {
	s := newServer(t, func(_ int, e exchange, w http.ResponseWriter) {
		switch {
		case strings.Contains(e.target, "search"), e.target == "/v1/kitten":
			if e.method == "GET" {
				w.Write([]byte(onePage))
				return
			}
			w.Write([]byte(`{"id":"9","type":"kitten","name":"Tom"}`))
		case strings.Contains(e.target, "_batch"):
			w.Write([]byte(`[{"id":"9","type":"kitten","name":"Tom"}]`))
		default:
			w.Write([]byte(`{"id":"9","type":"kitten","name":"Tom"}`))
		}
	})
	c, ctx := s.client(t), t.Context()
	k, err := CreateAs(ctx, c, Kitten{Name: "Tom"})
	if err != nil || k.ID != "9" {
		t.Error(k, err)
	}
	p, err := CreateAs(ctx, c, &Kitten{ID: "9", Type: "pet"})
	if err != nil || p.ID != "9" {
		t.Error(p, err)
	}
	if _, err := UpdateAs(ctx, c, namedType{"5"}); err != nil {
		t.Error(err)
	}
	if k, err := ReadAs[Kitten](ctx, c, "kitten", "9"); err != nil || k.Name != "Tom" {
		t.Error(k, err)
	}
	if k, err := GetAs[*Kitten](ctx, c, "9"); err != nil || k.Name != "Tom" {
		t.Error(k, err)
	}
	if l, err := ListAs[Kitten](ctx, c, "kitten", nil); err != nil || l.Items[0].Name != "Tom" || l.LastKey != "77" {
		t.Error(l, err)
	}
	if l, err := FindAs[Kitten](ctx, c, "kitten", "x", nil); err != nil || l.Items[0].Name != "Tom" {
		t.Error(l, err)
	}
	if l, err := ReadAllAs[Kitten](ctx, c, []string{"9"}); err != nil || l[0].Name != "Tom" {
		t.Error(l, err)
	}
	if l, err := CreateAllAs(ctx, c, []Kitten{{Name: "Tom", Type: "kitten"}}); err != nil || l[0].ID != "9" {
		t.Error(l, err)
	}
	if l, err := UpdateAllAs(ctx, c, []Kitten{{ID: "9", Type: "kitten"}}); err != nil || l[0].ID != "9" {
		t.Error(l, err)
	}
	want := []string{`POST /v1/kitten {"name":"Tom"}`, `PUT /v1/pet/9 {"id":"9","type":"pet","name":""}`, `PATCH /v1/my%20type/5 {"id":"5"}`,
		"GET /v1/kitten/9", "GET /v1/_id/9", "GET /v1/kitten", "GET /v1/kitten/search/default?q=x&type=kitten", "GET /v1/_batch?ids=9",
		`POST /v1/_batch [{"type":"kitten","name":"Tom"}]`, `PATCH /v1/_batch [{"id":"9","type":"kitten","name":""}]`}
	if got := s.lines(); strings.Join(got, "\n") != strings.Join(want, "\n") {
		t.Errorf("%q", got)
	}
}

// What cannot be asked is an error without a request.
func TestGuards(t *testing.T) {
	s := newServer(t, replies("{}"))
	c, ctx := s.client(t), t.Context()
	noID := para.New("cat")
	for i, err := range []error{
		second(c.Create(ctx, nil)), second(c.Create(ctx, para.New(""))), second(c.Update(ctx, noID)), second(c.Read(ctx, "", "1")),
		second(c.Read(ctx, "cat", "")), second(c.Get(ctx, "")), second(c.Patch(ctx, "cat", "", nil)), c.Delete(ctx, noID), c.Delete(ctx, nil),
		c.DeleteByID(ctx, "", ""), second(c.List(ctx, "", nil)), second(c.FindTerms(ctx, "cat", map[string]any{"a": nil}, MatchAll, nil)),
		second(c.Link(ctx, noID, "x")), second(c.Link(ctx, object(t, "a", "b", nil), "")), c.UnlinkAll(ctx, nil),
		second(c.VoteUp(ctx, object(t, "a", "b", nil), "", nil)), second(c.SetupApp(ctx, "", NewApp{})), c.SetSetting(ctx, "", 1),
		second(c.APIKey(ctx, "")), second(c.ChangeAPIKey(ctx, "", APIKeyChange{})), second(c.RotateAPIKey(ctx, "", APIKeyChange{}, 0)), c.RevokeAPIKey(ctx, ""),
		c.DeleteSetting(ctx, ""), second(c.AddConstraint(ctx, "a", "", Required())), second(c.Grant(ctx, "u", "p")),
		second(c.Grant(ctx, "", "p", AllowGet)), second(c.Revoke(ctx, "u", "")), second(c.RevokeAll(ctx, "")),
		second(c.IsAllowed(ctx, "u", "", "GET")), second(c.SignIn(ctx, "password", "")), second(c.Refresh(ctx)), c.RevokeAllTokens(ctx),
		second(CreateAs(ctx, c, map[string]any{"a": 1})), second(CreateAs(ctx, c, 5)), second(CreateAs[*Kitten](ctx, c, nil)),
	} {
		if err == nil {
			t.Errorf("call %d was sent", i)
		}
	}
	if n, err := c.CountTerms(ctx, "cat", nil); n != 0 || err != nil {
		t.Error(n, err)
	}
	if l, err := c.ReadAll(ctx, nil); l != nil || err != nil {
		t.Error(l, err)
	}
	if l, err := c.CreateAll(ctx, nil); l != nil || err != nil {
		t.Error(l, err)
	}
	if err := c.DeleteAll(ctx, nil); err != nil {
		t.Error(err)
	}
	if got := s.lines(); len(got) != 0 {
		t.Errorf("%q", got)
	}
}

func second[T any](_ T, err error) error { return err }

func TestMissingObjects(t *testing.T) {
	s := newServer(t, func(_ int, e exchange, w http.ResponseWriter) {
		if strings.Contains(e.target, "search") {
			w.Write([]byte(`{"items":[],"page":0,"totalHits":0}`))
			return
		}
		refuse(w, 404, "Not Found")
	})
	c, ctx := s.client(t), t.Context()
	if ok, err := c.Exists(ctx, "cat", "1"); ok || err != nil {
		t.Error(ok, err)
	}
	if _, err := c.Read(ctx, "cat", "1"); !errors.Is(err, ErrNotFound) {
		t.Error(err)
	}
	if _, err := c.FindByID(ctx, "1"); !errors.Is(err, ErrNotFound) {
		t.Error(err)
	}
}

func TestBatches(t *testing.T) {
	var answers []string
	s := newServer(t, func(n int, e exchange, w http.ResponseWriter) {
		if len(answers) > 0 {
			w.Write([]byte(answers[0]))
			answers = answers[1:]
			return
		}
		w.Write([]byte("[]"))
	})
	ctx := t.Context()
	ids := make([]string, 450)
	for i := range ids {
		ids[i] = fmt.Sprint(i)
	}
	count := func(c *Client) (read, del int) {
		if _, err := c.ReadAll(ctx, ids); err != nil {
			t.Error(err)
		}
		read = len(s.lines())
		if err := c.DeleteAll(ctx, ids); err != nil {
			t.Error(err)
		}
		return read, len(s.lines())
	}
	if read, del := count(s.client(t)); read != 3 || del != 5 {
		t.Error(read, del)
	}
	small := s.client(t, func(o *Options) { o.ChunkSize = 2 })
	if read, del := count(small); read != 225 || del != 225 {
		t.Error(read, del)
	}

	// The answer lacks two elements with ids and one without.
	answers = []string{`[{"id":"1","type":"cat"},{"id":"tag:x","type":"tag"}]`, `[{"id":"777","type":"cat"}]`, `[{"id":"5","type":"cat"}]`}
	list := []*para.Object{object(t, "cat", "1", nil), object(t, "tag", "x", nil), object(t, "cat", "2", nil), object(t, "cat", "", nil),
		object(t, "cat", "5", nil), object(t, "cat", "", nil)}
	stored, err := small.CreateAll(ctx, list)
	var b *BatchError
	if !errors.As(err, &b) || fmt.Sprint(b.Missing, b.Unnamed) != "[2] 1" || len(stored) != 4 || stored[3].ID() != "5" {
		t.Error(stored, err)
	}
	if got := s.lines(); len(got) != 3 || !strings.HasPrefix(got[0], "POST /v1/_batch [{") {
		t.Errorf("%q", got)
	}

	answers = []string{`[{"id":"1"},{"id":"1"}]`}
	if _, err := s.client(t).PatchAll(ctx, []map[string]any{{"id": 1, "a": nil}, {"id": "1", "a": 2}}); err != nil {
		t.Error(err)
	}
	if got := s.lines(); len(got) != 1 || got[0] != `PATCH /v1/_batch [{"a":null,"id":1},{"a":2,"id":"1"}]` {
		t.Errorf("%q", got)
	}
	answers = []string{`[]`}
	if _, err := s.client(t).UpdateAll(ctx, []*para.Object{object(t, "cat", "1", nil)}); !errors.As(err, &b) || len(b.Missing) != 1 {
		t.Error(err)
	}
}

func TestIteration(t *testing.T) {
	pages := map[string]string{
		"":  `{"items":[{"id":"1","type":"cat"},{"id":"2","type":"cat"}],"totalHits":4,"lastKey":"2"}`,
		"2": `{"items":[],"totalHits":4,"lastKey":"4"}`,
		"4": `{"items":[{"id":"5","type":"cat"}],"totalHits":4,"lastKey":"5"}`,
		"5": `{"items":[],"totalHits":4,"lastKey":"5"}`,
	}
	s := newServer(t, func(_ int, e exchange, w http.ResponseWriter) {
		if e.method == "PATCH" {
			w.Write([]byte(strings.ReplaceAll(e.body, `"seen":true,`, "")))
			return
		}
		_, key, _ := strings.Cut(e.target, "lastKey=")
		key, _, _ = strings.Cut(key, "&")
		w.Write([]byte(pages[key]))
	})
	c, ctx := s.client(t), t.Context()
	var ids []string
	for o, err := range c.All(ctx, "cat", "") {
		if err != nil {
			t.Fatal(err)
		}
		ids = append(ids, o.ID())
	}
	if got := s.lines(); fmt.Sprint(ids) != "[1 2 5]" || len(got) != 4 ||
		got[1] != "GET /v1/cat/search/default?desc=false&lastKey=2&limit=100&page=1&sort=_docid&type=cat" {
		t.Errorf("%v %q", ids, got)
	}
	for range c.All(ctx, "cat", "") {
		break
	}
	if got := s.lines(); len(got) != 1 {
		t.Errorf("%q", got)
	}

	n, err := PatchEverything(ctx, c, func(ctx context.Context, p *Pager) (*Page[*para.Object], error) { return c.List(ctx, "cat", p) },
		func(o *para.Object) map[string]any {
			if o.ID() == "2" {
				return nil
			}
			return map[string]any{"id": o.ID(), "seen": true}
		}, 1)
	if got := s.lines(); n != 2 || err != nil || len(got) != 6 || got[4] != `PATCH /v1/_batch [{"id":"1","seen":true}]` || got[5] != `PATCH /v1/_batch [{"id":"5","seen":true}]` {
		t.Errorf("%d %v %q", n, err, got)
	}
	s.mu.Lock()
	s.answer = func(_ int, e exchange, w http.ResponseWriter) { refuse(w, 400, "no") }
	s.mu.Unlock()
	failures := 0
	for _, err := range c.All(ctx, "cat", "") {
		if !errors.Is(err, ErrBadRequest) {
			t.Error(err)
		}
		failures++
	}
	if failures != 1 {
		t.Error(failures)
	}
}
