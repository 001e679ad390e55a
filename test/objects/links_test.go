package objects

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
)

// Links run in both directions, whatever the case of the types and the characters of the ids (O 11.1, D38, D39).
func TestLinks(t *testing.T) {
	a := newApp(t)
	odd := "u/1 x"
	for typ, id := range map[string]string{"cat": "c1", "dog": "d1", "Bird": "b1", "fish": odd} {
		a.want(t, http.StatusOK, "PUT", "/v1/"+typ+"/"+segment(id), fmt.Sprintf(`{"name":%q}`, id))
	}
	a.want(t, http.StatusOK, "PUT", "/v1/cat/c2", `{}`)
	for target, id := range map[string]string{
		"/v1/dog/d1/links/c1": "cat:c1:dog:d1", "/v1/cat/c1/links/b1": "Bird:b1:cat:c1", "/v1/cat/c1/links/" + segment(odd): "cat:c1:fish:" + odd,
		"/v1/cat/c1/links/c2": "cat:c1:cat:c2",
	} {
		if status, text := a.Send(t, "POST", target, ""); status != http.StatusOK || text != id {
			t.Errorf("%s: %d %q, want %q", target, status, text, id)
		}
	}
	for target, want := range map[string]string{
		"/v1/cat/c1/links/dogs": "d1", "/v1/dog/d1/links/cats": "c1", "/v1/Bird/b1/links/cat": "c1", "/v1/cat/c1/links/fish": odd,
		"/v1/cat/c1/links/cat": "c2", "/v1/cat/c2/links/cat": "c1",
		"/v1/dog/d1/links/cat?field=name&q=c1": "c1", "/v1/dog/d1/links/cat?field=name&q=d1": "", "/v1/cat/c1/links/dog?q=*": "d1",
	} {
		if got, total := a.ids(t, target); got != want || total == 0 && want != "" {
			t.Errorf("%s: %q of %v, want %q", target, got, total, want)
		}
	}
	a.want(t, http.StatusBadRequest, "GET", "/v1/dog/d1/links/cat?q=(", "")
	a.want(t, http.StatusBadRequest, "POST", "/v1/cat/c1/links/nobody", "")
	a.want(t, http.StatusNotFound, "POST", "/v1/cat/nobody/links/c1", "")

	// A change shows at once; the copies in the link are never what is searched.
	a.want(t, http.StatusOK, "PATCH", "/v1/cat/c1", `{"name":"renamed"}`)
	if got, _ := a.ids(t, "/v1/dog/d1/links/cat?field=name&q=renamed"); got != "c1" {
		t.Errorf("found %q by the new name", got)
	}

	// Both orders of a link go together, and so do all links with a type.
	a.want(t, http.StatusOK, "POST", "/v1/cat/c2/links/c1", "")
	if got, _ := a.ids(t, "/v1/cat/c1/links/cat"); got != "c2" {
		t.Errorf("partners %q", got)
	}
	a.want(t, http.StatusOK, "DELETE", "/v1/cat/c1/links/cat/c2", "")
	a.want(t, http.StatusOK, "DELETE", "/v1/cat/c1/links/dogs", "")
	for target, want := range map[string]string{"/v1/cat/c1/links/cat": "", "/v1/cat/c2/links/cat": "", "/v1/cat/c1/links/dog": "", "/v1/cat/c1/links/Bird": "b1"} {
		if got, _ := a.ids(t, target); got != want {
			t.Errorf("%s: %q, want %q", target, got, want)
		}
	}
	a.want(t, http.StatusOK, "DELETE", "/v1/cat/c1/links", "")
	if got, _ := a.ids(t, "/v1/fish/"+segment(odd)+"/links/cat"); got != "" {
		t.Errorf("%q is still linked", got)
	}
}

