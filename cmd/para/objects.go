package main

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	para "github.com/erudika/para-go"
	"github.com/erudika/para-go/client"
)

// errNothing says that no object was found.
var errNothing = errors.New("not found")

// batchBytes is the size of files from which a new batch starts (K 2.4).
const batchBytes = 350 << 10

// fileFlags say how files become objects.
type fileFlags struct {
	ids      []string
	typ      string
	encodeID string
	sanitize bool
	cwd      string
}

func (f *fileFlags) add(c *cobra.Command, many bool) {
	c.Flags().StringArrayVar(&f.ids, "id", nil, "id of the object; may be repeated, one for each file")
	c.Flags().StringVar(&f.encodeID, "encodeId", "true", "store ids in Base64: true or false")
	c.Flags().StringVar(&f.typ, "type", "", "type of the objects")
	if many {
		c.Flags().BoolVar(&f.sanitize, "sanitize", false, "keep letters and digits of texts only")
		c.Flags().StringVar(&f.cwd, "cwd", "", "folder that the ids of files are relative to")
	}
}

func (f *fileFlags) encode() (bool, error) {
	switch strings.ToLower(f.encodeID) {
	case "true":
		return true, nil
	case "false":
		return false, nil
	}
	return false, usageError{fmt.Errorf("--encodeId %s: write true or false", f.encodeID)}
}

func createCommand(t *tool) *cobra.Command {
	var f fileFlags
	c := command(t, "create FILE...", "Create objects from JSON, HTML and text files; globs and folders are expanded", atLeastOne, func(ctx context.Context, c *client.Client, args []string) error {
		encode, err := f.encode()
		if err != nil {
			return err
		}
		files, err := expand(args)
		if err != nil {
			return err
		}
		sum := tally{}
		var batch []*para.Object
		size := 0
		flush := func() {
			sum.send(ctx, t, batch, "create documents", c.CreateAll)
			batch, size = nil, 0
		}
		for i, file := range files {
			objects, n, err := readFile(file, f.options(i, encode))
			if err != nil {
				sum.skip(t, file, err)
				continue
			}
			if size > 0 && size+n > batchBytes {
				flush()
			}
			batch, size = append(batch, objects...), size+n
		}
		flush()
		return sum.finish(t, "Created")
	})
	f.add(c, true)
	return c
}

// options are those of the i-th file.
func (f *fileFlags) options(i int, encode bool) fileOptions {
	o := fileOptions{typ: f.typ, encodeID: encode, sanitize: f.sanitize, cwd: f.cwd}
	if i < len(f.ids) {
		o.id = f.ids[i]
	}
	return o
}

// tally counts what became of many objects.
type tally struct {
	done   []*para.Object
	failed int
	all    int
}

func (s *tally) skip(t *tool, file string, err error) {
	s.failed++
	s.all++
	t.failed("Skipping %s - %s.", file, err)
}

func (s *tally) send(ctx context.Context, t *tool, batch []*para.Object, what string, send func(context.Context, []*para.Object) ([]*para.Object, error)) {
	if len(batch) == 0 {
		return
	}
	s.all += len(batch)
	done, err := send(ctx, batch)
	s.done = append(s.done, done...)
	if n := len(batch) - len(done); n > 0 {
		s.failed += n
		text := "the server left them out; are they valid?"
		var missing *client.BatchError
		if err != nil && !errors.As(err, &missing) {
			text = message(err)
		}
		t.failed("Failed to %s: %d of %d: %s", what, n, len(batch), text)
	}
}

func (s *tally) finish(t *tool, did string) error {
	t.done("%s %d objects.", did, len(s.done))
	if !t.human() && len(s.done) > 0 {
		if err := t.objects(s.done); err != nil {
			return err
		}
	}
	switch {
	case s.failed == 0:
		return nil
	case len(s.done) == 0:
		return fmt.Errorf("%w: no object could be handled", errSaid)
	}
	return partlyFailed{s.failed, s.all}
}

