package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"

	"github.com/spf13/cobra"

	para "github.com/erudika/para-go"
	"github.com/erudika/para-go/client"
)

// usersCommand looks at the users of the app and changes them (O 10).
func usersCommand(t *tool) *cobra.Command {
	c := &cobra.Command{Use: "users", Short: "Show the users of the app, or change them", Args: subcommandOnly,
		RunE: func(c *cobra.Command, _ []string) error { return c.Help() }}
	const one = "a user: its id, an identifier or its e-mail address"
	c.AddCommand(
		usersListCommand(t),
		command(t, "read USER", "Show a user, found by its id, an identifier or its e-mail address", exactly(1, one),
			func(ctx context.Context, c *client.Client, args []string) error {
				user, err := findUser(ctx, c, args[0])
				if err != nil {
					return err
				}
				return t.print(user)
			}),
		usersCreateCommand(t),
		activeCommand(t, "enable USER", "Let a user sign in", true),
		activeCommand(t, "disable USER", "Keep a user from signing in; its tokens hold no longer", false),
		command(t, "sign-out USER", "End all sessions of a user: none of its tokens holds any longer", exactly(1, one),
			func(ctx context.Context, c *client.Client, args []string) error {
				user, err := findUser(ctx, c, args[0])
				if err != nil {
					return err
				}
				if err := user.Set("tokenSecret", para.NewTokenSecret()); err != nil {
					return err
				}
				if err := c.Do(ctx, http.MethodPut, client.Path("user", user.ID()), nil, user, nil); err != nil {
					return err
				}
				t.done("User %s is signed out everywhere.", user.ID())
				return nil
			}),
		command(t, "reset-second-factor USER", "Take the second factor and the passkeys of a user away, who has lost them; its sessions end", exactly(1, one),
			func(ctx context.Context, c *client.Client, args []string) error {
				user, err := findUser(ctx, c, args[0])
				if err != nil {
					return err
				}
				if err := c.Do(ctx, http.MethodDelete, client.Path("user", user.ID(), "second_factor"), nil, nil, nil); err != nil {
					return err
				}
				t.done("User %s has no second factor and no passkeys any longer.", user.ID())
				return nil
			}),
		usersDeleteCommand(t),
	)
	return c
}

func usersListCommand(t *tool) *cobra.Command {
	return command(t, "list [QUERY]", `List the users, or those that a query finds, for example: para users list "groups:admins"`, between(0, 1, "at most one query; put it into quotes"),
		func(ctx context.Context, c *client.Client, args []string) error {
			query := "*"
			if len(args) == 1 {
				query = args[0]
			}
			if !t.human() {
				return t.stream(c.All(ctx, "user", query))
			}
			rows := [][]string{{"ID", "IDENTIFIER", "NAME", "GROUPS", "ACTIVE", "CREATED"}}
			for u, err := range c.All(ctx, "user", query) {
				if err != nil {
					return err
				}
				rows = append(rows, []string{u.ID(), u.Text("identifier"), shortened(u.Name()), u.Text("groups"), fmt.Sprint(u.Bool("active")), day(u.Timestamp())})
			}
			return t.table(rows)
		})
}

func usersCreateCommand(t *tool) *cobra.Command {
	var name, email, groups string
	var inactive bool
	c := command(t, "create IDENTIFIER", "Create a user, who is active; the identifier is an e-mail address or that of a provider, such as gh:1", exactly(1, "an identifier, such as an e-mail address"),
		func(ctx context.Context, c *client.Client, args []string) error {
			switch groups {
			case "users", "mods", "admins":
			default:
				return usageError{fmt.Errorf("--groups %s: write users, mods or admins", groups)}
			}
			if email == "" {
				email = args[0]
			}
			if !strings.Contains(email, "@") {
				return usageError{fmt.Errorf("%s is no e-mail address: name one with --email", email)}
			}
			user := para.New("user")
			for _, m := range []struct {
				name  string
				value any
			}{{"name", firstOf(name, args[0])}, {"identifier", args[0]}, {"email", email}, {"groups", groups}, {"active", !inactive}} {
				if err := user.Set(m.name, m.value); err != nil {
					return err
				}
			}
			made, err := c.Create(ctx, user)
			if err != nil {
				return fmt.Errorf("create user %s (is the identifier or address taken?): %w", args[0], err)
			}
			t.done("User created.")
			return t.print(made)
		})
	f := c.Flags()
	f.StringVar(&name, "name", "", "full name")
	f.StringVar(&email, "email", "", "e-mail address, when the identifier is none")
	f.StringVar(&groups, "groups", "users", "users, mods or admins")
	f.BoolVar(&inactive, "inactive", false, "the user cannot sign in until it is enabled")
	return c
}

func activeCommand(t *tool, use, short string, active bool) *cobra.Command {
	return command(t, use, short, exactly(1, "a user: its id, an identifier or its e-mail address"), func(ctx context.Context, c *client.Client, args []string) error {
		user, err := findUser(ctx, c, args[0])
		if err != nil {
			return err
		}
		if _, err := c.Patch(ctx, "user", user.ID(), map[string]any{"active": active}); err != nil {
			return err
		}
		state := "disabled"
		if active {
			state = "enabled"
		}
		t.done("User %s is %s.", user.ID(), state)
		return nil
	})
}

func usersDeleteCommand(t *tool) *cobra.Command {
	var yes bool
	c := command(t, "delete USER", "Delete a user with its identifiers and permissions; what it made stays", exactly(1, "a user: its id, an identifier or its e-mail address"),
		func(ctx context.Context, c *client.Client, args []string) error {
			user, err := findUser(ctx, c, args[0])
			if err != nil {
				return err
			}
			if err := t.confirm(ctx, yes, fmt.Sprintf("Delete user %s (%s)?", user.ID(), user.Text("identifier"))); err != nil {
				return err
			}
			if err := c.Delete(ctx, user); err != nil {
				return err
			}
			t.done("User %s was deleted.", user.ID())
			return nil
		})
	c.Flags().BoolVar(&yes, "yes", false, "do not ask")
	return c
}

// findUser finds a user by its id, by one of its identifiers, or by its e-mail address.
func findUser(ctx context.Context, c *client.Client, who string) (*para.Object, error) {
	o, err := c.Get(ctx, who)
	if err == nil && para.IsIdentity(o) && o.CreatorID() != "" {
		o, err = c.Get(ctx, o.CreatorID())
	}
	switch {
	case err == nil && o.Type() == "user":
		return o, nil
	case err != nil && !errors.Is(err, client.ErrNotFound):
		return nil, err
	}
	page, err := c.FindTerms(ctx, "user", map[string]any{"email": strings.ToLower(who)}, client.MatchAll, &client.Pager{Limit: 1})
	if err != nil {
		return nil, err
	}
	if len(page.Items) == 0 {
		return nil, fmt.Errorf("%w: no user %s", errNothing, who)
	}
	return page.Items[0], nil
}
