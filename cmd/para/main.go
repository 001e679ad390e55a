// Command para is the Para server and its command-line tool.
package main

import (
	"context"
	"errors"
	"fmt"
	"math"
	"net/http"
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
	t := newTool(os.Stdin, os.Stdout, os.Stderr)
	if calledAsParaCLI(os.Args[0]) {
		os.Exit(runParaCLI(interruptible(), t, os.Args[1:]))
	}
	root := newRoot(t)
	root.SetArgs(t.javaArguments(os.Args[1:]))
	err := root.ExecuteContext(interruptible())
	if err != nil && !errors.Is(err, errSaid) {
		t.failed("%s", message(err))
	}
	os.Exit(exitCode(err))
}

// interruptible returns a context that ends with the first signal to stop; the second one ends the process (C 7.4).
func interruptible() context.Context {
	ctx, cancel := context.WithCancel(context.Background())
	signals := make(chan os.Signal, 2)
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM)
	if !signal.Ignored(syscall.SIGHUP) { // nohup
		signal.Notify(signals, syscall.SIGHUP)
	}
	go func() {
		<-signals
		cancel()
		<-signals
		os.Exit(exitFailed)
	}()
	return ctx
}

// errSaid is wrapped by errors that the command has told already.
var errSaid = errors.New("failed")

// usageError is a wrong call.
type usageError struct{ error }

// partlyFailed says that some objects of several could not be handled.
type partlyFailed struct{ failed, all int }

func (p partlyFailed) Error() string { return fmt.Sprintf("%d of %d objects failed.", p.failed, p.all) }

func exitCode(err error) int {
	var usage usageError
	var partly partlyFailed
	switch {
	case err == nil:
		return 0
	case errors.Is(err, context.Canceled):
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
	switch {
	case errors.Is(err, context.Canceled):
		return "Interrupted."
	case errors.As(err, &e):
		return strings.Replace(err.Error(), e.Error(), fmt.Sprintf("%s (%d %s)", e.Message, e.Status, http.StatusText(e.Status)), 1)
	case errors.Is(err, errNotStarted):
		return err.Error()
	case errors.Is(err, syscall.ECONNREFUSED):
		return err.Error() + "; is the server running? `para setup` changes the address"
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
		Args:          subcommandOnly,
		RunE:          func(c *cobra.Command, _ []string) error { return c.Help() },
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
		settingsCommand(t), constraintsCommand(t), permissionsCommand(t), usersCommand(t), keysCommand(t), whyCommand(t), debugSignatureCommand(t), authCommand(t),
		appsCommand(t), selectCommand(t), newAppCommand(t), deleteAppCommand(t), newKeyCommand(t), newJWTCommand(t),
		exportCommand(t), importCommand(t), backupCommand(t), restoreCommand(t),
		checkCommand(t), rebuildIndexCommand(t),
	)
	root.InitDefaultHelpCmd()
	root.InitDefaultCompletionCmd()
	checkUsage(root)
	return root
}

// checkUsage makes usage errors of what a command and those below it say about wrong arguments and combinations of
// flags, before anything runs.
func checkUsage(c *cobra.Command) {
	args := c.Args
	c.Args = func(c *cobra.Command, list []string) error {
		err := c.ValidateFlagGroups()
		if err == nil && args != nil {
			err = args(c, list)
		}
		if err != nil && !errors.As(err, new(usageError)) {
			err = usageError{err}
		}
		return err
	}
	for _, sub := range c.Commands() {
		checkUsage(sub)
	}
}

// subcommandOnly refuses arguments of a command that only groups others.
func subcommandOnly(c *cobra.Command, args []string) error {
	if len(args) == 0 {
		return nil
	}
	hint := ""
	c.SuggestionsMinimumDistance = 2
	if near := c.SuggestionsFor(args[0]); len(near) > 0 {
		hint = fmt.Sprintf("; did you mean %s?", near[0])
	}
	return usageError{fmt.Errorf("unknown command %q%s (%s --help lists the commands)", args[0], hint, c.CommandPath())}
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

// exactly refuses any other number of arguments.
func exactly(n int, what string) cobra.PositionalArgs { return between(n, n, what) }

// atLeast refuses fewer arguments.
func atLeast(n int, what string) cobra.PositionalArgs { return between(n, math.MaxInt, what) }

// between refuses fewer or more arguments.
func between(least, most int, what string) cobra.PositionalArgs {
	return func(c *cobra.Command, args []string) error {
		if len(args) < least || len(args) > most {
			return fmt.Errorf("%s needs %s; %[1]s --help shows how it is called", c.CommandPath(), what)
		}
		return nil
	}
}
