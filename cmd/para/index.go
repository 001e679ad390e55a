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

// errNotAllIndexed ends a rebuild that left objects out, so that scripts notice.
var errNotAllIndexed = errors.New("some objects cannot be read and were not indexed; all others were")

func rebuildIndexCommand(t *tool) *cobra.Command {
	var destination, app string
	c := command(t, "rebuild-index [--app ID]", "Make the search index of the app anew while it is in use", exactly(0, "no argument; --app names another app"),
		func(ctx context.Context, c *client.Client, _ []string) error {
			r, err := rebuild(ctx, c, app, destination)
			if err != nil {
				return fmt.Errorf("rebuild-index: %w", err)
			}
			report := struct {
				Reindexed  int64    `json:"reindexed"`
				TookMillis int64    `json:"tookMillis"`
				Skipped    int64    `json:"skipped,omitempty"`
				Problems   []string `json:"problems,omitempty"`
			}{r.Objects, r.Took.Milliseconds(), r.Skipped, r.Problems}
			if err := t.result(report, func() string {
				text := fmt.Sprintf("%d objects read in %s", r.Objects, r.Took)
				if r.Skipped > 0 {
					text += fmt.Sprintf(", %d of them left out", r.Skipped)
				}
				for _, p := range r.Problems {
					text += "\n  " + p
				}
				return text
			}); err != nil {
				return err
			}
			if r.Skipped > 0 {
				return errNotAllIndexed
			}
			return nil
		})
	c.Flags().StringVar(&app, "app", "", "id of another app (root keys)")
	c.Flags().StringVar(&destination, "destinationIndex", "", "name of the new index, for engines that keep several")
	return c
}

func rebuild(ctx context.Context, c *client.Client, app, destination string) (*client.Reindexed, error) {
	if app != "" {
		return c.RebuildIndexOf(ctx, app)
	}
	return c.RebuildIndex(ctx, destination)
}
