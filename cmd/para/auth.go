package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	para "github.com/erudika/para-go"
	"github.com/erudika/para-go/client"
	"github.com/erudika/para-go/internal/config"
	"github.com/erudika/para-go/internal/diagnose"
	"github.com/erudika/para-go/internal/oauth"
	"github.com/erudika/para-go/server"
)

// authTarget is the app whose sign-in is tested.
type authTarget struct {
	app    *para.App      // id and settings
	config *config.Config // of the server on this machine: its options are settings of the root app
	tool   *tool
	user   string // flag --user: as whom to sign in, "" for nobody
}

// authTest tries what a sign-in needs, step by step, and returns what it found for each provider that it tried.
type authTest func(ctx context.Context, a authTarget) (map[string]*diagnose.Report, error)

// authTests are the tests by the names that `para auth test` takes.
func authTests() map[string]authTest {
	tests := map[string]authTest{"oidc": testEveryOAuth, "ldap": testLDAP, "saml": testSAML}
	for _, name := range oauth.Names() {
		tests[name] = func(ctx context.Context, a authTarget) (map[string]*diagnose.Report, error) {
			return map[string]*diagnose.Report{name: a.oauth().Check(ctx, a.app, name)}, nil
		}
	}
	return tests
}

// errAuthFails ends a test that found something, so that scripts notice.
var errAuthFails = errors.New("sign-in cannot work as it is set up")

// authCommand tests how the users of an app sign in.
func authCommand(t *tool) *cobra.Command {
	c := &cobra.Command{Use: "auth", Short: "Test how the users of an app sign in", Args: subcommandOnly,
		RunE: func(c *cobra.Command, _ []string) error { return c.Help() }}
	c.AddCommand(authTestCommand(t))
	return c
}

func authTestCommand(t *tool) *cobra.Command {
	var file, app, user string
	tests := authTests()
	names := strings.Join(slices.Sorted(maps.Keys(tests)), ", ")
	c := &cobra.Command{
		Use:   "test PROVIDER",
		Short: "Try each step of a sign-in from this machine, and say which one fails and why: " + names,
		Long: "Try each step of a sign-in from this machine, and say which one fails and why.\n\nPROVIDER is one of " + names +
			"; oidc stands for every provider that the app has keys of. The settings are read from the server; those of the root app also from its configuration file.",
		Args: exactly(1, "a provider: "+names),
		RunE: func(cmd *cobra.Command, args []string) error {
			test := tests[strings.ToLower(args[0])]
			if test == nil {
				return usageError{fmt.Errorf("unknown provider %q: there are %s", args[0], names)}
			}
			a, err := t.authTarget(cmd.Context(), server.Options{ConfigFile: file, Environ: os.Environ()}, app)
			if err != nil {
				return err
			}
			a.user = user
			reports, err := test(cmd.Context(), a)
			if err != nil {
				return err
			}
			return t.reports(reports)
		},
	}
	c.Flags().StringVar(&file, "config", "", "configuration file of the server (default ./para-application.conf)")
	c.Flags().StringVar(&app, "app", "", "id of another app (root keys)")
	c.Flags().StringVar(&user, "user", "", "user to sign in as, for ldap; the password is asked for, or read from "+testPassword)
	return c
}

// authTarget reads the settings of an app from the server.
func (t *tool) authTarget(ctx context.Context, o server.Options, id string) (authTarget, error) {
	cfg, err := server.Load(ctx, o)
	if err != nil {
		return authTarget{}, err
	}
	who, err := t.credentials()
	if err != nil {
		return authTarget{}, err
	}
	c, err := t.clientOf(who)
	if err != nil {
		return authTarget{}, err
	}
	defer c.Close()
	if id = para.AppID(id); id != "" && id != para.AppID(who.AccessKey) {
		keys, err := c.KeysOf(ctx, id)
		if errors.Is(err, client.ErrNotFound) {
			return authTarget{}, fmt.Errorf("%w: App %s", errNothing, id)
		}
		if err != nil {
			return authTarget{}, fmt.Errorf("read the keys of %s: %w", id, err)
		}
		who.appKeys = appKeys{keys.AccessKey, keys.SecretKey}
		other, err := t.clientOf(who)
		if err != nil {
			return authTarget{}, err
		}
		defer other.Close()
		c = other
	}
	settings, err := c.Settings(ctx)
	if err != nil {
		return authTarget{}, fmt.Errorf("read the settings: %w", err)
	}
	app := &para.App{ID: para.AppID(who.AccessKey), Identifier: para.AppIdentifier(para.AppID(who.AccessKey)), Settings: map[string]json.RawMessage{}}
	app.Root = app.ID == para.AppID(cfg.String("app_name"))
	for name, v := range settings {
		if app.Settings[name], err = json.Marshal(v); err != nil {
			return authTarget{}, fmt.Errorf("setting %s: %w", name, err)
		}
	}
	return authTarget{app: app, config: cfg, tool: t}, nil
}

// settings are those of the app, in the form that package config reads.
func (a authTarget) settings() *config.AppSettings {
	s := &config.AppSettings{Root: a.app.Root, Values: map[string]any{}}
	for name, raw := range a.app.Settings {
		var v any
		if json.Unmarshal(raw, &v) == nil {
			s.Values[name] = v
		}
	}
	return s
}

func (a authTarget) oauth() *oauth.Service {
	settings := a.settings()
	return oauth.New(oauth.Options{
		Setting: func(_ *para.App, key, def string) string { return a.config.Setting(settings, key, def) },
		Keys:    func(_ *para.App, prefix string) (id, secret string) { return a.config.OAuthKeys(settings, prefix) },
	})
}

// testEveryOAuth tests each provider that the app has a client id of.
func testEveryOAuth(ctx context.Context, a authTarget) (map[string]*diagnose.Report, error) {
	s := a.oauth()
	reports := map[string]*diagnose.Report{}
	for _, name := range s.Registered(a.app) {
		reports[name] = s.Check(ctx, a.app, name)
	}
	if len(reports) == 0 {
		r := new(diagnose.Report)
		r.Fail("settings", "the app has client id and secret of no provider", "Set for example gp_app_id and gp_secret with `para settings set KEY VALUE` (docs/sign-in.md)")
		reports["oidc"] = r
	}
	return reports, nil
}

// reports prints what tests found, and fails if any step did.
func (t *tool) reports(reports map[string]*diagnose.Report) error {
	names := slices.Sorted(maps.Keys(reports))
	err := t.result(reports, func() string {
		var b strings.Builder
		for i, name := range names {
			if i > 0 {
				b.WriteByte('\n')
			}
			if len(names) > 1 {
				fmt.Fprintf(&b, "%s\n", name)
			}
			if err := reports[name].Write(&b); err != nil {
				return err.Error() // a builder takes everything
			}
		}
		return strings.TrimRight(b.String(), "\n")
	})
	if err != nil {
		return err
	}
	for _, name := range names {
		if reports[name].Failed() {
			return errAuthFails
		}
	}
	t.done("Everything that can be tried without a user works")
	return nil
}
