package main

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/erudika/para-go/client"
)

// tokenDays is how long a super token holds.
const tokenDays = 7

const checkFile = " Check the configuration file "

func (c *paraCLI) setup(ctx context.Context) error {
	const cancelled = "Setup cancelled."
	access, err := c.question(ctx, "Para Access Key:", firstOf(c.config.AccessKey, "app:para"), false, cancelled)
	if err != nil {
		return err
	}
	secret, err := c.question(ctx, "Para Secret Key:", "", true, cancelled)
	if err != nil {
		return err
	}
	endpoint, err := c.question(ctx, "Para Endpoint:", paraCLIEndpoint, false, cancelled)
	if err != nil {
		return err
	}
	keys := paraCLIKeys{access, firstOf(secret, c.config.SecretKey), endpoint}
	c.config.SelectedApp, c.config.SelectedEndpoint = nil, 0 // what is set up is what commands use
	if err := c.saveToken(keys, false); err != nil {
		return err
	}
	c.flags = map[string][]string{"accessKey": {keys.AccessKey}, "secretKey": {keys.SecretKey}, "endpoint": {keys.Endpoint}}
	if err := c.ping(ctx); err != nil || access != "app:para" {
		return err
	}
	apps, err := c.listApps(ctx)
	if err != nil || len(apps) > 0 {
		return err
	}
	answer, err := c.question(ctx, "Would you like to create a new Para app? [Y/n]", "Y", false, cancelled)
	if err != nil || !strings.EqualFold(answer, "y") {
		return err
	}
	name, err := c.question(ctx, "App name:", "", false, cancelled)
	if err != nil {
		return err
	}
	c.args = []string{name}
	return c.newApp(ctx)
}

func (c *paraCLI) ping(ctx context.Context) error {
	return c.with(func(cl *client.Client) error {
		me, err := cl.Me(ctx)
		if err != nil {
			c.fail(`Connection failed. Run "para-cli setup" or check the configuration file `+c.config.path+":", err)
			return errSaid
		}
		number, err := cl.ServerVersion(ctx)
		if err != nil || number == "" {
			number = "unknown"
		}
		who := me.App
		if who == nil {
			who = me.User
		}
		c.ok("Connected to Para server v%s on %s. Authenticated as: %s %s (%s)", number, cl.Endpoint(), who.Type(), who.Name(), who.ID())
		return nil
	})
}

func (c *paraCLI) me(ctx context.Context) error {
	return c.with(func(cl *client.Client) error {
		me, err := cl.Me(ctx)
		if err != nil {
			c.fail("Connection failed. Server might be down."+checkFile+c.config.path+":", err)
			return errSaid
		}
		if me.App != nil {
			return c.show(whole(me.App)[0])
		}
		return c.show(whole(me.User)[0])
	})
}

func (c *paraCLI) types(ctx context.Context) error {
	return c.with(func(cl *client.Client) error {
		types, err := cl.Types(ctx)
		if err != nil {
			c.fail("Connection failed. Server might be down."+checkFile+c.config.path+":", err)
			return errSaid
		}
		return c.show(types)
	})
}

func (c *paraCLI) appSettings(ctx context.Context) error {
	return c.with(func(cl *client.Client) error {
		settings, err := cl.Settings(ctx)
		if err != nil {
			c.fail("Connection failed."+checkFile+c.config.path+":", err)
			return errSaid
		}
		return c.show(settings)
	})
}

func (c *paraCLI) rebuildIndex(ctx context.Context) error {
	return c.with(func(cl *client.Client) error {
		query := url.Values{}
		if to := c.flag("destinationIndex"); to != "" {
			query.Set("destinationIndex", to)
		}
		var told any
		if err := cl.Do(ctx, "POST", "_reindex", query, nil, &told); err != nil {
			c.fail("Reindex failed.", err)
			return errSaid
		}
		return c.show(told)
	})
}

func (c *paraCLI) apps(ctx context.Context) error {
	_, err := c.listApps(ctx)
	return err
}

