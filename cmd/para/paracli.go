package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"net/http"
	"path/filepath"
	"slices"
	"strings"

	para "github.com/erudika/para-go"
	"github.com/erudika/para-go/client"
	"github.com/erudika/para-go/internal/version"
)

// calledAsParaCLI says whether the program goes by the name of the older tool, whose manners it then has (K 2.5).
func calledAsParaCLI(program string) bool {
	return strings.TrimSuffix(filepath.Base(program), ".exe") == "para-cli"
}

// paraCLI is the tool as users of para-cli know it: the same commands, flags, messages, configuration file and exit
// codes, except where they ended in a crash or lost data (K 2, D124).
type paraCLI struct {
	*tool
	config *paraCLIConfig
	flags  map[string][]string // by name in camel case, in the order of the command line
	args   []string            // after the command
	lines  *bufio.Reader       // of standard input, when nobody sits at it
	broken bool                // something failed
}

// paraCLICommands are the commands by name.
var paraCLICommands = map[string]func(*paraCLI, context.Context) error{
	"setup": (*paraCLI).setup, "apps": (*paraCLI).apps, "select": (*paraCLI).selectApp, "endpoints": (*paraCLI).endpoints,
	"new-app": (*paraCLI).newApp, "delete-app": (*paraCLI).deleteApp, "new-key": (*paraCLI).newKey, "new-jwt": (*paraCLI).newJWT,
	"create": (*paraCLI).create, "read": (*paraCLI).read, "update": (*paraCLI).update, "delete": (*paraCLI).deleteAll,
	"search": (*paraCLI).search, "types": (*paraCLI).types, "me": (*paraCLI).me, "ping": (*paraCLI).ping,
	"app-settings": (*paraCLI).appSettings, "rebuild-index": (*paraCLI).rebuildIndex,
	"export": (*paraCLI).export, "import": (*paraCLI).importFile,
}

// runParaCLI runs a command line and returns the exit code: 0, or 1 when something failed.
func runParaCLI(ctx context.Context, t *tool, args []string) int {
	c := &paraCLI{tool: t}
	words, flags := splitParaCLI(args)
	c.flags = flags
	_, help := flags["help"]
	_, number := flags["version"]
	switch {
	case number && len(args) == 1:
		c.say(version.Number)
		return 0
	case help || len(words) == 0:
		fmt.Fprintf(t.out, logo, "v"+version.Number)
		fmt.Fprint(t.out, paraCLIHelp)
		return 0
	}
	name := words[0]
	c.args = words[1:]
	var err error
	if c.config, err = loadParaCLIConfig(); err != nil {
		c.fail("The configuration cannot be read.", err)
		return 1
	}
	if who := c.actor(); name != "setup" && (who.AccessKey == "" || who.SecretKey == "") {
		fmt.Fprintln(t.err, paint(t.err, red, fmt.Sprintf("Command %s failed! Blank credentials, running setup first...", printable(name))))
		c.say("Please enter the access key and secret key for the root app 'app:para' first.")
		c.report(c.setup(ctx))
		return 1
	}
	if run, ok := paraCLICommands[name]; ok {
		c.report(run(c, ctx))
	}
	if c.broken {
		return 1
	}
	return 0
}

// report tells of an error that a command has not told itself.
func (c *paraCLI) report(err error) {
	switch {
	case err == nil, errors.Is(err, errSaid):
	case errors.Is(err, errCancelled):
		c.say("\n" + err.Error())
		return
	default:
		c.fail("", err)
	}
	c.broken = c.broken || err != nil
}

// splitParaCLI splits a command line into words and flags. --flag value, --flag=value and --flag are known, names in
// camel case or with hyphens; a flag that no command declares takes the next word as its value (K 2.1).
func splitParaCLI(args []string) (words []string, flags map[string][]string) {
	flags = map[string][]string{}
	for i := 0; i < len(args); i++ {
		arg := args[i]
		if arg == "--" {
			return append(words, args[i+1:]...), flags
		}
		name := strings.TrimLeft(arg, "-")
		if !strings.HasPrefix(arg, "-") || name == "" {
			words = append(words, arg)
			continue
		}
		name, value, found := strings.Cut(name, "=")
		name = string(camelCase(nil, name))
		if !found {
			value = "true"
			switch next := i + 1; {
			case next == len(args), strings.HasPrefix(args[next], "-"):
			case !slices.Contains(paraCLISwitches, name), args[next] == "true", args[next] == "false":
				value = args[next]
				i = next
			}
		}
		flags[name] = append(flags[name], value)
	}
	return words, flags
}

// paraCLISwitches are flags without a value: the word that follows is none.
var paraCLISwitches = []string{"sanitize", "print", "shared", "help", "version"}

// flag is the last value of a flag, "" when it is not given.
func (c *paraCLI) flag(name string) string {
	if v := c.flags[name]; len(v) > 0 {
		return v[len(v)-1]
	}
	return ""
}

func (c *paraCLI) on(name string) bool { v := c.flag(name); return v != "" && v != "false" }

// word is the argument of a command; further ones are not looked at (K 2.1).
func (c *paraCLI) word() string {
	if len(c.args) == 0 {
		return ""
	}
	return c.args[0]
}

func (c *paraCLI) say(text string) { fmt.Fprintln(c.out, text) }

