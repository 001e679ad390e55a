package engine

import (
	"context"
	"errors"
	"fmt"
	"io"
	"regexp"
	"strconv"
	"strings"

	para "github.com/erudika/para-go"
	"github.com/erudika/para-go/internal/jsonarray"
	"github.com/erudika/para-go/internal/ziparchive"
)

// maxImported bounds an object of an import in bytes where the store has no bound of its own.
const maxImported = 64 << 20

// importRoom is what an object may grow by when defaults are added.
const importRoom = 64 << 10

// importFailed is the refusal of an archive (R 24).
func importFailed(format string, args ...any) error {
	return para.Errorf(para.Invalid, "Import failed - "+format, args...)
}

// archiveFailed turns an error of reading an archive into the refusal that its sender gets; failures to read what is
// spooled stay what they are.
func archiveFailed(entry string, err error) error {
	var format *ziparchive.FormatError
	var syntax *jsonarray.SyntaxError
	var failed *para.Error
	switch {
	case errors.As(err, &failed):
		return err
	case errors.As(err, &format):
		return importFailed("the archive cannot be read: %s.", format.Problem)
	case errors.As(err, &syntax):
		return importFailed("%s, %s.", entry, syntax.Error())
	}
	return fmt.Errorf("import: read %s: %w", entry, err)
}

// archiveReader walks over the objects of an archive: the elements of the arrays in its entries named *.json, in order.
type archiveReader struct {
	zip      *ziparchive.Reader
	elements *jsonarray.Reader
}

func openArchive(r io.ReaderAt, size int64, maxObject int) (*archiveReader, error) {
	z, err := ziparchive.NewReader(r, size)
	if err != nil {
		return nil, archiveFailed("the archive", err)
	}
	return &archiveReader{zip: z, elements: jsonarray.NewReader(nil, maxObject)}, nil
}

// visitor is told what is in an archive.
type visitor struct {
	object func(body *para.Body) error               // nil for an element that is null
	entry  func(e ziparchive.Entry, count int) error // after each array, with the number of its elements; nil: not told
	others bool                                      // entries that hold no objects are read too, so that they are checked
}

// visit calls v for everything in the archive. Errors that the archive causes are Invalid and say where.
func (a *archiveReader) visit(ctx context.Context, v visitor) error {
	for e, err := range a.zip.Entries() {
		if err == nil {
			err = ctx.Err()
		}
		if err == nil {
			err = a.visitEntry(ctx, e, v)
		}
		if err != nil {
			return archiveFailed(e.Name, err)
		}
	}
	return nil
}

func (a *archiveReader) visitEntry(ctx context.Context, e ziparchive.Entry, v visitor) error {
	holds := strings.HasSuffix(e.Name, ".json")
	if !holds && !v.others {
		return nil
	}
	content, err := a.zip.Open(e)
	if err != nil {
		return err
	}
	if !holds {
		_, err := io.Copy(io.Discard, content)
		return err
	}
	a.elements.Reset(content)
	for n := 0; ; n++ {
		element, err := a.elements.Next()
		if err == io.EOF {
			if v.entry == nil {
				return nil
			}
			return v.entry(e, n)
		}
		if err == nil {
			err = ctx.Err()
		}
		if err != nil {
			return err
		}
		var body *para.Body
		if string(element) != "null" {
			if body, err = para.ParseBody(element); err != nil {
				return importFailed("%s, element %d: %s.", e.Name, n+1, err)
			}
		}
		if err := v.object(body); err != nil {
			return inElement(e.Name, n+1, err)
		}
	}
}

// inElement says in which element of which entry an object is refused.
func inElement(entry string, n int, err error) error {
	var refused *refusedObject
	if errors.As(err, &refused) {
		return importFailed("%s, element %d: %s.", entry, n, refused.problem)
	}
	return err
}

// refusedObject is an element that makes no object.
type refusedObject struct{ problem string }

func (r *refusedObject) Error() string { return r.problem }

// partName is the name of a part of an export.
var partName = regexp.MustCompile(`^(.*)_part([1-9][0-9]{0,8})\.json$`)

// parts checks that an archive which is an export has all its parts and the empty one at the end (R 24). Archives that
// were made otherwise have no such names and are not checked.
type parts struct {
	export string
	seen   []uint64 // bit set of part numbers
	count  int
	last   int // the highest number
	rest   int // elements in that part
}

func (p *parts) add(e ziparchive.Entry, elements int, entries int64) error {
	m := partName.FindStringSubmatch(e.Name)
	if m == nil {
		return nil
	}
	n, err := strconv.Atoi(m[2])
	if err != nil || int64(n) > entries {
		return importFailed("%s is there, but not all parts before it.", e.Name)
	}
	if p.count > 0 && p.export != m[1] {
		return importFailed("the archive holds parts of two exports, %s and %s.", p.export, m[1])
	}
	p.export = m[1]
	for len(p.seen) <= n/64 {
		p.seen = append(p.seen, 0)
	}
	if p.seen[n/64]&(1<<(n%64)) != 0 {
		return importFailed("%s is in the archive twice.", e.Name)
	}
	p.seen[n/64] |= 1 << (n % 64)
	p.count++
	if n > p.last {
		p.last, p.rest = n, elements
	}
	return nil
}

func (p *parts) complete() error {
	switch {
	case p.count == 0:
		return nil
	case p.count != p.last:
		return importFailed("only %d of at least %d parts of the export %s are in the archive.", p.count, p.last, p.export)
	case p.rest != 0:
		return importFailed("the end of the export %s is missing: its last part must be empty.", p.export)
	}
	return nil
}
