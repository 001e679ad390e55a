// Package clients walks through what shipped applications and clients do on the wire (K).
package clients

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"reflect"
	"strings"
	"testing"

	"golang.org/x/crypto/bcrypt"

	"github.com/erudika/para-go/client"
	"github.com/erudika/para-go/internal/servertest"
)

type members = map[string]any

// scoold is an application with its keys.
type scoold struct {
	*testing.T
	*servertest.App
}

// do sends a request and returns its answer.
func (s scoold) do(method, path string, body any) string {
	s.Helper()
	path, query, _ := strings.Cut(path, "?")
	q, err := url.ParseQuery(query)
	if err != nil {
		s.Fatal(err)
	}
	var out string
	if err := s.Do(s.Context(), method, path, q, body, &out); err != nil {
		s.Fatalf("%s %s: %v", method, path, err)
	}
	return out
}

// get reads an object, or the answer of a search.
func (s scoold) get(path string) (m members) {
	s.Helper()
	if err := json.Unmarshal([]byte(s.do("GET", path, nil)), &m); err != nil {
		s.Fatalf("%s: %v", path, err)
	}
	return m
}

// ids returns the ids of a list or of a page, in their order.
func (s scoold) ids(path string) string {
	s.Helper()
	var list []members
	text := s.do("GET", path, nil)
	if strings.HasPrefix(text, "{") {
		var page struct{ Items []members }
		if err := json.Unmarshal([]byte(text), &page); err != nil {
			s.Fatal(err)
		}
		list = page.Items
	} else if err := json.Unmarshal([]byte(text), &list); err != nil {
		s.Fatal(err)
	}
	var ids []string
	for _, m := range list {
		ids = append(ids, fmt.Sprint(m["id"]))
	}
	return strings.Join(ids, " ")
}

func (s scoold) want(what string, got, want any) {
	s.Helper()
	if !reflect.DeepEqual(got, want) {
		s.Errorf("%s: %v, want %v", what, got, want)
	}
}

func (s scoold) missing(path string) {
	s.Helper()
	if err := s.Do(s.Context(), "GET", path, nil, nil, nil); !errors.Is(err, client.ErrNotFound) {
		s.Errorf("GET %s: %v", path, err)
	}
}

func (s scoold) signIn(token string) (*client.Session, error) {
	return s.SignIn(s.Context(), "password", token)
}

// scooldSettings are the 87 settings that Scoold writes at its start, 21 of them null (K 1.11.3).
func scooldSettings() members {
	all := members{"ms_tenant_id": "", "app_secret_key": strings.Repeat("s", 40), "security.allow_unverified_emails": false, "security.one_session_per_user": true,
		"session_timeout": 86400, "signin_success": "http://localhost:8000/signin/success?jwt=id", "signin_failure": "http://localhost:8000/signin?code=3&error=true"}
	for _, p := range strings.Fields("gp fb gh in tw ms sl az") {
		all[p+"_app_id"], all[p+"_secret"] = "", ""
	}
	for _, alias := range []string{"", "second", "third"} {
		all["oa2"+alias+"_app_id"], all["oa2"+alias+"_secret"] = "", ""
		for _, key := range strings.Fields("token_url profile_url scope accept_header") {
			all["security.oauth"+alias+"."+key] = ""
		}
		for _, key := range strings.Fields("parameters.id parameters.name parameters.given_name parameters.family_name parameters.email parameters.picture domain") {
			all["security.oauth"+alias+"."+key] = nil
		}
		for _, key := range strings.Fields("download_avatars token_delegation_enabled send_scope_to_token_endpoint") {
			all["security.oauth"+alias+"."+key] = key == "send_scope_to_token_endpoint"
		}
	}
	for _, key := range strings.Fields("server_url base_dn bind_dn bind_pass user_search_base user_search_filter user_dn_pattern password_attribute username_as_name " +
		"ad_mode_enabled active_directory_domain mods_group_node admins_group_node displayname_attribute token_delegation_enabled compare_passwords") {
		all["security.ldap."+key] = ""
	}
	return all
}