func readCommand(t *tool) *cobra.Command {
	var ids []string
	c := command(t, "read --id ID...", "Show objects", exactly(0, "no argument but --id"), func(ctx context.Context, c *client.Client, _ []string) error {
		if len(ids) == 0 {
			return usageError{errors.New("must specify object id(s): --id ID")}
		}
		found, err := c.ReadAll(ctx, ids)
		if err != nil {
			return err
		}
		if err := t.objects(found); err != nil {
			return err
		}
		if len(found) == 0 {
			return fmt.Errorf("%w: no object with id %s", errNothing, strings.Join(ids, ", "))
		}
		return nil
	})
	c.Flags().StringArrayVar(&ids, "id", nil, "id of an object; may be repeated")
	return c
}

func updateCommand(t *tool) *cobra.Command {
	var f fileFlags
	c := command(t, "update FILE.json...", "Update objects with the members of JSON files", atLeastOne, func(ctx context.Context, c *client.Client, args []string) error {
		encode, err := f.encode()
		if err != nil {
			return err
		}
		files, err := expand(args)
		if err != nil {
			return err
		}
		sum := tally{}
		var batch []*para.Object
		for i, file := range files {
			o := f.options(i, encode)
			o.jsonOnly = true
			objects, _, err := readFile(file, o)
			if err != nil {
				sum.skip(t, file, err)
				continue
			}
			batch = append(batch, objects...)
		}
		sum.send(ctx, t, batch, "update", c.UpdateAll)
		return sum.finish(t, "Updated")
	})
	f.add(c, true)
	return c
}

func deleteCommand(t *tool) *cobra.Command {
	var ids []string
	c := command(t, "delete --id ID...", "Delete objects", exactly(0, "no argument but --id"), func(ctx context.Context, c *client.Client, _ []string) error {
		if len(ids) == 0 {
			return usageError{errors.New("no objects specified: --id ID")}
		}
		if err := c.DeleteAll(ctx, ids); err != nil {
			return err
		}
		t.done("Deleted objects %s from Para.", strings.Join(ids, ", "))
		return nil
	})
	c.Flags().StringArrayVar(&ids, "id", nil, "id of an object; may be repeated")
	return c
}

func searchCommand(t *tool) *cobra.Command {
	var typ, page, sort, desc, lastKey string
	var limit int
	var explain bool
	c := command(t, "search [QUERY]", `Search objects, for example: para search "type:todo AND name:milk"`, cobra.MaximumNArgs(1), func(ctx context.Context, c *client.Client, args []string) error {
		query := "*"
		if len(args) == 1 {
			query = args[0]
		}
		if page == "all" {
			var list []*para.Object
			for o, err := range c.All(ctx, typ, query) {
				if err != nil {
					return err
				}
				list = append(list, o)
			}
			return t.objects(list)
		}
		p := &client.Pager{Limit: limit, SortBy: sort, LastKey: lastKey, Ascending: strings.EqualFold(desc, "false")}
		if page != "" {
			if _, err := fmt.Sscanf(page, "%d", &p.Page); err != nil {
				return usageError{fmt.Errorf("--page %s: write a number or all", page)}
			}
		}
		if explain {
			story, err := c.Explain(ctx, typ, query, p)
			if err != nil {
				return err
			}
			return t.print(story)
		}
		found, err := c.Find(ctx, typ, query, p)
		if err != nil {
			return err
		}
		return t.objects(found.Items)
	})
	f := c.Flags()
	f.StringVar(&typ, "type", "", "type of the objects")
	f.StringVar(&page, "page", "", "page number, or all")
	f.IntVar(&limit, "limit", 0, "objects of a page")
	f.StringVar(&sort, "sort", "", "field to sort by")
	f.StringVar(&desc, "desc", "true", "sort descending: true or false")
	f.StringVar(&lastKey, "lastKey", "", "continue after this key of the page before")
	f.BoolVar(&explain, "explain", false, "print how the server answers instead of the objects")
	return c
}

func atLeastOne(c *cobra.Command, args []string) error {
	if len(args) == 0 {
		return usageError{fmt.Errorf("%s needs a file, folder or pattern", c.CommandPath())}
	}
	return nil
}
