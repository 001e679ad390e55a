package main

import (
	"context"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	para "github.com/erudika/para-go"
	"github.com/erudika/para-go/client"
)

// reference reads an argument that names an object as TYPE/ID.
func reference(arg string) (*para.Object, error) {
	typ, id, ok := strings.Cut(arg, "/")
	if !ok || typ == "" || id == "" {
		return nil, usageError{fmt.Errorf("%q: name an object as TYPE/ID, for example cat/1", arg)}
	}
	o := para.New(typ)
	o.SetID(id)
	return o, nil
}

// withObject makes a command whose first argument names an object.
func withObject(t *tool, use, short string, args cobra.PositionalArgs, run func(ctx context.Context, c *client.Client, o *para.Object, args []string) error) *cobra.Command {
	return command(t, use, short, args, func(ctx context.Context, c *client.Client, args []string) error {
		o, err := reference(args[0])
		if err != nil {
			return err
		}
		return run(ctx, c, o, args[1:])
	})
}

func linkCommand(t *tool) *cobra.Command {
	return withObject(t, "link TYPE/ID ID2", "Link an object with another one and print the id of the link", exactly(2, "an object and the id of another one"),
		func(ctx context.Context, c *client.Client, o *para.Object, args []string) error {
			id, err := c.Link(ctx, o, args[0])
			if err != nil {
				return err
			}
			_, err = fmt.Fprintln(t.out, id)
			return err
		})
}

func linksCommand(t *tool) *cobra.Command {
	var pages pageFlags
	var field, query string
	var count bool
	c := withObject(t, "links TYPE/ID TYPE2", "Show the objects of a type that an object is linked with", exactly(2, "an object and a type"),
		func(ctx context.Context, c *client.Client, o *para.Object, args []string) error {
			switch {
			case count:
				n, err := c.CountLinks(ctx, o, args[0])
				return printCount(t, n, err)
			case field != "" || query != "":
				found, err := c.FindLinks(ctx, o, args[0], field, query, pages.pager())
				return printPage(t, found, err)
			}
			found, err := c.Links(ctx, o, args[0], pages.pager())
			return printPage(t, found, err)
		})
	pages.add(c)
	c.Flags().BoolVar(&count, "count", false, "print only how many there are")
	c.Flags().StringVar(&query, "query", "", "only those that match a query")
	c.Flags().StringVar(&field, "field", "", "field that the query is about")
	return c
}

func unlinkCommand(t *tool) *cobra.Command {
	var all bool
	c := withObject(t, "unlink TYPE/ID [TYPE2/ID2]", "Remove the link between two objects, or with --all every link of one", between(1, 2, "an object, and another one or --all"),
		func(ctx context.Context, c *client.Client, o *para.Object, args []string) error {
			if all == (len(args) == 1) {
				return usageError{fmt.Errorf("name the other object, or say --all")}
			}
			if all {
				if err := c.UnlinkAll(ctx, o); err != nil {
					return err
				}
				t.done("All links of %s/%s removed.", o.Type(), o.ID())
				return nil
			}
			other, err := reference(args[0])
			if err != nil {
				return err
			}
			if err := c.Unlink(ctx, o, other.Type(), other.ID()); err != nil {
				return err
			}
			t.done("Link removed.")
			return nil
		})
	c.Flags().BoolVar(&all, "all", false, "remove every link of the object")
	return c
}

func childrenCommand(t *tool) *cobra.Command {
	var pages pageFlags
	var field, term, query string
	var count, remove bool
	c := withObject(t, "children TYPE/ID TYPE2", "Show the objects of a type whose parent an object is", exactly(2, "an object and a type"),
		func(ctx context.Context, c *client.Client, o *para.Object, args []string) error {
			switch {
			case remove:
				if err := c.DeleteChildren(ctx, o, args[0]); err != nil {
					return err
				}
				t.done("Children of %s/%s deleted.", o.Type(), o.ID())
				return nil
			case count:
				n, err := c.CountChildren(ctx, o, args[0])
				return printCount(t, n, err)
			case field != "":
				found, err := c.ChildrenWhere(ctx, o, args[0], field, term, pages.pager())
				return printPage(t, found, err)
			case query != "":
				found, err := c.FindChildren(ctx, o, args[0], query, pages.pager())
				return printPage(t, found, err)
			}
			found, err := c.Children(ctx, o, args[0], pages.pager())
			return printPage(t, found, err)
		})
	pages.add(c)
	f := c.Flags()
	f.BoolVar(&count, "count", false, "print only how many there are")
	f.BoolVar(&remove, "delete", false, "delete them")
	f.StringVar(&query, "query", "", "only those that match a query")
	f.StringVar(&field, "field", "", "only those of which this field equals --term")
	f.StringVar(&term, "term", "", "value of --field")
	c.MarkFlagsRequiredTogether("field", "term")
	c.MarkFlagsMutuallyExclusive("count", "delete", "query", "field")
	return c
}

// voteCommand casts a vote of a user (R 14) and prints whether it counted.
func voteCommand(t *tool) *cobra.Command {
	var w client.VoteWindow
	c := command(t, "vote up|down TYPE/ID VOTER", "Vote for an object as a user, given by its id", exactly(3, "up or down, an object and the id of a user"),
		func(ctx context.Context, c *client.Client, args []string) error {
			o, err := reference(args[1])
			if err != nil {
				return err
			}
			cast := c.VoteUp
			switch args[0] {
			case "up":
			case "down":
				cast = c.VoteDown
			default:
				return usageError{fmt.Errorf("vote %s: write up or down", args[0])}
			}
			counted, err := cast(ctx, o, args[2], &w)
			if err != nil {
				return err
			}
			return t.print(counted)
		})
	c.Flags().DurationVar(&w.ExpiresAfter, "expires", 0, "after what time the user may vote again, for example 720h")
	c.Flags().DurationVar(&w.LockedAfter, "locked", 0, "for what time the vote can be taken back, for example 30s")
	return c
}

// pageFlags are those of commands that list objects.
type pageFlags struct {
	page, limit   int
	sort, lastKey string
	asc           bool
}

func (p *pageFlags) add(c *cobra.Command) {
	f := c.Flags()
	f.IntVar(&p.page, "page", 0, "page number")
	f.IntVar(&p.limit, "limit", 0, "objects of a page")
	f.StringVar(&p.sort, "sort", "", "field to sort by")
	f.BoolVar(&p.asc, "asc", false, "sort ascending")
	f.StringVar(&p.lastKey, "lastKey", "", "continue after this key of the page before")
}

func (p *pageFlags) pager() *client.Pager {
	return &client.Pager{Page: p.page, Limit: p.limit, SortBy: p.sort, Ascending: p.asc, LastKey: p.lastKey}
}

func printPage(t *tool, found *client.Page[*para.Object], err error) error {
	if err != nil {
		return err
	}
	if err := t.objects(found.Items); err != nil {
		return err
	}
	if t.human() && int64(len(found.Items)) < found.TotalHits {
		more := ""
		if found.LastKey != "" {
			more = "; the next ones: --lastKey " + found.LastKey
		}
		t.note("%d of %s%s", len(found.Items), many(int(found.TotalHits), "object"), more)
	}
	return nil
}

func printCount(t *tool, n int64, err error) error {
	if err != nil {
		return err
	}
	return t.print(n)
}