// listApps prints the identifiers of all apps and returns them.
func (c *paraCLI) listApps(ctx context.Context) (names []string, err error) {
	root := c.endpoint()
	return names, c.asRoot(func(cl *client.Client) error {
		for app, err := range cl.All(ctx, "app", "*") {
			if err != nil {
				c.fail("Failed to list apps:", err)
				return errSaid
			}
			names = append(names, app.Text("appIdentifier"))
		}
		if len(names) == 0 {
			c.say("No apps found within " + printable(root.AccessKey))
			return nil
		}
		c.say(printable(fmt.Sprintf("Found %d apps on %s:\n [%s]", len(names), root.endpoint, strings.Join(names, "] ["))))
		c.say(printable(fmt.Sprintf("\n`para-cli select %s` switches to that app.\nCurrent app: %s", names[0], c.actor().AccessKey)))
		return nil
	})
}

func (c *paraCLI) selectApp(ctx context.Context) error {
	root := c.endpoint()
	if root.AccessKey != "app:para" {
		c.fail("This command only works when Para CLI is configured to use the keys for the root app.", nil)
		return errSaid
	}
	id := appPrefix + strings.TrimPrefix(firstOf(strings.TrimSpace(c.word()), "para"), appPrefix)
	if id == root.AccessKey {
		c.config.SelectedApp = nil
	} else {
		var keys *client.Keys
		err := c.asRoot(func(cl *client.Client) (err error) {
			keys, err = cl.KeysOf(ctx, id)
			return err
		})
		if err != nil {
			c.fail("App "+c.word()+" not found!", nil)
			if !errors.Is(err, client.ErrNotFound) {
				c.fail("", err)
			}
			return errSaid
		}
		c.config.SelectedApp = &paraCLIKeys{keys.AccessKey, keys.SecretKey, root.endpoint}
	}
	if err := c.config.save(); err != nil {
		return err
	}
	c.ok("Selected %s as the current app.", id)
	return nil
}

func (c *paraCLI) newApp(ctx context.Context) error {
	id := c.word()
	if id == "" {
		c.fail("App name not specified.", nil)
		return errSaid
	}
	return c.asRoot(func(cl *client.Client) error {
		shared := c.on("shared")
		keys, err := cl.SetupApp(ctx, id, client.NewApp{Name: firstOf(c.flag("name"), id), SharedTable: shared, SharedIndex: shared})
		switch {
		case err != nil:
			c.fail("Failed to create app:", err)
			return errSaid
		case keys.SecretKey == "":
			c.ok("App %q already exists.", id)
			return nil
		}
		c.ok("App created:")
		return c.show(keys)
	})
}

func (c *paraCLI) deleteApp(ctx context.Context) error {
	id := c.word()
	if id == "" {
		c.fail("App id not specified.", nil)
		return errSaid
	}
	if !strings.HasPrefix(id, appPrefix) {
		id = appPrefix + id
	}
	answer, err := c.question(ctx, fmt.Sprintf("Are you sure you want to delete %s? ALL DATA FOR THAT APP WILL BE LOST! yes/No", id), "", false, "Delete cancelled.")
	if err != nil {
		return err
	}
	if answer != "yes" {
		return cancelledError("Delete cancelled.")
	}
	return c.asRoot(func(cl *client.Client) error {
		if err := cl.DeleteApp(ctx, id); err != nil {
			c.fail("Failed to delete app:", err)
			return errSaid
		}
		c.ok("App %s was deleted!", id)
		if c.config.SelectedApp == nil || c.config.SelectedApp.AccessKey != id {
			return nil
		}
		c.config.SelectedApp = nil
		return c.config.save()
	})
}

func (c *paraCLI) newKey(ctx context.Context) error {
	return c.with(func(cl *client.Client) error {
		keys, err := cl.NewKeys(ctx)
		if err != nil {
			c.fail("Failed to generate new secret key:", err)
			return errSaid
		}
		if err := c.keep(keys); err != nil {
			return errors.Join(err, c.show(keys)) // the old secret is void: the new one must not be lost
		}
		c.ok("New secret key generated and saved in %s", c.config.path)
		return nil
	})
}

func (c *paraCLI) newJWT(context.Context) error {
	who := c.actor()
	return c.saveToken(paraCLIKeys{who.AccessKey, who.SecretKey, who.endpoint}, c.on("print"))
}

