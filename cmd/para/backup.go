package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"

	"github.com/erudika/para-go/client"
)

func backupCommand(t *tool) *cobra.Command {
	var app string
	c := command(t, "backup --app ID FILE", "Save a consistent copy of an app while the server runs (root keys)", exactly(1, "the name of the file to write"),
		func(ctx context.Context, c *client.Client, args []string) error {
			if app == "" {
				return usageError{errors.New("which app? --app ID")}
			}
			return backup(ctx, t, c, app, args[0])
		})
	c.Flags().StringVar(&app, "app", "", "id of the app")
	return c
}

// backup writes the copy beside the target first, so that an old backup is never lost to a broken transfer.
func backup(ctx context.Context, t *tool, c *client.Client, app, file string) error {
	if file == "-" {
		_, err := c.Backup(ctx, app, t.out)
		return err
	}
	f, err := os.CreateTemp(filepath.Dir(file), ".para-backup-*") // mode 0600: it holds secrets
	if err != nil {
		return err
	}
	defer func() { _ = os.Remove(f.Name()) }() // gone already when all went well
	n, err := c.Backup(ctx, app, f)
	if err == nil {
		err = f.Sync()
	}
	if closed := f.Close(); err == nil {
		err = closed
	}
	if err == nil {
		err = os.Rename(f.Name(), file)
	}
	if err != nil {
		return fmt.Errorf("backup of app %s: %w", app, err)
	}
	t.done("Saved app %s: %d bytes in %s", app, n, file)
	return nil
}

func restoreCommand(t *tool) *cobra.Command {
	var app string
	var yes bool
	c := command(t, "restore --app ID FILE", "Replace an app by a copy that backup made (root keys)", exactly(1, "the name of the file to read"),
		func(ctx context.Context, c *client.Client, args []string) error {
			if app == "" {
				return usageError{errors.New("which app? --app ID")}
			}
			if err := t.confirm(ctx, yes, fmt.Sprintf("Everything that is in the app %s now will be replaced.", app)); err != nil {
				return err
			}
			f, err := os.Open(args[0])
			if err != nil {
				return err
			}
			defer f.Close()
			if err := c.Restore(ctx, app, f); err != nil {
				return fmt.Errorf("restore of app %s: %w", app, err)
			}
			t.done("Restored app %s from %s", app, args[0])
			return nil
		})
	c.Flags().StringVar(&app, "app", "", "id of the app")
	c.Flags().BoolVar(&yes, "yes", false, "do not ask")
	return c
}
