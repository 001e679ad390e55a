package main

import (
	"context"
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/erudika/para-go/client"
)

// errIndexDiffers ends a check that found something, so that scripts notice.
var errIndexDiffers = errors.New("the search index differs from the objects; `para rebuild-index` mends it")

func checkCommand(t *tool) *cobra.Command {
	var app string
	c := command(t, "check [--app ID]", "Compare the search index of the app with its objects", exactly(0, "no argument; --app names another app"),
		func(ctx context.Context, c *client.Client, _ []string) error {
			r, err := c.CheckIndex(ctx, app)
			if err != nil {
				return fmt.Errorf("check: %w", err)
			}
			if err := t.result(r, func() string {
				text := fmt.Sprintf("%d objects compared, %d differences", r.Objects, r.Problems)
				for _, d := range r.Differences {
					text += "\n  " + d
				}
				return text
			}); err != nil {
				return err
			}
			if !r.Equal {
				return errIndexDiffers
			}
			t.done("The search index equals the objects")
			return nil
		})
	c.Flags().StringVar(&app, "app", "", "id of another app (root keys)")
	return c
}

func rebuildIndexCommand(t *tool) *cobra.Command {
	var destination string
	c := command(t, "rebuild-index", "Make the search index of the app anew while it is in use", exactly(0, "no argument"),
		func(ctx context.Context, c *client.Client, _ []string) error {
			r, err := c.RebuildIndex(ctx, destination)
			if err != nil {
				return fmt.Errorf("rebuild-index: %w", err)
			}
			return t.result(map[string]int64{"reindexed": r.Objects, "tookMillis": r.Took.Milliseconds()}, func() string {
				return fmt.Sprintf("%d objects indexed in %s", r.Objects, r.Took)
			})
		})
	c.Flags().StringVar(&destination, "destinationIndex", "", "name of the new index, for engines that keep several")
	return c
}
