package main

import (
	"context"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"github.com/erudika/para-go/client"
)

// command makes a command that talks to the server.
func command(t *tool, use, short string, args cobra.PositionalArgs, run func(ctx context.Context, c *client.Client, args []string) error) *cobra.Command {
	return &cobra.Command{
		Use:   use,
		Short: short,
		Args:  args,
		RunE: func(cmd *cobra.Command, args []string) error {
			c, err := t.client()
			if err != nil {
				return err
			}
			defer c.Close()
			return run(cmd.Context(), c, args)
		},
	}
}

func pingCommand(t *tool) *cobra.Command {
	return command(t, "ping", "Check the connection to the server", exactly(0, "no argument"), func(ctx context.Context, c *client.Client, _ []string) error {
		return ping(ctx, t, c)
	})
}

func ping(ctx context.Context, t *tool, c *client.Client) error {
	start := time.Now()
	me, err := c.Me(ctx)
	if err != nil {
		return fmt.Errorf("connection to %s failed: %w", c.Endpoint(), err)
	}
	took := time.Since(start)
	v, err := c.ServerVersion(ctx)
	if err != nil || v == "" {
		v = "unknown"
	}
	who := me.App
	if who == nil {
		who = me.User
	}
	t.done("Connected to Para server v%s on %s. Authenticated as: %s %s (%s)", v, c.Endpoint(), who.Type(), who.Name(), who.ID())
	if t.human() {
		return nil
	}
	return t.print(map[string]any{"endpoint": c.Endpoint(), "version": v, "id": who.ID(), "type": who.Type(), "name": who.Name(), "tookMillis": took.Milliseconds()})
}

func meCommand(t *tool) *cobra.Command {
	return command(t, "me", "Show the app or user that the keys stand for", exactly(0, "no argument"), func(ctx context.Context, c *client.Client, _ []string) error {
		me, err := c.Me(ctx)
		if err != nil {
			return err
		}
		if me.App != nil {
			return t.print(me.App)
		}
		return t.print(me.User)
	})
}

func typesCommand(t *tool) *cobra.Command {
	var count bool
	c := command(t, "types", "List the types of the app: plural and singular", exactly(0, "no argument"), func(ctx context.Context, c *client.Client, _ []string) error {
		if count {
			n, err := c.TypeCounts(ctx)
			if err != nil {
				return err
			}
			return t.print(n)
		}
		types, err := c.Types(ctx)
		if err != nil {
			return err
		}
		return t.print(types)
	})
	c.Flags().BoolVar(&count, "count", false, "show the number of objects of each type")
	return c
}

func newAppCommand(t *tool) *cobra.Command {
	var name string
	var shared bool
	c := command(t, "new-app ID", "Create an app (needs the keys of the root app)", exactly(1, "the id of the app"), func(ctx context.Context, c *client.Client, args []string) error {
		keys, err := c.SetupApp(ctx, args[0], client.NewApp{Name: firstOf(name, args[0]), SharedTable: shared, SharedIndex: shared})
		if err != nil {
			return err
		}
		if keys.SecretKey == "" {
			t.done("App %q already exists.", args[0])
			return nil
		}
		t.done("App created:")
		return t.print(keys)
	})
	c.Flags().StringVar(&name, "name", "", "full name of the app")
	c.Flags().BoolVar(&shared, "shared", false, "share table and index with the root app")
	return c
}

func newKeyCommand(t *tool) *cobra.Command {
	return command(t, "new-key", "Replace the secret key of the app; all its tokens become void", exactly(0, "no argument"), func(ctx context.Context, c *client.Client, _ []string) error {
		p, err := loadProfile()
		if err != nil {
			t.note("The new secret will be printed and not saved: %s", err)
		}
		who, err := t.credentials()
		if err != nil {
			return err
		}
		saved := who == identity{p.keys(), firstOf(p.Endpoint, client.DefaultEndpoint)}
		keys, err := c.NewKeys(ctx)
		if err != nil {
			return fmt.Errorf("failed to generate new secret key: %w", err)
		}
		if !saved {
			t.note("The keys of this call are not the saved ones: the new secret is printed and not saved.")
			return t.print(keys)
		}
		if p.selected != nil {
			p.selected.SecretKey = keys.SecretKey
		} else {
			p.SecretKey = keys.SecretKey
		}
		if err := p.save(); err != nil {
			_ = t.print(keys) // the old secret is void: the new one must not be lost
			return err
		}
		t.done("New secret key generated and saved in %s", p.path)
		return nil
	})
}

func newJWTCommand(t *tool) *cobra.Command {
	var show bool
	var days int
	c := command(t, "new-jwt", "Make a super token of the app", exactly(0, "no argument"), func(_ context.Context, c *client.Client, _ []string) error {
		if days < 1 {
			return usageError{fmt.Errorf("--days %d: at least 1", days)}
		}
		token, err := c.SuperToken(time.Duration(days) * 24 * time.Hour)
		if err != nil {
			return err
		}
		if show || !t.human() {
			_, err := fmt.Fprintln(t.out, token)
			return err
		}
		p, err := loadProfile()
		if err != nil {
			return err
		}
		p.JWT = token
		if err := p.save(); err != nil {
			return err
		}
		t.done("New JWT generated and saved in %s", p.path)
		return nil
	})
	c.Flags().BoolVar(&show, "print", false, "print the token instead of saving it")
	c.Flags().IntVar(&days, "days", 7, "how long the token holds")
	return c
}