// K 1.11.2, Q1: how Scoold sets itself up on a fresh server, with the key of the root app that it found in its file.
func startScoold(t *testing.T, server *servertest.Server) scoold {
	t.Helper()
	ctx := t.Context()
	if at, err := server.Root.Timestamp(ctx); err != nil || at.UnixMilli() <= 0 {
		t.Fatalf("timestamp: %v %v", at, err)
	}
	if n, err := server.Root.Count(ctx, "app"); err != nil || n != 1 {
		t.Fatalf("%d apps, %v", n, err)
	}
	if _, err := server.Root.Get(ctx, "app:scoold"); !errors.Is(err, client.ErrNotFound) {
		t.Fatalf("app:scoold before it is made: %v", err)
	}
	s := scoold{t, server.NewApp(t, "scoold")}
	settings := scooldSettings()
	if len(settings) != 87 {
		t.Fatalf("%d settings", len(settings))
	}
	s.want("PUT _settings", s.do("PUT", "_settings", settings), "")
	for key, value := range settings {
		if value == nil {
			delete(settings, key)
		}
	}
	got, err := s.Settings(ctx)
	if err != nil {
		t.Fatal(err)
	}
	s.want("number of settings", len(got), 66)
	s.want("settings", fmt.Sprint(got), fmt.Sprint(settings))
	if n, err := s.Count(ctx, "user"); err != nil || n != 0 {
		t.Fatalf("%d users, %v", n, err)
	}
	for _, id := range []string{"theme:custom", "api_keys", "language:en", "template:about"} {
		s.missing("_id/" + url.PathEscape(id))
	}
	s.want("spaces", s.ids("scooldspace/search/default?q=*&type=scooldspace"), "")
	s.want("subscribers", s.do("GET", "_batch?ids=email-alerts:new_post_subscribers&ids=email-alerts:new_reply_subscribers", nil), "[]")
	return s
}

// Q1-Q4, Q14, Q15: registration, sign-in, profile, another password, another address.
func TestScooldPeople(t *testing.T) {
	s := startScoold(t, servertest.Start(t))
	const jane = "jane@example.com:Jane:secret123"
	if _, err := s.signIn(jane); err == nil {
		t.Fatal("a sign-up that needs verification signs in")
	}
	record := s.get("_id/jane@example.com")
	uid := fmt.Sprint(record["creatorid"])
	s.want("the identity record", fmt.Sprint(record["type"], strings.HasPrefix(fmt.Sprint(record["password"]), "$2")), "sysproptrue")
	s.want("the new user", s.get("user/" + uid)["active"], false)
	s.do("PATCH", "sysprop/jane@example.com", members{"etoken": "e-token", "confirmationTimestamp": 1767323045000})
	s.do("PATCH", "user/"+uid, members{"active": true})
	first, err := s.signIn(jane)
	if err != nil {
		t.Fatal(err)
	}
	record = s.get("_id/jane@example.com")
	s.want("what Scoold keeps in the record", fmt.Sprint(record["etoken"], " ", int64(record["confirmationTimestamp"].(float64))), "e-token 1767323045000")

	s.do("PUT", "profile/"+url.PathEscape(uid+":profile"), members{"id": uid + ":profile", "type": "profile", "creatorid": uid, "name": "Jane Doe", "originalName": "Jane",
		"location": "Berlin", "aboutme": "likes tea", "groups": "users", "spaces": []string{"scooldspace:default", "scooldspace:x:X"}, "favtags": []string{"java"}, "favtagsEmailsEnabled": true})
	s.want("user and profile", s.ids("_batch?ids="+uid+"&ids="+uid+":profile"), uid+" "+uid+":profile")
	for _, q := range []string{
		`(name:(Jane) OR name:(jane* OR properties.originalName:Jane OR properties.originalName:jane* OR Jane*) OR properties.location:(jane) OR properties.aboutme:(jane) OR properties.groups:(jane))`,
		`properties.groups:(users OR mods)`, `properties.spaces:("scooldspace:x:X")`, `properties.favtags:("java" "sql") AND properties.favtagsEmailsEnabled:true`,
		`properties.spaces:(+"scooldspace:default" +"scooldspace:x:X" -"scooldspace:y")`,
	} {
		s.want(q, s.ids("profile/search/default?type=profile&q="+url.QueryEscape(q)), uid+":profile")
	}
	s.want("admins", s.ids("profile/search/default?type=profile&q="+url.QueryEscape("properties.groups:(admins OR mods)")), "")

	me, err := s.WithSession(first).Me(t.Context()) // no permission was granted
	if err != nil || me.User == nil || me.User.ID() != uid {
		t.Fatalf("_me: %v %v", me, err)
	}
	second, err := s.signIn(jane)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.As(first.Token).Me(t.Context()); !errors.Is(err, client.ErrUnauthorized) {
		t.Errorf("the older session: %v", err)
	}
	if err := s.WithSession(second).RevokeAllTokens(t.Context()); err != nil {
		t.Error(err)
	}
	if _, err := s.As(second.Token).Me(t.Context()); !errors.Is(err, client.ErrUnauthorized) {
		t.Errorf("after signing out: %v", err)
	}

	hash, err := bcrypt.GenerateFromPassword([]byte("another-secret"), 12)
	if err != nil {
		t.Fatal(err)
	}
	s.do("PATCH", "sysprop/jane@example.com", members{"token": "forgot", "iforgotTimestamp": 1767323045000})
	s.do("PATCH", "sysprop/jane@example.com", members{"token": "", "password": strings.Replace(string(hash), "$2a$", "$2b$", 1)})
	if _, err := s.signIn("jane@example.com::another-secret"); err != nil {
		t.Errorf("the new password: %v", err)
	}
	if _, err := s.signIn(jane); err == nil {
		t.Error("the old password still works")
	}
	record = s.get("_id/jane@example.com")
	s.do("PUT", "sysprop/jane@new.test", members{"id": "jane@new.test", "type": "sysprop", "name": "identifier", "creatorid": uid, "password": record["password"]})
	s.do("DELETE", "sysprop/jane@example.com", nil)
	s.do("PATCH", "user/"+uid, members{"email": "jane@new.test", "identifier": "jane@new.test"})
	session, err := s.signIn("jane@new.test::another-secret")
	if err != nil || session.User.ID() != uid {
		t.Errorf("the new address: %v", err)
	}
}

