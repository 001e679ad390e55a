package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	para "github.com/erudika/para-go"
	"github.com/erudika/para-go/client"
)

// errNothing says that no object was found.
var errNothing = errors.New("not found")

// batchBytes is the size of objects from which a new batch starts (K 2.4).
const batchBytes = 350 << 10

// fileFlags say how files become objects.
type fileFlags struct {
	ids      []string
	typ      string
	encodeID string
	sanitize bool
	cwd      string
}

func (f *fileFlags) add(c *cobra.Command, texts bool) {
	c.Flags().StringArrayVar(&f.ids, "id", nil, "id of the object; may be repeated, one for each file")
	c.Flags().StringVar(&f.encodeID, "encodeId", "true", "store ids in Base64: true or false")
	c.Flags().StringVar(&f.typ, "type", "", "type of the objects")
	c.Flags().StringVar(&f.cwd, "cwd", "", "folder that the ids of files are relative to")
	if texts {
		c.Flags().BoolVar(&f.sanitize, "sanitize", false, "keep letters and digits of texts only")
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

// expand returns the files that the arguments of a command name, and whether ids are encoded.
func (f *fileFlags) expand(args []string) (encode bool, files []string, err error) {
	if encode, err = f.encode(); err != nil {
		return false, nil, err
	}
	files, err = expand(args)
	return encode, files, err
}

func createCommand(t *tool) *cobra.Command {
	var f fileFlags
	c := command(t, "create FILE...", "Create objects from JSON, HTML and text files; globs and folders are expanded", atLeastOne, func(ctx context.Context, c *client.Client, args []string) error {
		encode, files, err := f.expand(args)
		if err != nil {
			return err
		}
		files = t.withoutKeyFiles(files)
		sum := tally{}
		var batch []*para.Object
		size := 0
		flush := func() {
			sum.send(ctx, t, batch, "create documents", c.CreateAll)
			batch, size = nil, 0
		}
		for i, file := range files {
			objects, err := t.readFile(file, f.options(i, encode))
			if err != nil {
				sum.skip(t, file, err)
			}
			for _, o := range objects {
				n := len(o.AppendJSON(nil))
				if size > 0 && size+n > batchBytes {
					flush()
				}
				batch, size = append(batch, o), size+n
			}
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
	if len(s.done) > 0 || s.failed == 0 {
		t.done("%s %s.", did, many(len(s.done), "object"))
	}
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

// many is a number of things in words.
func many(n int, thing string) string {
	if n == 1 {
		return "1 " + thing
	}
	return fmt.Sprintf("%d %ss", n, thing)
}

func readCommand(t *tool) *cobra.Command {
	var ids []string
	c := command(t, "read --id ID...", "Show objects", cobra.ArbitraryArgs, func(ctx context.Context, c *client.Client, args []string) error {
		ids := distinct(append(ids, args...))
		if len(ids) == 0 {
			return usageError{errors.New("must specify object id(s): --id ID")}
		}
		found, err := c.ReadAll(ctx, ids)
		if err != nil {
			return err
		}
		if err := t.details(found); err != nil {
			return err
		}
		missing := slices.DeleteFunc(ids, func(id string) bool {
			return slices.ContainsFunc(found, func(o *para.Object) bool { return o.ID() == id })
		})
		switch {
		case len(found) == 0:
			return fmt.Errorf("%w: no object with id %s", errNothing, strings.Join(missing, ", "))
		case len(missing) > 0:
			t.failed("No object with id %s.", strings.Join(missing, ", "))
			return partlyFailed{len(missing), len(missing) + len(found)}
		}
		return nil
	})
	c.Flags().StringArrayVar(&ids, "id", nil, "id of an object; may be repeated")
	return c
}

// distinct are the texts of a list, each once and in order.
func distinct(ids []string) []string {
	var out []string
	seen := make(map[string]bool, len(ids))
	for _, id := range ids {
		if !seen[id] {
			seen[id] = true
			out = append(out, id)
		}
	}
	return out
}

func updateCommand(t *tool) *cobra.Command {
	var f fileFlags
	c := command(t, "update FILE.json...", "Update objects with the members of JSON files", atLeastOne, func(ctx context.Context, c *client.Client, args []string) error {
		encode, files, err := f.expand(args)
		if err != nil {
			return err
		}
		sum := tally{}
		var batch []*para.Object
		for i, file := range files {
			o := f.options(i, encode)
			o.jsonOnly = true
			objects, err := t.readFile(file, o)
			if err != nil {
				sum.skip(t, file, err)
				continue
			}
			batch = append(batch, objects...)
		}
		sum.send(ctx, t, batch, "update", c.UpdateAll)
		return sum.finish(t, "Updated")
	})
	f.add(c, false)
	return c
}

func deleteCommand(t *tool) *cobra.Command {
	var f fileFlags
	c := command(t, "delete [FILE...] [--id ID]...", "Delete objects by id, or those that create made of files", cobra.ArbitraryArgs, func(ctx context.Context, c *client.Client, args []string) error {
		if len(args)+len(f.ids) == 0 {
			return usageError{errors.New("no objects specified: --id ID, or files")}
		}
		encode, err := f.encode()
		if err != nil {
			return err
		}
		ids := f.ids
		var skipped tally
		if len(args) > 0 {
			files, err := expand(args)
			if err != nil {
				return err
			}
			for _, file := range files {
				objects, err := t.readFile(file, fileOptions{encodeID: encode, cwd: f.cwd})
				if err != nil {
					skipped.skip(t, file, err)
				}
				for _, o := range objects {
					if o.ID() == "" {
						skipped.skip(t, file, errors.New("an object in it has no id"))
						continue
					}
					ids = append(ids, o.ID())
				}
			}
		}
		if ids = distinct(ids); len(ids) > 0 {
			if err := c.DeleteAll(ctx, ids); err != nil {
				return err
			}
			t.done("Deleted objects %s from Para.", strings.Join(ids, ", "))
		}
		switch {
		case skipped.failed == 0 && len(ids) == 0:
			t.note("No file matches.")
			return nil
		case skipped.failed == 0:
			return nil
		case len(ids) == 0:
			return fmt.Errorf("%w: nothing was deleted", errSaid)
		}
		return partlyFailed{skipped.failed, skipped.failed + len(ids)}
	})
	c.Flags().StringArrayVar(&f.ids, "id", nil, "id of an object; may be repeated")
	c.Flags().StringVar(&f.encodeID, "encodeId", "true", "the ids of files are stored in Base64: true or false")
	c.Flags().StringVar(&f.cwd, "cwd", "", "folder that the ids of files are relative to")
	return c
}

func searchCommand(t *tool) *cobra.Command {
	var typ, page, sort, desc, lastKey string
	var limit int
	var explain bool
	c := command(t, "search [QUERY]", `Search objects, for example: para search "type:todo AND name:milk"`, between(0, 1, "at most one query; put it into quotes"), func(ctx context.Context, c *client.Client, args []string) error {
		query := "*"
		if len(args) == 1 {
			query = args[0]
		}
		p := &client.Pager{Limit: limit, SortBy: sort, LastKey: lastKey, Ascending: strings.EqualFold(desc, "false")}
		switch n, err := strconv.Atoi(page); {
		case page == "all" && !explain:
			return t.stream(c.All(ctx, typ, query))
		case page == "":
		case err != nil || n < 0:
			return usageError{fmt.Errorf("--page %s: write a number or all", page)}
		default:
			p.Page = n
		}
		if explain {
			story, err := c.Explain(ctx, typ, query, p)
			if err != nil {
				return err
			}
			return t.print(story)
		}
		found, err := c.Find(ctx, typ, query, p)
		return printPage(t, found, err)
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
	return atLeast(1, "a file, folder or pattern")(c, args)
}
