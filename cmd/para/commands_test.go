package main

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"

	para "github.com/erudika/para-go"
)

// compact is JSON without white space; other text is only trimmed.
func compact(out string) string {
	var b bytes.Buffer
	if json.Compact(&b, []byte(out)) != nil {
		return strings.TrimSpace(out)
	}
	return b.String()
}

func TestCommandsOfTheApp(t *testing.T) {
	at := startServer(t)
	for _, o := range []struct{ typ, id, parent string }{{"cat", "1", ""}, {"dog", "2", ""}, {"kitten", "3", "1"}, {"kitten", "4", "1"}} {
		object := para.New(o.typ)
		object.SetID(o.id)
		object.SetName("n" + o.id)
		object.SetParentID(o.parent)
		if _, err := at.client.Create(t.Context(), object); err != nil {
			t.Fatal(err)
		}
	}
	for _, step := range []struct {
		line string // arguments, split at spaces
		in   string
		want string // all of the output as compact JSON; "…" at the end stands for any more
		code int
	}{
		{line: "settings", want: `{}`},
		{line: "settings set a.b 5"},
		{line: "settings set c text"},
		{line: "settings set d {\"x\":[1.0]}"},
		{line: "settings", want: `{"a.b":5,"c":"text","d":{"x":[1.0]}}`},
		{line: "app-settings", want: `{"a.b":5,"c":"text","d":{"x":[1.0]}}`},
		{line: "settings get d", want: `{"x":[1.0]}`},
		{line: "settings get nothing", code: exitNotFound},
		{line: "settings unset d"},
		{line: "settings get", want: `{"a.b":5,"c":"text"}`},
		{line: "settings import -", in: `{"e":true,"f":null}`},
		{line: "settings get", want: `{"e":true}`},
		{line: "settings import -", in: `[1]`, code: exitFailed},
		{line: "settings set lonely", code: exitUsage},
		{line: "settings bogus", code: exitUsage},

		{line: "constraints list cat", want: `{}`},
		{line: "constraints add cat paws max value=4", want: `{"cat":{"paws":{"max":{"message":"messages.max","value":4}}}}`},
		{line: "constraints add cat paws required", want: `{"cat":{"paws":{"max":{"message":"messages.max","value":4},"required":{"message":"messages.required"}}}}`},
		{line: "constraints add cat fur pattern value=(", code: exitFailed},
		{line: "constraints add cat fur bogus", want: `{"cat":…`, code: exitFailed},
		{line: "constraints add cat fur size min", code: exitUsage},
		{line: "constraints rm cat paws max", want: `{"cat":{"paws":{"required":{"message":"messages.required"}}}}`},
		{line: "constraints list", want: `{"address":…`},
		{line: "constraints rm cat", code: exitUsage},
		{line: "constraints bogus", code: exitUsage},

		{line: "permissions grant u1 posts GET put", want: `{"u1":{"posts":["GET","PUT"]}}`},
		{line: "permissions grant u1 my.files/1 *", want: `{"u1":{"myfiles/1":["*"],"posts":["GET","PUT"]}}`},
		{line: "permissions list", want: `{"u1":{"myfiles/1":["*"],"posts":["GET","PUT"]}}`},
		{line: "permissions list u2", want: `{"u2":{}}`},
		{line: "permissions check u1 user/u1 GET", want: `true`},
		{line: "permissions check u2 posts GET", want: `false`},
		{line: "permissions revoke u1", code: exitUsage},
		{line: "permissions revoke u1 posts --all", code: exitUsage},
		{line: "permissions revoke u1 posts", want: `{"u1":{"myfiles/1":["*"]}}`},
		{line: "permissions revoke u1 --all", want: `{"u1":{}}`},

		{line: "link cat/9 2", code: exitNotFound},
		{line: "link cat/1 2", want: "cat:1:dog:2"},
		{line: "links cat/1 dog", want: `[{"id":"2",…`},
		{line: "links cat/1 dog --query n2 --field name", want: `[{"id":"2",…`},
		{line: "links cat/1 dog --count", want: `1`},
		{line: "link cat 2", code: exitUsage},
		{line: "children cat/1 kitten --count", want: `2`},
		{line: "children cat/1 kitten --field name --term n3", want: `[{"id":"3",…`},
		{line: "children cat/1 kitten --field name", code: exitUsage},
		{line: "children cat/1 kitten --query name:n4", want: `[{"id":"4",…`},
		{line: "children cat/1 kitten --limit 1 --sort name --asc", want: `[{"id":"3",…`},
		{line: "children cat/1 kitten --delete"},
		{line: "children cat/1 kitten", want: `[]`},

		{line: "vote up dog/2 u7", want: `true`},
		{line: "vote up dog/2 u7 --expires 1h --locked 10s", want: `false`},
		{line: "vote down dog/2 u7", want: `true`},
		{line: "vote sideways dog/2 u7", code: exitUsage},
		{line: "vote up dog/99 u7", code: exitNotFound},

		{line: "unlink cat/1", code: exitUsage},
		{line: "unlink cat/1 dog/2 --all", code: exitUsage},
		{line: "unlink cat/1 dog/2"},
		{line: "links cat/1 dog --count", want: `0`},
		{line: "unlink cat/1 --all"},
	} {
		o := at.run(step.in, strings.Fields(step.line)...)
		got := compact(o.out)
		want, open := strings.CutSuffix(step.want, "…")
		if o.code != step.code || !open && got != want || open && !strings.HasPrefix(got, want) {
			t.Errorf("para %s: got %s, exit %d; want %s, exit %d\n%s", step.line, got, o.code, step.want, step.code, o.err)
		}
	}
}
