package main

import (
	"context"
	"strings"

	"github.com/spf13/cobra"

	"github.com/erudika/para-go/client"
)

// guestSubject stands for a guest on the command line.
const guestSubject = "guest"

func whyCommand(t *tool) *cobra.Command {
	return command(t, "why SUBJECT METHOD PATH", "Say why a user, or a guest, may make a request or not, for example: para why guest GET posts",
		exactly(3, "a subject (a user's id, or guest), a method and a path"), func(ctx context.Context, c *client.Client, args []string) error {
			subject := args[0]
			if subject == guestSubject {
				subject = ""
			}
			r, err := c.WhyAllowed(ctx, subject, strings.TrimPrefix(strings.Trim(args[2], "/"), "v1/"), strings.ToUpper(args[1]))
			if err != nil {
				return err
			}
			return t.result(r, func() string { return told(r) })
		})
}

// told is a ruling for people.
func told(r *client.Ruling) string {
	answer := "No. "
	if r.Allowed {
		answer = "Yes. "
	}
	lines := []string{answer + r.Rule}
	if r.Entry != nil {
		lines = append(lines, "Entry: "+r.Entry.Subject+" "+r.Entry.Path+" "+strings.Join(r.Entry.Allowed, " "))
	}
	if r.Change != "" {
		lines = append(lines, "To change that: "+r.Change)
	}
	return strings.Join(append(lines, r.Notes...), "\n")
}
