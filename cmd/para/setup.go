package main

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"regexp"
	"strings"

	"github.com/spf13/cobra"
	"golang.org/x/term"

	"github.com/erudika/para-go/client"
)

func setupCommand(t *tool) *cobra.Command {
	return &cobra.Command{
		Use:   "setup",
		Short: "Save the address and keys of a server, and check them",
		Long: "Save the address and keys of a server, and check them.\n\n" +
			"Values come from --accessKey, --secretKey and --endpoint, else they are asked for. Keys that a server on this\n" +
			"machine wrote into ./para-application.conf or ./data/root-credentials.conf are offered.",
		Args: exactly(0, "no argument"),
		RunE: func(c *cobra.Command, _ []string) error { return setup(c.Context(), t) },
	}
}

func setup(ctx context.Context, t *tool) error {
	p, err := loadProfile()
	if err != nil {
		return err
	}
	local := localSecret()
	ask := asker{t: t, in: bufio.NewReader(t.in)}
	pick(&p.AccessKey, t.flags.accessKey, os.Getenv("PARA_ACCESS_KEY"), ask.text("Para Access Key", firstOf(p.AccessKey, "app:para")))
	secret := firstOf(t.flags.secretKey, os.Getenv("PARA_SECRET_KEY"))
	if secret == "" {
		secret = ask.secret("Para Secret Key", firstOf(local, p.SecretKey))
	}
	p.SecretKey = secret
	pick(&p.Endpoint, t.flags.endpoint, os.Getenv("PARA_ENDPOINT"), ask.text("Para Endpoint", firstOf(p.Endpoint, client.DefaultEndpoint)))
	if len(p.AccessKey) < 3 || len(p.SecretKey) < 6 {
		return fmt.Errorf("invalid credentials: an access key looks like app:para, and a secret key has at least 6 characters")
	}
	t.flags.accessKey, t.flags.secretKey, t.flags.endpoint = p.AccessKey, p.SecretKey, p.Endpoint
	c, err := t.client()
	if err != nil {
		return err
	}
	if err := ping(ctx, t, c); err != nil {
		return err
	}
	if err := p.save(); err != nil {
		return err
	}
	t.done("Saved in %s", p.path)
	return nil
}

// asker asks a person on a terminal; elsewhere the default is taken, so that scripts never wait.
type asker struct {
	t  *tool
	in *bufio.Reader
}

func (a *asker) text(question, def string) string {
	if !terminal(a.t.in) || a.given(question) {
		return def
	}
	fmt.Fprintf(a.t.err, "%s [%s]: ", question, def)
	line, _ := a.in.ReadString('\n')
	return firstOf(strings.TrimSpace(line), def)
}

// given says whether a flag or the environment answers the question already.
func (a *asker) given(question string) bool {
	if strings.HasSuffix(question, "Access Key") {
		return firstOf(a.t.flags.accessKey, os.Getenv("PARA_ACCESS_KEY")) != ""
	}
	return firstOf(a.t.flags.endpoint, os.Getenv("PARA_ENDPOINT")) != ""
}

func (a *asker) secret(question, def string) string {
	f, ok := a.t.in.(*os.File)
	if !ok || !terminal(f) {
		return def
	}
	hint := ""
	if def != "" {
		hint = " [keep the one found]"
	}
	fmt.Fprintf(a.t.err, "%s%s: ", question, hint)
	line, err := term.ReadPassword(int(f.Fd()))
	fmt.Fprintln(a.t.err)
	if err != nil {
		return def
	}
	return firstOf(strings.TrimSpace(string(line)), def)
}

var secretLine = regexp.MustCompile(`(?m)^\s*(?:para\.)?root_secret_key\s*=\s*"?([^"\s]+)"?\s*$`)

// localSecret is the root secret that a server on this machine wrote into the current folder, "" for none.
func localSecret() string {
	for _, file := range []string{"para-application.conf", "data/root-credentials.conf"} {
		data, err := os.ReadFile(file)
		if err != nil {
			continue
		}
		if m := secretLine.FindSubmatch(data); m != nil {
			return string(m[1])
		}
	}
	return ""
}

func firstOf(values ...string) string {
	for _, v := range values {
		if v != "" {
			return v
		}
	}
	return ""
}
