package markdown

import (
	"encoding/json"
	"os"
	"testing"
)

func standard() *Converter { return New(Options{SoftBreak: DefaultSoftBreak}) }

func convert(t *testing.T, c *Converter, markdown string) string {
	t.Helper()
	html, err := c.ToHTML(markdown)
	if err != nil {
		t.Fatalf("ToHTML(%q): %v", markdown, err)
	}
	return html
}

// TestRecorded replays the recorded exchanges with the utility md2html (O 20.12, D45).
func TestRecorded(t *testing.T) {
	var recording struct {
		Steps []struct {
			Name      string
			Query     [][2]string
			Reference struct{ Text string }
			Here      *struct{ Text string }
		}
	}
	data, err := os.ReadFile("testdata/golden.json")
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(data, &recording); err != nil {
		t.Fatal(err)
	}
	if len(recording.Steps) < 80 {
		t.Fatalf("only %d steps", len(recording.Steps))
	}
	c := standard()
	for _, s := range recording.Steps {
		t.Run(s.Name, func(t *testing.T) {
			markdown := ""
			for _, q := range s.Query {
				if q[0] == "md" {
					markdown = q[1]
				}
			}
			want := s.Reference.Text
			if s.Here != nil {
				want = s.Here.Text
			}
			if got := convert(t, c, markdown); got != want {
				t.Errorf("%q\n got %q\nwant %q", markdown, got, want)
			}
		})
	}
}
