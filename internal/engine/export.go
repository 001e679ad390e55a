package engine

import (
	"archive/zip"
	"bufio"
	"context"
	"fmt"
	"io"

	para "github.com/erudika/para-go"
	"github.com/erudika/para-go/internal/access"
)

// Sizes of an export. A part ends with the object that reaches one of the bounds; a page of records is read at a time.
const (
	partObjects = 1000
	partBytes   = 8 << 20
	pageRecords = 128
	pageBytes   = 4 << 20 // aimed at: the next page is smaller when the largest record so far asks for it
)

// Export writes all objects of the principal's app as a zip archive: parts <name>_part1.json, <name>_part2.json and so
// on, each an array of objects in creation order, the last one empty (R 24, D46). Memory does not depend on the size of
// the app. An object that is there during the whole export is in it once. An error leaves an archive without an end,
// which nobody can read; nothing was written yet when it happened before the first object.
//
// The records of apps are in the export of the root app, for callers that manage it.
func (e *Engine) Export(ctx context.Context, p access.Principal, name string, w io.Writer) error {
	if err := p.MayExport(); err != nil {
		return err
	}
	x := exporter{archive: zip.NewWriter(w), name: name}
	limit := pageRecords
	for after := int64(0); ; {
		records, err := e.store.Scan(ctx, p.App.Identifier, after, limit)
		if err != nil {
			return readFailure(ctx, err)
		}
		largest := 1
		for _, r := range records {
			after = r.DocID
			largest = max(largest, len(r.Data))
			if internalType(r.Type) || r.Type == "app" && !managesApps(p) {
				continue
			}
			if err := x.add(r); err != nil {
				return err
			}
		}
		if len(records) < limit {
			break
		}
		limit = min(max(1, pageBytes/largest), pageRecords)
	}
	return x.close()
}

// managesApps says whether the principal may read and write the records of all apps as they are stored (D35, D46).
func managesApps(p access.Principal) bool { return p.Root && p.Admin() }

// exporter writes the parts of an export.
type exporter struct {
	archive *zip.Writer
	name    string
	part    *bufio.Writer // nil between parts
	parts   int
	objects int // in this part
	bytes   int
	buf     []byte
}

func (x *exporter) begin() error {
	x.parts++
	w, err := x.archive.Create(fmt.Sprintf("%s_part%d.json", x.name, x.parts))
	if err != nil {
		return fmt.Errorf("export: %w", err)
	}
	if x.part == nil {
		x.part = bufio.NewWriterSize(nil, 1<<16)
	}
	x.part.Reset(w)
	x.objects, x.bytes = 0, 0
	return x.part.WriteByte('[')
}

func (x *exporter) end() error {
	_ = x.part.WriteByte(']') // the writer keeps its first error
	if err := x.part.Flush(); err != nil {
		return fmt.Errorf("export: %w", err)
	}
	return nil
}

func (x *exporter) add(r *para.Record) error {
	o, err := para.DecodeObject(r.Data)
	if err != nil {
		return para.Wrap(para.Corrupt, "export "+r.ID, err)
	}
	if x.objects >= partObjects || x.bytes >= partBytes {
		if err := x.end(); err != nil {
			return err
		}
		x.objects = 0
	}
	if x.objects == 0 {
		if err := x.begin(); err != nil {
			return err
		}
	} else {
		_ = x.part.WriteByte(',')
	}
	x.buf = appendExport(x.buf[:0], o)
	x.objects++
	x.bytes += len(x.buf)
	if _, err := x.part.Write(x.buf); err != nil {
		return fmt.Errorf("export: %w", err)
	}
	return nil
}

// close writes the empty part and the directory.
func (x *exporter) close() error {
	if x.objects > 0 {
		if err := x.end(); err != nil {
			return err
		}
	}
	if err := x.begin(); err != nil {
		return err
	}
	if err := x.end(); err != nil {
		return err
	}
	if err := x.archive.Close(); err != nil {
		return fmt.Errorf("export: %w", err)
	}
	return nil
}

// appendExport appends the form of an object in exports (O 5.4): every stored member, hidden ones too, custom properties
// nested under "properties", nothing computed.
func appendExport(dst []byte, o *para.Object) []byte {
	dst = append(dst, '{')
	start := len(dst)
	member := func(name string) {
		if len(dst) > start {
			dst = append(dst, ',')
		}
		raw, _ := o.Raw(name)
		dst = append(append(para.AppendJSONString(dst, name), ':'), raw...)
	}
	var custom []string
	for _, name := range o.Names() {
		switch f := o.Description().Field(name); {
		case f == nil:
			custom = append(custom, name)
		case !f.Computed:
			member(name)
		}
	}
	if len(custom) == 0 {
		return append(dst, '}')
	}
	// A custom property that is itself called properties can only be told from the nested ones when none is nested.
	if _, flat := o.Raw("properties"); flat {
		for _, name := range custom {
			member(name)
		}
		return append(dst, '}')
	}
	if len(dst) > start {
		dst = append(dst, ',')
	}
	dst = append(dst, `"properties":{`...)
	start = len(dst)
	for _, name := range custom {
		member(name)
	}
	return append(dst, "}}"...)
}