// Q5-Q12, Q16, Q18, Q19: questions and what belongs to them.
func TestScooldQuestions(t *testing.T) {
	s := startScoold(t, servertest.Start(t))
	find := func(typ, q string) string {
		t.Helper()
		return s.ids(typ + "/search/default?sort=timestamp&desc=false&type=" + typ + "&q=" + url.QueryEscape(q))
	}
	s.want("tags that are not there", s.do("GET", "_batch?ids=tag:java&ids=tag:sql", nil), "[]")
	s.do("POST", "_batch", []members{{"type": "tag", "id": "tag:java", "tag": "java", "count": 1}, {"type": "tag", "id": "tag:sql", "tag": "sql", "count": 1}})
	const space = "scooldspace:x:X"
	s.do("POST", "question", members{"id": "q1", "title": "How to sort", "body": "a list of rows by name in the database", "tags": []string{"java", "sql"}, "creatorid": "u1:profile", "space": space,
		"followers": members{"u1": "jane@example.com"}, "answercount": 0, "viewcount": nil, "tagsString": "java,sql", "objectURI": "/question/q1", "appid": "other"})
	s.do("POST", "question", members{"id": "q2", "title": "How to order", "body": "a list of rows by name in the database quickly", "tags": []string{"sql"}, "creatorid": "u2:profile", "space": "scooldspace:default"})
	s.want("in the space", find("question", `properties.space:"`+space+`"`), "q1")
	s.want("an address in the map of followers", find("question", `"jane@example.com"`), "q1")
	s.want("without answers", find("question", "properties.answercount:0"), "q1")
	s.want("none accepted", find("question", "properties.answerid:[* TO *]"), "")
	s.want("tags", find("question", "tags:(java AND sql) AND tags:jav*"), "q1")
	s.want("similar", s.ids("question/search/similar?type=question&fields=properties.title&fields=properties.body&fields=tags&filterid=q1&like=id:q1"), "q2")
	s.want("the app in the body does not count", s.get("question/q1")["appid"], "scoold")

	s.do("POST", "reply", members{"id": "r1", "parentid": "q1", "body": "use order by", "creatorid": "u2:profile", "votes": 1, "tags": []string{}})
	s.do("POST", "reply", members{"id": "r2", "parentid": "q1", "body": "or a heap", "creatorid": "u3:profile", "votes": 3})
	s.want("answers by votes", s.ids("question/q1/links/reply?childrenonly=true&sort=votes"), "r2 r1")
	s.do("PATCH", "_batch", []members{{"id": "r1", "approvalTimestamp": 5}, {"id": "q1", "answerid": "r1", "answercount": 2}, {"id": "gone", "x": 1}})
	s.want("answered", find("question", "properties.answercount:0"), "")
	s.want("accepted", find("question", "properties.answerid:[* TO *]"), "q1")
	comments := func() any {
		return s.get("comment/search/terms?type=comment&count=true&terms=parentid:q1")["totalHits"]
	}
	s.want("comments", comments(), 0.0)
	s.do("POST", "comment", members{"id": "c1", "parentid": "q1", "creatorid": "u2:profile", "comment": "nice"})
	s.want("comments", comments(), 1.0)
	s.want("comments of others", s.ids("question/q1/links/comment?childrenonly=true&limit=5&sort=timestamp&desc=false&q="+url.QueryEscape(`!(creatorid:"u1:profile")`)), "c1")

	vote := members{"_voteup": "u3", "_vote_expires_after": 100, "_vote_locked_after": 50}
	s.want("vote", s.do("PATCH", "question/q1", vote), "true")
	s.want("the vote by its id", s.ids("_batch?ids=vote:u3:q1&ids=vote:u3:q2"), "vote:u3:q1")
	s.want("undone", s.do("PATCH", "question/q1", members{"_votedown": "u3", "_vote_expires_after": 100, "_vote_locked_after": 50}), "true")
	question := s.get("question/q1")
	s.want("votes", question["votes"], 0.0)

	s.do("POST", "revision", members{"id": "v1", "parentid": "q1", "title": "How to sort", "original": true})
	for _, name := range []string{"closerid", "deletereportid", "location"} {
		question[name] = nil
	}
	question["title"], question["totalVotes"] = "How to sort rows", 7
	s.do("PATCH", "question/q1", question)
	after := s.get("question/q1")
	s.want("after the edit", fmt.Sprint(after["title"], " ", after["followers"], " ", after["tags"]), "How to sort rows map[u1:jane@example.com] [java sql]")

	s.want("tags by prefix", s.ids("tag/search/wildcard?type=tag&field=tag&q=ja*"), "tag:java")
	s.do("PATCH", "_batch", []members{{"id": s.ids("question/search/tagged?type=question&tags=java"), "tags": []string{"jvm", "sql"}}}) // renamed
	s.do("DELETE", "tag/java", nil)
	s.want("the old tag", s.ids("question/search/tagged?type=question&tags=java"), "")
	s.want("the new one", s.ids("question/search/tagged?type=question&tags=jvm"), "q1")
	s.do("PUT", "address/q1:address", members{"id": "q1:address", "parentid": "q1", "name": "here", "address": "here", "country": "DE", "latlng": "52.5,13.4", "creatorid": "u1"})
	s.want("near", s.ids("question/search/nearby?type=question&q=*&radius=25&latlng=52.6,13.4"), "q1")
	for _, broken := range []string{`"unclosed`, "a OR", "("} {
		err := s.Do(t.Context(), "GET", "question/search/default", url.Values{"q": {broken}, "type": {"question"}}, nil, nil)
		var e *client.Error
		if !errors.As(err, &e) || e.Status != 400 || !strings.HasPrefix(e.Message, "Invalid query string syntax q="+broken+" in request GET /v1/question/search/default") {
			t.Errorf("q=%s: %v", broken, err)
		}
	}

	counts, err := s.TypeCounts(t.Context())
	if err != nil || counts["question"] != 2 || counts["reply"] != 2 || counts["tag"] != 1 {
		t.Errorf("statistics: %v %v", counts, err)
	}
	if number, err := s.ServerVersion(t.Context()); err != nil || !strings.HasPrefix(number, "1.") {
		t.Errorf("version %q, %v", number, err)
	}
	n := 0
	for _, err := range s.All(t.Context(), "", "*") { // the pages of a backup
		if err != nil {
			t.Fatal(err)
		}
		n++
	}
	s.want("objects in a backup", n, 8)
	s.do("DELETE", "_batch?ids=c1&ids=v1&ids=r1&ids=r2", nil)
	s.do("DELETE", "question/q1", nil)
	for _, path := range []string{"question/q1", "reply/r1", "comment/c1", "_id/v1"} {
		s.missing(path)
	}
}
