package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"

	"github.com/spf13/cobra"

	"github.com/erudika/para-go/client"
)

// settingsCommand shows and changes the settings of the app (R 21). Without a subcommand it shows all, as app-settings
// of the older tool does.
func settingsCommand(t *tool) *cobra.Command {
	c := command(t, "settings", "Show the settings of the app, or change them", exactly(0, "no argument, or get, set, unset, import"),
		func(ctx context.Context, c *client.Client, _ []string) error { return printSettings(ctx, t, c) })
	c.Aliases = []string{"app-settings"}
	c.AddCommand(
		command(t, "get [KEY]", "Show one setting, or all", between(0, 1, "at most one argument"), func(ctx context.Context, c *client.Client, args []string) error {
			if len(args) == 0 {
				return printSettings(ctx, t, c)
			}
			var value json.RawMessage
			ok, err := c.Setting(ctx, args[0], &value)
			if err != nil {
				return err
			}
			if !ok {
				return fmt.Errorf("%w: no setting %q", errNothing, args[0])
			}
			return t.print(value)
		}),
		command(t, "set KEY VALUE", "Store one setting; VALUE is JSON, or text", exactly(2, "a key and a value"), func(ctx context.Context, c *client.Client, args []string) error {
			if err := c.SetSetting(ctx, args[0], jsonOrText(args[1])); err != nil {
				return err
			}
			t.done("Setting %s stored.", args[0])
			return nil
		}),
		command(t, "unset KEY", "Remove one setting", exactly(1, "a key"), func(ctx context.Context, c *client.Client, args []string) error {
			if err := c.DeleteSetting(ctx, args[0]); err != nil {
				return err
			}
			t.done("Setting %s removed.", args[0])
			return nil
		}),
		command(t, "import FILE", "Replace all settings by the members of a JSON file; - reads standard input", exactly(1, "a file"), func(ctx context.Context, c *client.Client, args []string) error {
			settings, err := t.readObject(args[0])
			if err != nil {
				return err
			}
			if err := c.ReplaceSettings(ctx, settings); err != nil {
				return err
			}
			t.done("%d settings stored.", len(settings))
			return nil
		}),
	)
	return c
}

func printSettings(ctx context.Context, t *tool, c *client.Client) error {
	all, err := c.Settings(ctx)
	if err != nil {
		return err
	}
	return t.print(all)
}

// jsonOrText is the JSON value that an argument holds, or the argument as a text.
func jsonOrText(arg string) any {
	if json.Valid([]byte(arg)) {
		return json.RawMessage(arg)
	}
	return arg
}

// maxInput bounds what the tool reads at once, in bytes.
const maxInput = 64 << 20

// readObject reads a JSON object from a file, or from standard input for "-".
func (t *tool) readObject(file string) (map[string]any, error) {
	in := t.in
	if file != "-" {
		f, err := os.Open(file)
		if err != nil {
			return nil, err
		}
		defer f.Close()
		in = f
	}
	data, err := io.ReadAll(io.LimitReader(in, maxInput+1))
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", file, err)
	}
	if len(data) > maxInput {
		return nil, fmt.Errorf("%s is larger than %d bytes", file, maxInput)
	}
	var members map[string]json.RawMessage
	if err := json.Unmarshal(data, &members); err != nil || members == nil {
		return nil, fmt.Errorf("%s holds no JSON object", file)
	}
	out := make(map[string]any, len(members))
	for k, v := range members {
		out[k] = v
	}
	return out, nil
}
