package functions

import (
	"encoding/json"
	"errors"
	"net/url"
	"os"
	"regexp"
	"strings"
	"testing"
	"time"

	para "github.com/erudika/para-go"
	"github.com/erudika/para-go/internal/markdown"
)

func testEnv() Env {
	return Env{
		Now:      func() time.Time { return time.UnixMilli(1700000000123).UTC() },
		NewID:    func() (string, error) { return "1635423786088009728", nil },
		Markdown: markdown.New(markdown.Options{SoftBreak: markdown.DefaultSoftBreak}),
	}
}

// expected is an answer of the recording; text and json exclude each other.
type expected struct {
	Status int
	Text   *string
	JSON   json.RawMessage
}

// TestRecorded replays the recorded exchanges with the utility functions (R 23, O 20, D44). Steps about credentials and
// other routes are the door's.
func TestRecorded(t *testing.T) {
	var recording struct {
		Steps []struct {
			Name, As, Path string
			Query          [][2]string
			Reference      expected
			Here           *expected
		}
	}
	data, err := os.ReadFile("testdata/golden.json")
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(data, &recording); err != nil {
		t.Fatal(err)
	}
	replayed := 0
	for _, s := range recording.Steps {
		if s.As != "app" || !strings.HasPrefix(s.Path, "/v1/utils") {
			continue
		}
		replayed++
		t.Run(s.Name, func(t *testing.T) {
			params := url.Values{}
			for _, q := range s.Query {
				params.Add(q[0], q[1])
			}
			name := strings.TrimPrefix(strings.TrimPrefix(s.Path, "/v1/utils"), "/")
			if name == "" {
				name = params.Get("method")
			}
			want := s.Reference
			if s.Here != nil {
				want = *s.Here
				if want.Status == 0 {
					want.Status = 200
				}
			}
			text, typ, err := Call(name, params, testEnv())
			if want.Status != 200 {
				checkError(t, err, want)
				return
			}
			if err != nil || typ != PlainText {
				t.Fatalf("error %v, content type %q", err, typ)
			}
			pattern := string(want.JSON)
			if want.Text != nil {
				pattern = *want.Text
			}
			if !matches(text, pattern) {
				t.Errorf("got %q, want %q", text, pattern)
			}
		})
	}
	if replayed < 75 {
		t.Errorf("only %d steps", replayed)
	}
}

func checkError(t *testing.T, err error, want expected) {
	t.Helper()
	var body struct{ Message string }
	if jsonErr := json.Unmarshal(want.JSON, &body); jsonErr != nil {
		t.Fatal(jsonErr)
	}
	var e *para.Error
	if !errors.As(err, &e) || e.Code != para.Invalid || want.Status != 400 {
		t.Fatalf("error = %v, want status %d", err, want.Status)
	}
	if !matches(e.Message, body.Message) {
		t.Errorf("message = %q, want %q", e.Message, body.Message)
	}
}

// matches compares with a text or a placeholder of the recording.
func matches(got, want string) bool {
	switch want = strings.Trim(want, `"`); {
	case want == "«number»":
		return regexp.MustCompile(`^-?\d+$`).MatchString(got)
	case want == "«text»":
		return got != ""
	case strings.HasPrefix(want, "«re:"):
		return regexp.MustCompile("^(?:" + strings.TrimSuffix(strings.TrimPrefix(want, "«re:"), "»") + ")$").MatchString(got)
	}
	return got == want
}

func TestCall(t *testing.T) {
	for _, c := range []struct {
		name      string
		params    url.Values
		text, typ string
		code      para.Code
		message   string
	}{
		{name: "newid", text: "1635423786088009728", typ: PlainText},
		{name: "timestamp", text: "1700000000123", typ: PlainText},
		{name: "formatdate", text: "2023-11-14", typ: PlainText},
		{name: "formatdate", params: url.Values{"format": {"MMM"}, "locale": {""}}, text: "Nov", typ: PlainText},
		{name: "formatdate", params: url.Values{"format": {"M d yyyy"}, "locale": {"US"}}, text: "11 14 2023", typ: PlainText},
		{name: "md2html", params: url.Values{"md": {"# hello **test**"}}, typ: HTMLText,
			text: "<h1><a href=\"#hello-test\" id=\"hello-test\">hello <strong>test</strong></a></h1>\n"},
		{name: "md2html", params: url.Values{"md": {strings.Repeat("a", markdown.MaxInput+1)}}, typ: HTMLText, code: para.TooLarge, message: "The Markdown text is longer than 256 KiB."},
		{name: "", typ: PlainText, code: para.Invalid, message: "Unknown method: empty"},
		{name: "nope", typ: PlainText, code: para.Invalid, message: "Unknown method: nope"},
		{name: "formatdate", params: url.Values{"format": {"b'"}}, typ: PlainText, code: para.Invalid,
			message: "Invalid date pattern: letter 'b' at position 1 has no meaning: put text into single quotes"},
	} {
		text, typ, err := Call(c.name, c.params, testEnv())
		if text != c.text || typ != c.typ || para.CodeOf(err) != c.code {
			t.Errorf("Call(%q, %.40v) = %q, %q, %v", c.name, c.params, text, typ, err)
		}
		var e *para.Error
		if errors.As(err, &e) && e.Message != c.message {
			t.Errorf("Call(%q) message %q, want %q", c.name, e.Message, c.message)
		}
	}
	env := testEnv()
	failure := errors.New("clock")
	env.NewID = func() (string, error) { return "", failure }
	if _, _, err := Call("newid", nil, env); !errors.Is(err, failure) {
		t.Errorf("error = %v", err)
	}
}
