package main

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	para "github.com/erudika/para-go"
	"github.com/erudika/para-go/client"
)

const appPrefix = "app:"

func appsCommand(t *tool) *cobra.Command {
	return command(t, "apps", "List the apps (needs the keys of the root app)", exactly(0, "no argument"), func(ctx context.Context, c *client.Client, _ []string) error {
		var list []*para.Object
		for app, err := range c.All(ctx, "app", "*") {
			if err != nil {
				return err
			}
			list = append(list, app)
		}
		return t.objects(list)
	})
}

// selectCommand makes the app whose keys all commands use another one (K 2.3, D124).
func selectCommand(t *tool) *cobra.Command {
	return &cobra.Command{
		Use:   "select [ID]",
		Short: "Act as another app from now on, without ID as the app of `para setup` again (needs the keys of the root app)",
		Args:  between(0, 1, "at most one argument, the id of an app"),
		RunE: func(cmd *cobra.Command, args []string) error {
			p, err := loadProfile()
			if err != nil {
				return err
			}
			id := appPrefix + strings.TrimPrefix(strings.Join(args, ""), appPrefix)
			if len(args) == 0 || id == p.AccessKey {
				p.selectApp(nil)
				id = p.AccessKey
			} else {
				keys, err := keysOf(cmd.Context(), t, p, id)
				if err != nil {
					return err
				}
				p.selectApp(keys)
			}
			if err := p.save(); err != nil {
				return err
			}
			t.done("Selected %s as the current app.", id)
			return nil
		},
	}
}

// keysOf asks the server of the profile for the keys of an app.
func keysOf(ctx context.Context, t *tool, p profile, id string) (*appKeys, error) {
	if p.AccessKey == "" || p.SecretKey == "" {
		return nil, usageError{errors.New("no access key or secret key: run `para setup` with the keys of the root app")}
	}
	c, err := t.clientOf(identity{appKeys{p.AccessKey, p.SecretKey}, firstOf(p.Endpoint, client.DefaultEndpoint)})
	if err != nil {
		return nil, err
	}
	defer c.Close()
	keys, err := c.KeysOf(ctx, id)
	if errors.Is(err, client.ErrNotFound) {
		return nil, fmt.Errorf("%w: App %s", errNothing, id)
	}
	if err != nil {
		return nil, err
	}
	return &appKeys{keys.AccessKey, keys.SecretKey}, nil
}

func deleteAppCommand(t *tool) *cobra.Command {
	var yes bool
	c := command(t, "delete-app ID", "Delete an app and everything in it", exactly(1, "the id of the app"), func(ctx context.Context, c *client.Client, args []string) error {
		app := para.New("app")
		app.SetID(appPrefix + strings.TrimPrefix(args[0], appPrefix))
		if err := t.confirm(ctx, yes, fmt.Sprintf("Delete %s? ALL DATA FOR THAT APP WILL BE LOST!", app.ID())); err != nil {
			return err
		}
		if err := c.Delete(ctx, app); err != nil {
			return fmt.Errorf("failed to delete app: %w", err)
		}
		t.done("App %s was deleted!", app.ID())
		p, err := loadProfile()
		if err != nil || p.selected == nil || p.selected.AccessKey != app.ID() {
			return nil // nothing remembers it
		}
		p.selectApp(nil)
		return p.save()
	})
	c.Flags().BoolVar(&yes, "yes", false, "do not ask")
	return c
}