// saveToken makes a super token and saves it with the keys it was made with.
func (c *paraCLI) saveToken(keys paraCLIKeys, show bool) error {
	if len(keys.AccessKey) < 3 || len(keys.SecretKey) < 6 {
		c.fail("Invalid credentials.", nil)
		return errSaid
	}
	return c.as(keys.identity(), func(cl *client.Client) error {
		token, err := cl.SuperToken(tokenDays * 24 * time.Hour)
		if err != nil {
			return err
		}
		p := c.config
		if !c.selected() { // the keys of a selected app came from the file
			p.set(keys)
		}
		p.JWT = token
		if err := p.save(); err != nil {
			return err
		}
		if show {
			c.say(token)
			return nil
		}
		c.ok("New JWT generated and saved in %s", p.path)
		return nil
	})
}

func (c *paraCLI) endpoints(ctx context.Context) error {
	switch c.word() {
	case "add":
		return c.addEndpoint(ctx)
	case "remove":
		return c.removeEndpoint(ctx)
	}
	list := c.printEndpoints()
	i, err := c.choose(ctx, len(list), "select", "Select endpoint cancelled.")
	if err != nil {
		return err
	}
	i = max(i, 0)
	c.config.SelectedApp, c.config.SelectedEndpoint = nil, i
	if err := c.config.save(); err != nil {
		return err
	}
	c.say("Selected endpoint: " + printable(list[i].Endpoint))
	return nil
}

func (c *paraCLI) printEndpoints() []paraCLIKeys {
	list := c.list()
	for i, e := range list {
		mark, state := "  ", "root app not configured"
		if i == c.config.SelectedEndpoint {
			mark = " ➤"
		}
		if e.AccessKey == "app:para" && len(e.SecretKey) > 10 {
			state = "✔ root app configured"
		}
		c.say(printable(fmt.Sprintf("%s %d. %s %s", mark, i+1, e.Endpoint, state)))
	}
	return list
}

// choose asks for one of n endpoints and returns its index, -1 for an answer that is none.
func (c *paraCLI) choose(ctx context.Context, n int, what, cancelled string) (int, error) {
	answer, err := c.question(ctx, "Type the number of the Para endpoint to "+what+":", "", false, cancelled)
	if err != nil {
		return 0, err
	}
	if i, err := strconv.Atoi(answer); err == nil && i >= 1 && i <= n {
		return i - 1, nil
	}
	return -1, nil
}

func (c *paraCLI) addEndpoint(ctx context.Context) error {
	const cancelled = "Add endpoint cancelled."
	address, err := c.question(ctx, "Para Endpoint:", "", false, cancelled)
	if err != nil {
		return err
	}
	if u, err := url.Parse(address); err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" {
		c.fail("Endpoint must be a valid URL.", nil)
		return errSaid
	}
	secret, err := c.question(ctx, "Para Secret Key (for root app app:para):", "", true, cancelled)
	if err != nil {
		return err
	}
	p := c.config
	if i := slices.IndexFunc(p.Endpoints, func(e paraCLIKeys) bool { return e.Endpoint == address }); i >= 0 {
		p.Endpoints[i].SecretKey = secret
	} else {
		p.Endpoints = append(p.Endpoints, paraCLIKeys{"app:para", secret, address})
	}
	if err := p.save(); err != nil {
		return err
	}
	return c.ping(ctx)
}

// removeEndpoint forgets an endpoint. An answer that names none removes none.
func (c *paraCLI) removeEndpoint(ctx context.Context) error {
	list := c.printEndpoints()
	i, err := c.choose(ctx, len(list), "remove", "Remove endpoint cancelled.")
	if err != nil {
		return err
	}
	p := c.config
	switch {
	case i < 0:
		c.fail("No endpoint has that number.", nil)
		return errSaid
	case i == 0:
		p.paraCLIKeys = paraCLIKeys{"app:para", "", paraCLIEndpoint}
	default:
		p.Endpoints = slices.Delete(p.Endpoints, i-1, i)
	}
	switch {
	case i == p.SelectedEndpoint:
		p.SelectedEndpoint, p.SelectedApp = 0, nil
	case i < p.SelectedEndpoint && i > 0:
		p.SelectedEndpoint--
	}
	if err := p.save(); err != nil {
		return err
	}
	c.say("Removed endpoint: " + printable(list[i].Endpoint))
	return nil
}
