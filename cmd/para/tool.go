package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"os"
	"strings"

	"golang.org/x/term"

	para "github.com/erudika/para-go"
	"github.com/erudika/para-go/client"
)

// tool is what the commands share: where they read and print, and as whom they talk to the server.
type tool struct {
	in       io.Reader
	out, err io.Writer
	flags    struct{ accessKey, secretKey, endpoint string }
	json     bool
	quiet    bool
	verbose  bool
}

func newTool(in io.Reader, out, err io.Writer) *tool { return &tool{in: in, out: out, err: err} }

const (
	red    = "31"
	green  = "32"
	yellow = "33"
)

// terminal says whether a stream is one.
func terminal(stream any) bool {
	f, ok := stream.(*os.File)
	return ok && term.IsTerminal(int(f.Fd()))
}

// human says whether results are for people: on a terminal, unless JSON is asked for.
func (t *tool) human() bool { return !t.json && terminal(t.out) }

// colour dresses a text on terminals (NO_COLOR switches it off).
func (t *tool) colour(code, text string) string {
	if os.Getenv("NO_COLOR") != "" || !terminal(t.err) {
		return text
	}
	return "\x1b[" + code + "m" + text + "\x1b[0m"
}

// done tells of a success on stderr, so that results stay alone on stdout.
func (t *tool) done(format string, args ...any) {
	if !t.quiet {
		fmt.Fprintf(t.err, "%s%s\n", t.colour(green, "✔ "), fmt.Sprintf(format, args...))
	}
}

// note tells of something worth knowing.
func (t *tool) note(format string, args ...any) {
	if !t.quiet {
		fmt.Fprintf(t.err, "%s%s\n", t.colour(yellow, "! "), fmt.Sprintf(format, args...))
	}
}

// failed tells of a failure that does not end the command.
func (t *tool) failed(format string, args ...any) {
	fmt.Fprintf(t.err, "%s%s\n", t.colour(red, "✖ "), fmt.Sprintf(format, args...))
}

// print writes a result as JSON, indented by two spaces (K 2.1).
func (t *tool) print(v any) error {
	data, err := json.Marshal(v)
	if err != nil {
		return err
	}
	var b bytes.Buffer
	if err := json.Indent(&b, data, "", "  "); err != nil {
		return err
	}
	_, err = fmt.Fprintln(t.out, b.String())
	return err
}

// result prints v as JSON, or for people what line says.
func (t *tool) result(v any, line func() string) error {
	if t.human() {
		_, err := fmt.Fprintln(t.out, line())
		return err
	}
	return t.print(v)
}

// objects prints objects: JSON, or for people a table of their ids, types and names.
func (t *tool) objects(list []*para.Object) error {
	if list == nil {
		list = []*para.Object{}
	}
	return t.print(list)
}

// client returns a client with the credentials of flags, environment or profile, in this order.
func (t *tool) client() (*client.Client, error) {
	p, err := t.credentials()
	if err != nil {
		return nil, err
	}
	o := client.Options{AccessKey: p.AccessKey, Secret: p.SecretKey, Endpoint: p.Endpoint}
	if t.verbose {
		o.Logger = slog.New(slog.NewTextHandler(t.err, &slog.HandlerOptions{Level: slog.LevelDebug}))
	}
	c, err := client.New(o)
	if err != nil {
		return nil, usageError{fmt.Errorf("invalid endpoint %q: %w", p.Endpoint, err)}
	}
	return c, nil
}

// credentials resolves as whom the tool acts.
func (t *tool) credentials() (profile, error) {
	p, err := loadProfile()
	if err != nil {
		return p, err
	}
	pick(&p.AccessKey, t.flags.accessKey, os.Getenv("PARA_ACCESS_KEY"))
	pick(&p.SecretKey, t.flags.secretKey, os.Getenv("PARA_SECRET_KEY"))
	pick(&p.Endpoint, t.flags.endpoint, os.Getenv("PARA_ENDPOINT"))
	if p.Endpoint == "" {
		p.Endpoint = client.DefaultEndpoint
	}
	if strings.TrimSpace(p.AccessKey) == "" || strings.TrimSpace(p.SecretKey) == "" {
		return p, usageError{fmt.Errorf("no access key or secret key: run `para setup`, or set PARA_ACCESS_KEY and PARA_SECRET_KEY")}
	}
	return p, nil
}

// pick sets *dst to the first value that is not blank.
func pick(dst *string, values ...string) {
	for _, v := range values {
		if strings.TrimSpace(v) != "" {
			*dst = v
			return
		}
	}
}
