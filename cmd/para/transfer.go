package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/erudika/para-go/client"
)

func exportCommand(t *tool) *cobra.Command {
	var file string
	c := command(t, "export [-o FILE|-]", "Save all objects of the app as a zip file", exactly(0, "no argument; -o names the file"),
		func(ctx context.Context, c *client.Client, _ []string) error { return export(ctx, t, c, file) })
	c.Flags().StringVarP(&file, "output", "o", "", "name of the file, - for standard output (default: the name the server gives)")
	return c
}

func export(ctx context.Context, t *tool, c *client.Client, file string) error {
	file, n, err := saveExport(ctx, t, c, file)
	if err == nil && file != "-" {
		t.done("Exported %s of data to file %s", size(n), file)
	}
	return err
}

// saveExport writes an export to a file, by default to the one that the server names, and returns its name and size. It
// writes beside the target first, so that an old file is never lost to a broken transfer.
func saveExport(ctx context.Context, t *tool, c *client.Client, file string) (_ string, n int64, err error) {
	body, name, err := c.Export(ctx)
	if err != nil {
		return "", 0, fmt.Errorf("export: %w", err)
	}
	defer body.Close()
	if file == "-" {
		n, err := io.Copy(t.out, body)
		return file, n, err
	}
	if file == "" {
		file = localName(name)
	}
	f, err := os.CreateTemp(filepath.Dir(file), ".para-export-*") // mode 0600: it holds secrets
	if err != nil {
		return "", 0, err
	}
	defer func() { _ = os.Remove(f.Name()) }() // gone already when all went well
	progress := newProgress(t, "Exported", 0)
	n, err = io.Copy(io.MultiWriter(f, progress), body)
	progress.end()
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
		return "", 0, fmt.Errorf("export: %w", err)
	}
	return file, n, nil
}

// localName is a name from the server as a file in the working directory.
func localName(name string) string {
	name = filepath.Base(strings.ReplaceAll(name, `\`, "/"))
	if name == "." || name == "/" || strings.HasPrefix(name, ".") {
		return "export.zip"
	}
	return name
}

func importCommand(t *tool) *cobra.Command {
	return command(t, "import FILE|-", "Store the objects of a zip file that export made", exactly(1, "the name of the file to read"),
		func(ctx context.Context, c *client.Client, args []string) error {
			return importFile(ctx, t, c, args[0])
		})
}

func importFile(ctx context.Context, t *tool, c *client.Client, file string) error {
	in, name, total := t.in, "", int64(0)
	if file != "-" {
		f, err := os.Open(file)
		if err != nil {
			return err
		}
		defer f.Close()
		if info, err := f.Stat(); err == nil {
			if info.IsDir() {
				return usageError{errors.New(file + " is a folder; import reads one zip file")}
			}
			total = info.Size()
		}
		in, name = f, filepath.Base(file)
	}
	progress := newProgress(t, "Sent", total)
	summary, err := c.Import(ctx, io.TeeReader(in, progress), name)
	progress.end()
	if err != nil {
		return fmt.Errorf("import of %s: %w", file, err)
	}
	if !t.human() {
		return t.print(summary)
	}
	t.done("Imported %d objects into app %q", summary.Int("count"), summary.AppID())
	return nil
}

// progress shows on a terminal how many bytes went through it.
type progress struct {
	out   io.Writer // nil: nobody looks
	verb  string
	total int64 // 0 when it is not known
	n     int64
	shown time.Time
}

const progressInterval = 200 * time.Millisecond

func newProgress(t *tool, verb string, total int64) *progress {
	p := &progress{verb: verb, total: total}
	if terminal(t.err) && !t.quiet {
		p.out = t.err
	}
	return p
}

// Write counts the bytes; it never fails.
func (p *progress) Write(b []byte) (int, error) {
	p.n += int64(len(b))
	sent := p.total > 0 && p.n >= p.total
	if p.out == nil || !sent && time.Since(p.shown) < progressInterval {
		return len(b), nil
	}
	p.shown = time.Now()
	text := size(p.n)
	if p.total > 0 {
		text += fmt.Sprintf(" of %s (%d%%)", size(p.total), p.n*100/p.total)
	}
	if sent {
		text += ", the server is storing it"
	}
	fmt.Fprintf(p.out, "\r\x1b[K%s %s", p.verb, text)
	return len(b), nil
}

// end removes the line.
func (p *progress) end() {
	if p.out != nil && !p.shown.IsZero() {
		fmt.Fprint(p.out, "\r\x1b[K")
	}
}

// size is a number of bytes for people.
func size(n int64) string {
	switch {
	case n >= 1<<30:
		return fmt.Sprintf("%.1f GB", float64(n)/(1<<30))
	case n >= 1<<20:
		return fmt.Sprintf("%.1f MB", float64(n)/(1<<20))
	case n >= 1<<10:
		return fmt.Sprintf("%.1f KB", float64(n)/(1<<10))
	}
	return fmt.Sprintf("%d bytes", n)
}
