package main

import (
	"context"
	"errors"
	"os"

	"github.com/spf13/cobra"

	"github.com/erudika/para-go/client"
	"github.com/erudika/para-go/server"
)

func setupCommand(t *tool) *cobra.Command {
	var flags serverFlags
	c := &cobra.Command{
		Use:   "setup",
		Short: "Save the address and keys of a server, and check them",
		Long: "Save the address and keys of a server, and check them.\n\n" +
			"Values come from --accessKey, --secretKey and --endpoint, else they are asked for. Keys that a server on this\n" +
			"machine left in ./para-application.conf or its data folder are offered; without a terminal they are taken. For a\n" +
			"server that runs with other files give the same flags as to `para serve`.",
		Args: exactly(0, "no argument"),
		RunE: func(c *cobra.Command, _ []string) error {
			o, err := flags.options(t, c)
			if err != nil {
				return err
			}
			return setup(c.Context(), t, o)
		},
	}
	flags.add(c)
	return c
}

func setup(ctx context.Context, t *tool, o server.Options) error {
	p, err := loadProfile()
	if err != nil {
		return err
	}
	offered := profile{AccessKey: firstOf(p.AccessKey, "app:para"), SecretKey: p.SecretKey, Endpoint: firstOf(p.Endpoint, client.DefaultEndpoint)}
	local, err := server.FindLocal(ctx, o)
	switch {
	case err != nil:
		t.note("The configuration of the server on this machine cannot be read: %s", err)
	case local.SecretKey != "":
		offered = profile{AccessKey: local.AccessKey, SecretKey: local.SecretKey, Endpoint: firstOf(local.URL, offered.Endpoint)}
	}
	for _, q := range []struct {
		dst         *string
		flag, env   string
		text, offer string
		hidden      bool
	}{
		{&p.AccessKey, t.flags.accessKey, "PARA_ACCESS_KEY", "Para Access Key", offered.AccessKey, false},
		{&p.SecretKey, t.flags.secretKey, "PARA_SECRET_KEY", "Para Secret Key", offered.SecretKey, true},
		{&p.Endpoint, t.flags.endpoint, "PARA_ENDPOINT", "Para Endpoint", offered.Endpoint, false},
	} {
		if *q.dst = firstOf(q.flag, os.Getenv(q.env)); *q.dst != "" {
			continue
		}
		if *q.dst, err = t.ask(ctx, q.text, q.offer, q.hidden); err != nil {
			return err
		}
	}
	if len(p.AccessKey) < 3 || len(p.SecretKey) < 6 {
		return usageError{errors.New("invalid credentials: an access key looks like app:para, and a secret key has at least 6 characters")}
	}
	t.flags.accessKey, t.flags.secretKey, t.flags.endpoint = p.AccessKey, p.SecretKey, p.Endpoint
	c, err := t.client()
	if err != nil {
		return err
	}
	defer c.Close()
	if err := ping(ctx, t, c); err != nil {
		return err
	}
	p.selectApp(nil)
	if err := p.save(); err != nil {
		return err
	}
	t.done("Saved in %s", p.path)
	return nil
}

func firstOf(values ...string) string {
	for _, v := range values {
		if v != "" {
			return v
		}
	}
	return ""
}
