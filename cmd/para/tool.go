package main

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"strings"

	"golang.org/x/term"

	"github.com/erudika/para-go/client"
)

// tool is what the commands share: where they read and print, and as whom they talk to the server.
type tool struct {
	in       io.Reader
	out, err io.Writer
	lines    *bufio.Reader // of in, when a person answers
	flags    struct{ accessKey, secretKey, endpoint string }
	json     bool
	quiet    bool
	verbose  bool

	definitions map[string]string // -Dname=value and the like, taken out of the command line
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

// colour dresses a text for the stream of messages.
func (t *tool) colour(code, text string) string { return paint(t.err, code, text) }

// paint dresses a text for a stream that is a terminal (NO_COLOR switches it off).
func paint(stream io.Writer, code, text string) string {
	if os.Getenv("NO_COLOR") != "" || os.Getenv("TERM") == "dumb" || !terminal(stream) {
		return text
	}
	return "\x1b[" + code + "m" + text + "\x1b[0m"
}

// done tells of a success on stderr, so that results stay alone on stdout.
func (t *tool) done(format string, args ...any) {
	if !t.quiet {
		fmt.Fprintf(t.err, "%s%s\n", t.colour(green, "✔ "), printable(fmt.Sprintf(format, args...)))
	}
}

// note tells of something worth knowing.
func (t *tool) note(format string, args ...any) {
	if !t.quiet {
		fmt.Fprintf(t.err, "%s%s\n", t.colour(yellow, "! "), printable(fmt.Sprintf(format, args...)))
	}
}

// failed tells of a failure that does not end the command.
func (t *tool) failed(format string, args ...any) {
	fmt.Fprintf(t.err, "%s%s\n", t.colour(red, "✖ "), printable(fmt.Sprintf(format, args...)))
}

// client returns a client with the credentials of flags, environment or profile, in this order.
func (t *tool) client() (*client.Client, error) {
	who, err := t.credentials()
	if err != nil {
		return nil, err
	}
	return t.clientOf(who)
}

func (t *tool) clientOf(who identity) (*client.Client, error) {
	o := client.Options{AccessKey: who.AccessKey, Secret: who.SecretKey, Endpoint: who.endpoint}
	if t.verbose {
		o.Logger = slog.New(slog.NewTextHandler(t.err, &slog.HandlerOptions{Level: slog.LevelDebug}))
	}
	c, err := client.New(o)
	if err != nil {
		return nil, usageError{fmt.Errorf("invalid endpoint %q: %w", who.endpoint, err)}
	}
	return c, nil
}

// identity is as whom the tool acts, and where.
type identity struct {
	appKeys
	endpoint string
}

// credentials resolves as whom the tool acts: flags before the environment before the profile (K 2.2). A profile that
// cannot be read matters only when it is needed.
func (t *tool) credentials() (identity, error) {
	who := identity{
		appKeys{firstOf(t.flags.accessKey, os.Getenv("PARA_ACCESS_KEY")), firstOf(t.flags.secretKey, os.Getenv("PARA_SECRET_KEY"))},
		firstOf(t.flags.endpoint, os.Getenv("PARA_ENDPOINT")),
	}
	p, err := loadProfile()
	if err == nil {
		saved := p.keys()
		who = identity{appKeys{firstOf(who.AccessKey, saved.AccessKey), firstOf(who.SecretKey, saved.SecretKey)}, firstOf(who.endpoint, p.Endpoint)}
	}
	who.endpoint = firstOf(who.endpoint, client.DefaultEndpoint)
	if strings.TrimSpace(who.AccessKey) != "" && strings.TrimSpace(who.SecretKey) != "" {
		return who, nil
	}
	if err != nil {
		return who, err
	}
	return who, usageError{errors.New("no access key or secret key: run `para setup`, or set PARA_ACCESS_KEY and PARA_SECRET_KEY")}
}
