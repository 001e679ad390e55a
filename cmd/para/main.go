// Command para is the Para server and its command-line tool.
package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"strings"
	"syscall"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/erudika/para-go/client"
	"github.com/erudika/para-go/internal/version"
)

// Exit codes (K 2.5).
const (
	exitFailed      = 1 // the request, or anything else, failed
	exitUsage       = 2
	exitNotFound    = 3
	exitDenied      = 4 // not known, or not allowed
	exitPartly      = 5 // some objects failed
	exitInterrupted = 130
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	t := newTool(os.Stdin, os.Stdout, os.Stderr)
	err := newRoot(t).ExecuteContext(ctx)
	interrupted := ctx.Err() != nil
	stop()
	if err != nil && !errors.Is(err, errSaid) {
		fmt.Fprintln(t.err, t.colour(red, "✖ ")+message(err))
	}
	os.Exit(exitCode(err, interrupted && err != nil))
}

// errSaid is wrapped by errors that the command has told already.
var errSaid = errors.New("failed")

// usageError is a wrong call.
type usageError struct{ error }

// partlyFailed says that some objects of several could not be handled.
type partlyFailed struct{ failed, all int }

func (p partlyFailed) Error() string { return fmt.Sprintf("%d of %d objects failed.", p.failed, p.all) }

func exitCode(err error, interrupted bool) int {
	var usage usageError
	var partly partlyFailed
	switch {
	case err == nil:
		return 0
	case interrupted:
		return exitInterrupted
	case errors.As(err, &usage):
		return exitUsage
	case errors.As(err, &partly):
		return exitPartly
	case errors.Is(err, client.ErrNotFound), errors.Is(err, errNothing):
		return exitNotFound
	case errors.Is(err, client.ErrUnauthorized), errors.Is(err, client.ErrForbidden):
		return exitDenied
	}
	return exitFailed
}

// message is what people are told about an error.
func message(err error) string {
	var e *client.Error
	if errors.As(err, &e) {
		return fmt.Sprintf("%s (%d)", e.Message, e.Status)
	}
	return err.Error()
}

func newRoot(t *tool) *cobra.Command {
	root := &cobra.Command{
		Use:           "para",
		Short:         "Para - the backend for busy developers: server and command-line tool",
		Version:       version.Number + " (" + version.Revision + ")",
		SilenceErrors: true,
		SilenceUsage:  true,
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) > 0 {
				return usageError{fmt.Errorf("unknown command %q; para --help lists the commands", args[0])}
			}
			return nil
		},
		RunE: func(c *cobra.Command, _ []string) error { return c.Help() },
	}
	root.SetIn(t.in)
	root.SetOut(t.out)
	root.SetErr(t.err)
	root.SetFlagErrorFunc(func(c *cobra.Command, err error) error {
		return usageError{fmt.Errorf("%w; %s --help shows how it is called", err, c.CommandPath())}
	})
	root.SetGlobalNormalizationFunc(camelCase)
	f := root.PersistentFlags()
	f.StringVar(&t.flags.accessKey, "accessKey", "", "access key of the app (also PARA_ACCESS_KEY)")
	f.StringVar(&t.flags.secretKey, "secretKey", "", "secret key of the app (also PARA_SECRET_KEY)")
	f.StringVar(&t.flags.endpoint, "endpoint", "", "address of the server (also PARA_ENDPOINT)")
	f.BoolVar(&t.json, "json", false, "print JSON, also on a terminal")
	f.BoolVarP(&t.quiet, "quiet", "q", false, "print results only")
	f.BoolVarP(&t.verbose, "verbose", "v", false, "print requests, without secrets")
	root.AddCommand(
		serveCommand(t), configCommand(t), versionCommand(t),
		setupCommand(t), pingCommand(t), meCommand(t), typesCommand(t),
		createCommand(t), readCommand(t), updateCommand(t), deleteCommand(t), searchCommand(t),
		linkCommand(t), linksCommand(t), unlinkCommand(t), childrenCommand(t), voteCommand(t),
		settingsCommand(t), constraintsCommand(t), permissionsCommand(t),
		newAppCommand(t), newKeyCommand(t), newJWTCommand(t),
		exportCommand(t), importCommand(t), backupCommand(t), restoreCommand(t),
		checkCommand(t), rebuildIndexCommand(t),
	)
	return root
}

// camelCase makes --access-key and --accessKey the same flag (K 2.1).
func camelCase(_ *pflag.FlagSet, name string) pflag.NormalizedName {
	parts := strings.Split(name, "-")
	for i, p := range parts[1:] {
		if p != "" {
			parts[i+1] = strings.ToUpper(p[:1]) + p[1:]
		}
	}
	return pflag.NormalizedName(strings.Join(parts, ""))
}

// exactly refuses any other number of arguments with a usage error.
func exactly(n int, what string) cobra.PositionalArgs {
	return func(c *cobra.Command, args []string) error {
		if len(args) != n {
			return usageError{fmt.Errorf("%s needs %s", c.CommandPath(), what)}
		}
		return nil
	}
}
