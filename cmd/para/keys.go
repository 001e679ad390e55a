package main

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/erudika/para-go/client"
)

// keysCommand looks at the API keys of the app and changes them.
func keysCommand(t *tool) *cobra.Command {
	c := &cobra.Command{Use: "keys", Short: "Show the API keys of the app, or make, rotate and revoke them", Args: subcommandOnly,
		RunE: func(c *cobra.Command, _ []string) error { return c.Help() }}
	c.AddCommand(keysListCommand(t), keysCreateCommand(t), keysRotateCommand(t),
		keyActiveCommand(t, "enable ID", "Let an API key be used again", true),
		keyActiveCommand(t, "disable ID", "Keep an API key from being used until it is enabled", false),
		keysRevokeCommand(t))
	return c
}

const oneKey = "the id of a key, such as key_587408205806571520"

func keysListCommand(t *tool) *cobra.Command {
	return command(t, "list", "List the API keys of the app; the keys themselves are never shown again", exactly(0, "no argument"),
		func(ctx context.Context, c *client.Client, _ []string) error {
			keys, err := c.APIKeys(ctx)
			if err != nil {
				return err
			}
			if !t.human() {
				return t.print(keys)
			}
			rows := [][]string{{"ID", "NAME", "STATE", "EXPIRES", "LAST USED", "NETWORKS", "CREATED BY"}}
			for _, k := range keys {
				rows = append(rows, []string{k.ID, shortened(k.Name), keyState(k), day(k.Expires), firstOf(day(k.LastUsed), "never"),
					firstOf(strings.Join(k.Networks, " "), "all"), firstOf(k.CreatorID, "app")})
			}
			return t.table(rows)
		})
}

func keyState(k client.APIKey) string {
	switch {
	case !k.Active:
		return "disabled"
	case k.Expires <= time.Now().UnixMilli():
		return "expired"
	}
	return "active"
}

// keyFlags are those of a key that is made or rotated.
type keyFlags struct {
	days     int
	networks []string
}

func (f *keyFlags) add(c *cobra.Command) {
	c.Flags().IntVar(&f.days, "days", 90, "days until the key expires, at most 366")
	c.Flags().StringArrayVar(&f.networks, "network", nil, "network that the key may be used from, as 10.1.0.0/16 or one address; may be repeated")
}

func (f *keyFlags) wish() (client.APIKeyChange, error) {
	if f.days < 1 || f.days > 366 {
		return client.APIKeyChange{}, usageError{fmt.Errorf("--days %d: write 1 to 366", f.days)}
	}
	w := client.APIKeyChange{Expires: time.Now().Add(time.Duration(f.days) * 24 * time.Hour)}
	if len(f.networks) > 0 {
		w.Networks = &f.networks
	}
	return w, nil
}

func keysCreateCommand(t *tool) *cobra.Command {
	var flags keyFlags
	var grants []string
	c := command(t, "create NAME", `Make an API key, for example: para keys create reports --grant "cats GET" --days 30`, exactly(1, "a name that says what the key is for"),
		func(ctx context.Context, c *client.Client, args []string) error {
			wish, err := flags.wish()
			if err != nil {
				return err
			}
			parsed := make([][]string, len(grants))
			for i, g := range grants {
				if parsed[i] = strings.Fields(g); len(parsed[i]) < 2 {
					return usageError{fmt.Errorf("--grant %q: write a path and methods, for example \"cats GET POST\"", g)}
				}
			}
			wish.Name = args[0]
			key, err := c.CreateAPIKey(ctx, wish)
			if err != nil {
				return err
			}
			// The key is shown whatever happens next, since nobody else has it.
			t.done("API key %s created. Save it: it is not shown again.", key.ID)
			if err := t.print(key); err != nil {
				return err
			}
			for i, g := range parsed {
				allowed := make([]client.Allowed, 0, len(g)-1)
				for _, method := range g[1:] {
					allowed = append(allowed, client.Allowed(method))
				}
				if _, err := c.Grant(ctx, key.ID, g[0], allowed...); err != nil {
					return fmt.Errorf("the key was made, but not granted %q: %w", grants[i], err)
				}
			}
			if len(grants) == 0 {
				t.note("It may do nothing yet: para permissions grant %s PATH METHOD", key.ID)
			}
			return nil
		})
	flags.add(c)
	c.Flags().StringArrayVar(&grants, "grant", nil, `what the key may do, as "PATH METHOD..."; may be repeated`)
	return c
}

func keysRotateCommand(t *tool) *cobra.Command {
	var flags keyFlags
	var overlap time.Duration
	c := command(t, "rotate ID", "Give an API key a new secret; the old one holds for a while longer", exactly(1, oneKey),
		func(ctx context.Context, c *client.Client, args []string) error {
			wish, err := flags.wish()
			if err != nil {
				return err
			}
			if overlap < 0 || overlap > 7*24*time.Hour {
				return usageError{fmt.Errorf("--overlap %s: write 0s to 168h", overlap)}
			}
			key, err := c.RotateAPIKey(ctx, args[0], wish, overlap)
			if err != nil {
				return err
			}
			t.done("API key %s has a new secret. Save it: it is not shown again.", key.ID)
			return t.print(key)
		})
	flags.add(c)
	c.Flags().DurationVar(&overlap, "overlap", time.Hour, "how long the old secret holds beside the new one, at most 168h; 0s when it may be in wrong hands")
	return c
}

func keyActiveCommand(t *tool, use, short string, active bool) *cobra.Command {
	return command(t, use, short, exactly(1, oneKey), func(ctx context.Context, c *client.Client, args []string) error {
		if _, err := c.ChangeAPIKey(ctx, args[0], client.APIKeyChange{Active: &active}); err != nil {
			return err
		}
		state := "disabled"
		if active {
			state = "enabled"
		}
		t.done("API key %s is %s.", args[0], state)
		return nil
	})
}

func keysRevokeCommand(t *tool) *cobra.Command {
	var yes bool
	c := command(t, "revoke ID", "End an API key at once, with everything that was granted to it; what it made stays", exactly(1, oneKey),
		func(ctx context.Context, c *client.Client, args []string) error {
			key, err := c.APIKey(ctx, args[0])
			if err != nil {
				return err
			}
			if err := t.confirm(ctx, yes, fmt.Sprintf("Revoke API key %s (%s)?", key.ID, key.Name)); err != nil {
				return err
			}
			if err := c.RevokeAPIKey(ctx, key.ID); err != nil {
				return err
			}
			t.done("API key %s is revoked.", key.ID)
			return nil
		})
	c.Flags().BoolVar(&yes, "yes", false, "do not ask")
	return c
}
