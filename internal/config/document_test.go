package config

import (
	"bytes"
	"encoding/json"
	"io"
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/erudika/para-go/internal/hocon"
)

type answer struct {
	JSON    json.RawMessage   `json:"json"`
	Text    *string           `json:"text"`
	Headers map[string]string `json:"headers"`
}

type step struct {
	Name      string      `json:"name"`
	Query     [][2]string `json:"query"`
	Reference answer      `json:"reference"`
	Here      *answer     `json:"here"`
}

// The recording of the Java server, with the differences that C 3.8 decides.
func TestGolden(t *testing.T) {
	text, err := os.ReadFile("testdata/config-options.json")
	if err != nil {
		t.Fatal(err)
	}
	var golden struct{ Steps []step }
	if err := json.Unmarshal(text, &golden); err != nil {
		t.Fatal(err)
	}
	if len(golden.Steps) != 12 {
		t.Fatalf("%d steps", len(golden.Steps))
	}
	c := mustLoad(t, "", Sources{Packaged: true})
	for _, s := range golden.Steps {
		query := map[string]string{}
		for _, pair := range s.Query {
			query[pair[0]] = pair[1]
		}
		got := c.Describe(query["format"], query["groupby"])
		want := s.Reference
		if s.Here != nil {
			want.JSON, want.Text = s.Here.JSON, s.Here.Text
		}
		if ct := want.Headers["content-type"]; ct != "" && got.ContentType != ct {
			t.Errorf("%s: content type %s, want %s", s.Name, got.ContentType, ct)
		}
		if want.Text != nil && !matches(*want.Text, string(got.Body)) {
			t.Errorf("%s: text differs:\n%s", s.Name, got.Body)
		}
		if want.JSON != nil {
			compareJSON(t, s.Name, want.JSON, got.Body)
		}
	}
}

func matches(pattern, got string) bool {
	body, ok := strings.CutPrefix(pattern, "«")
	if !ok {
		return pattern == got
	}
	body = strings.TrimSuffix(body, "»")
	re, ok := strings.CutPrefix(body, "re:")
	return body == "any" || ok && regexp.MustCompile(`\A(?:`+re+`)\z`).MatchString(got)
}

// compareJSON compares token by token, so that the order of the members counts too.
func compareJSON(t *testing.T, name string, want, got []byte) {
	t.Helper()
	if string(want) == `"«any»"` {
		if !json.Valid(got) {
			t.Errorf("%s: invalid JSON", name)
		}
		return
	}
	w, g := json.NewDecoder(bytes.NewReader(want)), json.NewDecoder(bytes.NewReader(got))
	for {
		a, errA := w.Token()
		b, errB := g.Token()
		if errA != nil || errB != nil {
			if errA != io.EOF || errB != io.EOF {
				t.Errorf("%s: one ends before the other: %v, %v", name, errA, errB)
			}
			return
		}
		text, isText := a.(string)
		other, _ := b.(string)
		if isText && !matches(text, other) || !isText && a != b {
			t.Errorf("%s: got %v at byte %d, want %v", name, b, g.InputOffset(), a)
			return
		}
	}
}

func TestDescribeIsPublic(t *testing.T) {
	c := mustLoad(t, `para { app_name = secretname, root_secret_override = hush, db.dir = /secret, es.restclient_host = secrethost }`,
		Sources{Packaged: true, Environ: []string{"AWS_SECRET_ACCESS_KEY=hush", "AWS_REGION=secretregion"}})
	for _, format := range []string{"json", "markdown", "hocon"} {
		body := string(c.Describe(format, "").Body)
		for _, word := range []string{"secretname", "hush", "/secret", "secrethost", "secretregion", c.WorkDir()} {
			if strings.Contains(body, word) {
				t.Errorf("%s shows %q", format, word)
			}
		}
	}
}

// What the server prints as HOCON it reads back as the same defaults.
func TestDescribeHOCON(t *testing.T) {
	c := mustLoad(t, "", Sources{Packaged: true})
	body := c.Describe("hocon", "x").Body
	again := mustLoad(t, string(body), Sources{})
	for _, o := range Options() {
		if !o.Listed || o.Name == "lucene.dir" || o.Name == "search" {
			continue
		}
		if got, want := again.String(o.Name), c.String(o.Name); o.Type != List && got != want {
			t.Errorf("%s = %q, want %q", o.Name, got, want)
		}
	}
	if len(again.Ignored()) != 8 || len(again.Unknown()) != 0 || len(again.Warnings()) != 0 {
		t.Errorf("ignored %q, unknown %v, warnings %q", again.Ignored(), again.Unknown(), again.Warnings())
	}
	if _, err := hocon.Parse(c.Describe("HOCON", "").Body, hocon.Options{}); err != nil {
		t.Error(err)
	}
	if !bytes.Contains(c.Describe("", "").Body, []byte(`"para.markdown_soft_break":{"defaultValue":"<br>"`)) {
		t.Error("HTML is escaped")
	}
}

// The table: names are unique, described, in a category, and every default is valid.
func TestTable(t *testing.T) {
	listed := 0
	seen := map[string]bool{}
	for _, o := range Options() {
		if seen[o.Name] || o.Description == "" || o.Category == "" || o.Position == 0 {
			t.Errorf("%+v", o)
		}
		seen[o.Name] = true
		if o.Listed {
			listed++
		}
		if o.derive == nil && o.Default != "" {
			if _, err := check(&o, found{text: o.Default}); err != nil {
				t.Errorf("%s: %v", o.Name, err)
			}
		}
	}
	if listed != 192 {
		t.Errorf("%d options are listed", listed)
	}
	for _, name := range []string{"port", "para.port", "PORT", "Para.Port"} {
		if o, ok := Find(name); !ok || o.Name != "port" || o.Position != 30 || !o.Restart || o.Category != "Core" {
			t.Errorf("%s: %+v", name, o)
		}
	}
	if _, ok := Find("para."); ok {
		t.Error(`found "para."`)
	}
}