// What is removed is removed to the end, beyond every page (D41).
func TestManyLinksAndChildren(t *testing.T) {
	a := newApp(t)
	const n = 600
	a.want(t, http.StatusCreated, "POST", "/v1/tag", `{"tag":"x"}`)
	var objects, links []string
	for i := range n {
		objects = append(objects, fmt.Sprintf(`{"id":"t%d","type":"thing","parentid":"tag:x"}`, i))
		links = append(links, fmt.Sprintf(`{"id":"tag:tag:x:thing:t%d","type":"linker","name":"tag:thing","id1":"tag:x","type1":"tag","id2":"t%d","type2":"thing"}`, i, i))
	}
	a.want(t, http.StatusOK, "POST", "/v1/_batch", "["+strings.Join(objects, ",")+"]")
	a.want(t, http.StatusOK, "POST", "/v1/_batch", "["+strings.Join(links, ",")+"]")
	const of = "/v1/tag/x/links/things"
	for target, want := range map[string]float64{
		of + "?count": n, of + "?childrenonly&count": n, of + "?childrenonly=&q=id:t5": 1, of + "?childrenonly&q=id:t5%20OR%20id:t6%20OR%20id:x": 2,
		of + "?childrenonly&field=id&term=t7": 1, of + "?childrenonly&q=": n, of + "?childrenonly&q=*": n,
	} {
		if _, total := a.ids(t, target); total != want {
			t.Errorf("%s: %v, want %v", target, total, want)
		}
	}
	a.want(t, http.StatusBadRequest, "GET", of+"?childrenonly&q=(", "")
	a.want(t, http.StatusOK, "DELETE", of, "")
	if _, total := a.ids(t, of+"?count"); total != 0 {
		t.Errorf("%v links are left", total)
	}
	if _, total := a.ids(t, "/v1/thing"); total != n {
		t.Errorf("%v objects are left of %d that were unlinked", total, n)
	}
	a.want(t, http.StatusOK, "DELETE", of+"?childrenonly", "")
	if _, total := a.ids(t, "/v1/thing"); total != 0 {
		t.Errorf("%v children are left", total)
	}
}

// Votes: who, how often, with which body (O 12, R 14, D37).
func TestVotes(t *testing.T) {
	a := newApp(t)
	a.want(t, http.StatusOK, "PUT", "/v1/post/p", `{"creatorid":"author","a":1}`)
	for _, v := range []struct {
		body   string
		status int
		answer string
		votes  float64
	}{
		{`{"_voteup":"author"}`, 200, "false", 0},
		{`{"_voteup":"p"}`, 200, "false", 0},
		{`{"_voteup":"x","a":2,"votes":7}`, 200, "true", 1},
		{`{"_voteup":"x"}`, 200, "false", 1},
		{`{"_votedown":"x"}`, 200, "true", 0},
		{`{"_votedown":"x"}`, 200, "true", -1},
		{`{"_voteup":"y","_votedown":"y"}`, 200, "true", 0},
		{`{"_voteup":" ","_votedown":"z"}`, 200, "true", -1},
		{`{"_voteup":null}`, 200, "false", -1},
		{`{"_voteup":"w","_vote_expires_after":null}`, 200, "true", 0},
		{`{"_voteup":5}`, 400, "", 0},
		{`{"_voteup":"n","_vote_expires_after":"5"}`, 400, "", 0},
		{`{"_voteup":"n","_vote_locked_after":2147483648}`, 400, "", 0},
		{`{"_voteup":"n","_vote_locked_after":1.5}`, 400, "", 0},
	} {
		status, text := a.Send(t, "PATCH", "/v1/post/p", v.body)
		if status != v.status || v.answer != "" && text != v.answer {
			t.Errorf("%s: %d %s, want %d %s", v.body, status, text, v.status, v.answer)
		}
		if o := a.object(t, http.StatusOK, "GET", "/v1/post/p", ""); o["votes"] != v.votes || o["a"] != 1.0 {
			t.Errorf("after %s: %v votes, a is %v", v.body, o["votes"], o["a"])
		}
	}
	a.want(t, http.StatusNotFound, "PATCH", "/v1/post/nothing", `{"_voteup":"x"}`)
}
