package main

import (
	"context"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/erudika/para-go/client"
)

// constraintsCommand shows and changes the validation rules of the app (R 19).
func constraintsCommand(t *tool) *cobra.Command {
	c := &cobra.Command{Use: "constraints", Short: "Show the validation rules of objects, or change them", Args: subcommandOnly,
		RunE: func(c *cobra.Command, _ []string) error { return c.Help() }}
	c.AddCommand(
		command(t, "list [TYPE]", "Show the rules of one type, or of all", between(0, 1, "at most one argument"), func(ctx context.Context, c *client.Client, args []string) error {
			rules, err := c.Constraints(ctx, strings.Join(args, ""))
			if err != nil {
				return err
			}
			return t.print(rules)
		}),
		command(t, "add TYPE FIELD RULE [NAME=VALUE]...", "Add a rule, for example: para constraints add cat paws max value=4", atLeast(3, "a type, a field and a rule"),
			func(ctx context.Context, c *client.Client, args []string) error {
				rule := client.Constraint{Name: args[2], Payload: map[string]any{}}
				for _, a := range args[3:] {
					name, value, ok := strings.Cut(a, "=")
					if !ok || name == "" {
						return usageError{fmt.Errorf("%s: write a parameter as NAME=VALUE, for example value=4", a)}
					}
					rule.Payload[name] = value
				}
				rules, err := c.AddConstraint(ctx, args[0], args[1], rule)
				if err != nil {
					return err
				}
				if _, ok := rules[args[0]][args[1]][args[2]]; !ok {
					_ = t.print(rules)
					return fmt.Errorf("the server did not take the rule %q: see its name and parameters", args[2])
				}
				return t.print(rules)
			}),
		command(t, "rm TYPE FIELD RULE", "Remove a rule", exactly(3, "a type, a field and a rule"), func(ctx context.Context, c *client.Client, args []string) error {
			rules, err := c.RemoveConstraint(ctx, args[0], args[1], args[2])
			if err != nil {
				return err
			}
			return t.print(rules)
		}),
	)
	return c
}

// permissionsCommand shows and changes what users may do (R 20).
func permissionsCommand(t *tool) *cobra.Command {
	c := &cobra.Command{Use: "permissions", Short: "Show what users may do, or change it", Args: subcommandOnly,
		RunE: func(c *cobra.Command, _ []string) error { return c.Help() }}
	revoke := command(t, "revoke SUBJECT [PATH]", "Take back what a subject was granted on a path, or with --all everything", between(1, 2, "a subject, and a path or --all"), nil)
	all := revoke.Flags().Bool("all", false, "take back everything of the subject")
	revoke.RunE = command(t, "", "", nil, func(ctx context.Context, c *client.Client, args []string) error {
		if *all == (len(args) == 2) {
			return usageError{fmt.Errorf("name a path, or say --all")}
		}
		if *all {
			return printAnswer(t)(c.RevokeAll(ctx, args[0]))
		}
		return printAnswer(t)(c.Revoke(ctx, args[0], args[1]))
	}).RunE
	c.AddCommand(
		command(t, "list [SUBJECT]", "Show the permissions of one subject (a user's id, or *), or of all", between(0, 1, "at most one argument"), func(ctx context.Context, c *client.Client, args []string) error {
			return printAnswer(t)(c.Permissions(ctx, strings.Join(args, "")))
		}),
		command(t, "grant SUBJECT PATH METHOD...", "Allow methods on a path, for example: para permissions grant '*' posts GET", atLeast(3, "a subject, a path and a method"),
			func(ctx context.Context, c *client.Client, args []string) error {
				allowed := make([]client.Allowed, 0, len(args)-2)
				for _, a := range args[2:] {
					allowed = append(allowed, client.Allowed(a))
				}
				return printAnswer(t)(c.Grant(ctx, args[0], args[1], allowed...))
			}),
		revoke,
		command(t, "check SUBJECT PATH METHOD", "Say whether a subject may use a method on a path", exactly(3, "a subject, a path and a method"), func(ctx context.Context, c *client.Client, args []string) error {
			ok, err := c.IsAllowed(ctx, args[0], args[1], args[2])
			if err != nil {
				return err
			}
			return t.print(ok)
		}),
	)
	return c
}

// printAnswer prints what a call answered, unless it failed.
func printAnswer(t *tool) func(client.Permissions, error) error {
	return func(p client.Permissions, err error) error {
		if err != nil {
			return err
		}
		return t.print(p)
	}
}