// ok tells of a success.
func (c *paraCLI) ok(format string, args ...any) {
	c.say(paint(c.out, green, "✔") + " " + printable(fmt.Sprintf(format, args...)))
}

// fail tells of a failure: what, the words of the server or the error, and the status (K 2.1).
func (c *paraCLI) fail(text string, err error) {
	c.broken = true
	line := text
	var e *client.Error
	switch {
	case err == nil:
	case errors.As(err, &e):
		line += fmt.Sprintf(" %s (%d %s)", e.Message, e.Status, http.StatusText(e.Status))
	default:
		line += " " + err.Error()
	}
	fmt.Fprintln(c.err, paint(c.err, red, "✖")+" "+printable(strings.TrimSpace(line)))
}

// show prints a result as JSON.
func (c *paraCLI) show(v any) error {
	data, err := plainJSON(v)
	if err != nil {
		return err
	}
	var b bytes.Buffer
	if err := json.Indent(&b, data, "", "  "); err != nil {
		return err
	}
	c.say(b.String())
	return nil
}

// whole returns the JSON of objects with the members that every object of the older tool has.
func whole(list ...*para.Object) []json.RawMessage {
	out := []json.RawMessage{}
	for _, o := range list {
		data := o.AppendJSON(nil)
		if raw, ok := o.Raw("appIdentifier"); ok && o.Type() == "app" { // the server computes it: it is no member of the object
			data = fmt.Appendf(data[:len(data)-1], `,"appIdentifier":%s}`, raw)
		}
		for _, m := range [][2]string{{"name", `"ParaObject"`}, {"stored", "true"}, {"indexed", "true"}, {"cached", "true"}, {"version", "0"}} {
			if _, ok := o.Raw(m[0]); !ok {
				data = fmt.Appendf(data[:len(data)-1], `,"%s":%s}`, m[0], m[1])
			}
		}
		out = append(out, data)
	}
	return out
}

// connect makes a client of the app that commands act as.
func (c *paraCLI) connect(who identity) (*client.Client, error) {
	cl, err := c.clientOf(who)
	if err != nil {
		return nil, fmt.Errorf("Invalid Para endpoint: %w", err) //nolint:staticcheck // the words of the older tool
	}
	return cl, nil
}

// with runs a command with a client of the selected app.
func (c *paraCLI) with(run func(*client.Client) error) error { return c.as(c.actor(), run) }

// asRoot runs a command with a client of the endpoint's own keys.
func (c *paraCLI) asRoot(run func(*client.Client) error) error { return c.as(c.endpoint(), run) }

func (c *paraCLI) as(who identity, run func(*client.Client) error) error {
	cl, err := c.connect(who)
	if err != nil {
		return err
	}
	defer cl.Close()
	return run(cl)
}

// question asks for a line; without a terminal it is read from standard input. It fails with errCancelled when there is
// none.
func (c *paraCLI) question(ctx context.Context, text, def string, hidden bool, cancelled string) (string, error) {
	if terminal(c.in) {
		answer, err := c.ask(ctx, strings.TrimSuffix(text, ":"), def, hidden)
		if errors.Is(err, context.Canceled) {
			return "", cancelledError(cancelled)
		}
		return answer, err
	}
	if c.lines == nil {
		c.lines = bufio.NewReader(io.LimitReader(c.in, math.MaxInt32))
	}
	line, err := c.lines.ReadString('\n')
	if err != nil && line == "" {
		return "", cancelledError(cancelled)
	}
	return firstOf(strings.TrimSpace(line), def), nil
}

// cancelledError is what the tool says when a person gives no answer.
type cancelledError string

func (e cancelledError) Error() string        { return string(e) }
func (e cancelledError) Is(target error) bool { return target == errCancelled }

const paraCLIHelp = `
  Command-line tool for Para backend servers

  Usage:
    $ para-cli [command] [file]

  Commands:
    setup                                  Save the address and the keys of a server
    ping                                   Check the connection to the server
    me                                     Show the app that the keys stand for
    types                                  Show the types of the app
    apps                                   List the apps of the server
    select <appid>                         Act as another app; without an id as the root app again
    endpoints [add|remove]                 List and choose servers, add one, remove one
    create <file|glob> [--id] [--type]     Make objects of files
    read --id 123 [--id 345 ...]           Show objects
    update <file.json|glob> ...            Change objects by JSON files
    delete [glob] --id 123 ...             Delete objects
    search "query" [--limit --page --sort] Search objects
    rebuild-index                          Build the search index anew
    app-settings                           Show the settings of the app
    new-key                                Replace the secret key and save the new one
    new-jwt                                Make a super token and save it (--print prints it)
    new-app <name> --name --shared         Create an app (needs the keys of the root app)
    delete-app <id>                        Delete an app with all its data
    export                                 Save the data of the app as a ZIP file
    import <file>                          Store the data of such a ZIP file

  Options:
    --type          Type of the objects
    --id            Id of the object; may be repeated
    --sanitize      Keep letters and digits of texts only
    --accessKey     Access key of the app
    --secretKey     Secret key of the app
    --endpoint      Address of the server
    --sort          Field to sort by
    --desc          Sort descending (default: true)
    --page          Page number, or "all"
    --limit         Objects of a page
    --lastKey       Continue after this key
    --cwd           Folder that the ids of files are relative to
    --encodeId      "false" stores ids as they are and not in Base64
    --help          This text
    --version       The version

  The commands of para itself (para --help) do the same and more.
`
