package main

import (
	"context"
	"errors"
	"fmt"
	"math"
	"os"
	"slices"
	"strconv"
	"strings"

	para "github.com/erudika/para-go"
	"github.com/erudika/para-go/client"
)

// files are the options of commands that make objects of files. Only the first file takes the id of --id (K 2.4).
func (c *paraCLI) fileOptions(i int) fileOptions {
	o := fileOptions{typ: c.flag("type"), encodeID: c.flag("encodeId") != "false", sanitize: c.on("sanitize"), cwd: c.flag("cwd")}
	if ids := c.flags["id"]; i == 0 && len(ids) > 0 {
		o.id = ids[0]
	}
	return o
}

// matching are the files that the argument of a command stands for, none when nothing matches.
func (c *paraCLI) matching() ([]string, error) {
	if c.word() == "" {
		c.fail("No files specified.", nil)
		return nil, errSaid
	}
	if !exists(c.word()) && !strings.ContainsAny(c.word(), "*?[{!") {
		return nil, nil
	}
	return expand([]string{c.word()})
}

func (c *paraCLI) create(ctx context.Context) error {
	files, err := c.matching()
	if err != nil {
		return err
	}
	files = c.withoutKeyFiles(files)
	batches := [][]*para.Object{nil}
	sizes, total, count := 0, int64(0), 0
	for i, file := range files {
		objects, err := c.readFile(file, c.fileOptions(i))
		if err != nil {
			fmt.Fprintln(c.err, paint(c.err, red, "✖")+" "+printable(fmt.Sprintf("Skipping %s - %s.", file, strings.TrimPrefix(err.Error(), "it "))))
			continue
		}
		count++
		if info, err := os.Stat(file); err == nil {
			total += info.Size()
		}
		for _, o := range objects {
			n := len(o.AppendJSON(nil))
			if sizes > 0 && sizes+n > batchBytes {
				batches, sizes = append(batches, nil), 0
			}
			last := len(batches) - 1
			batches[last], sizes = append(batches[last], o), sizes+n
		}
		if len(objects) > 0 {
			c.ok("Creating %s", firstOf(objects[0].Name(), file))
		}
	}
	c.ok("Created %d objects with a total size of %d KB.", count, int64(math.Round(float64(total)/1024)))
	return c.with(func(cl *client.Client) error {
		for _, batch := range batches {
			if len(batch) == 0 {
				continue
			}
			done, err := cl.CreateAll(ctx, batch)
			if len(done) > 0 {
				c.ok("Created %d objects.", len(done))
			}
			if err != nil {
				c.fail("Failed to create documents:", err)
			}
		}
		return nil
	})
}

func (c *paraCLI) update(ctx context.Context) error {
	files, err := c.matching()
	if err != nil {
		return err
	}
	var batch []*para.Object
	n := 0
	for i, file := range files {
		o := c.fileOptions(i)
		o.jsonOnly, o.id = true, ""
		objects, err := c.readFile(file, o)
		if errors.Is(err, errNoJSON) {
			fmt.Fprintln(c.err, paint(c.err, red, "✖")+" "+printable(file)+" skipped because it is not a JSON file")
			continue
		}
		if err != nil {
			c.fail(file+":", err)
			continue
		}
		n++
		batch = append(batch, objects...)
		c.ok("Updating %s", firstOf(objects[0].ID(), file))
	}
	return c.with(func(cl *client.Client) error {
		if len(batch) > 0 {
			if _, err := cl.UpdateAll(ctx, batch); err != nil {
				c.fail("Failed to update objects:", err)
				return errSaid
			}
		}
		c.ok("Updated %d files.", n)
		return nil
	})
}

func (c *paraCLI) read(ctx context.Context) error {
	ids := distinct(c.flags["id"])
	if len(ids) == 0 {
		c.fail("Must specify object id(s).", nil)
		return errSaid
	}
	return c.with(func(cl *client.Client) error {
		found, err := cl.ReadAll(ctx, ids)
		if err != nil {
			c.fail("Failed to read object:", err)
			return errSaid
		}
		return c.show(whole(found...))
	})
}

// deleteAll deletes what create made of the files of a pattern, or else the objects of --id.
func (c *paraCLI) deleteAll(ctx context.Context) error {
	ids := distinct(c.flags["id"])
	if c.word() != "" {
		files, err := c.matching()
		if err != nil {
			return err
		}
		if len(files) > 0 {
			ids = nil
		}
		for _, file := range files {
			objects, err := c.readFile(file, fileOptions{encodeID: c.flag("encodeId") != "false", cwd: c.flag("cwd")})
			if err != nil {
				c.fail(file+":", err)
				continue
			}
			for _, o := range objects {
				ids = append(ids, o.ID())
			}
		}
		ids = slices.DeleteFunc(ids, func(id string) bool { return id == "" })
	}
	if len(ids) == 0 {
		c.fail("No files specified.", nil)
		return errSaid
	}
	return c.with(func(cl *client.Client) error {
		if err := cl.DeleteAll(ctx, ids); err != nil {
			c.fail("Failed to delete objects:", err)
			return errSaid
		}
		c.ok(`Deleted objects " [ '%s' ] " from Para.`, strings.Join(ids, "', '"))
		return nil
	})
}

func (c *paraCLI) search(ctx context.Context) error {
	query := firstOf(c.word(), "*")
	typ := ""
	if strings.TrimSpace(c.flag("type")) != "" {
		typ = typeName(c.flag("type"))
	}
	return c.with(func(cl *client.Client) error {
		var found []*para.Object
		if c.flag("page") == "all" {
			for o, err := range cl.All(ctx, typ, query) {
				if err != nil {
					c.fail("Search failed.", err)
					return errSaid
				}
				found = append(found, o)
			}
			return c.show(whole(found...))
		}
		p := &client.Pager{SortBy: c.flag("sort"), LastKey: c.flag("lastKey"), Ascending: c.flag("desc") == "false"}
		p.Page, p.Limit = number(c.flag("page")), number(c.flag("limit"))
		page, err := cl.Find(ctx, typ, query, p)
		if err != nil {
			c.fail("Search failed.", err)
			return errSaid
		}
		return c.show(whole(page.Items...))
	})
}

// number is a whole number, 0 for what is none.
func number(text string) int {
	n, err := strconv.Atoi(text)
	if err != nil || n < 0 {
		return 0
	}
	return n
}

func (c *paraCLI) export(ctx context.Context) error {
	return c.with(func(cl *client.Client) error {
		file, n, err := saveExport(ctx, c.tool, cl, "")
		if err != nil {
			c.fail("Connection failed. Server might be down."+checkFile+c.config.path+":", err)
			return errSaid
		}
		c.ok("Exported %sMB of data to file %s", strconv.FormatFloat(math.Round(float64(n)/1e4)/100, 'f', -1, 64), file)
		return nil
	})
}

func (c *paraCLI) importFile(ctx context.Context) error {
	name := c.word()
	if name == "" {
		c.fail("No file to import.", nil)
		return errSaid
	}
	f, err := os.Open(name)
	if err != nil {
		c.fail("Import request failed:", err)
		return errSaid
	}
	defer f.Close()
	return c.with(func(cl *client.Client) error {
		told, err := cl.Import(ctx, f, name)
		if err != nil {
			c.fail("Import request failed.", err)
			return errSaid
		}
		c.ok("Imported %d object into app %q", told.Int("count"), told.AppID())
		return nil
	})
}
