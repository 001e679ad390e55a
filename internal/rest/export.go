package rest

import (
	"context"
	"io"
	"net/http"
	"strconv"
	"time"

	para "github.com/erudika/para-go"
	"github.com/erudika/para-go/internal/engine"
)

const (
	typeZip = "application/zip"
	typeTar = "application/x-tar"
)

// file is an answer that is written while it is made, for saving under a name.
func file(typ, name string, stream func(ctx context.Context, w io.Writer) error) *answer {
	return &answer{
		status: http.StatusOK,
		typ:    typ,
		// The name is not quoted: older tools take what stands behind the last equals sign (R 24).
		headers: []param{{"Content-Disposition", "attachment;filename=" + name}},
		stream:  stream,
		plain:   true,
	}
}

// stamped is a name with the time, as exports are called (R 24).
func (h *Handler) stamped(name string) string {
	return name + "_" + h.eng.Now().Format("20060102_150405")
}

// export answers GET /_export (R 24, D46).
func (h *Handler) export(_ context.Context, c *call) (*answer, error) {
	name := h.stamped(c.p.App.Identifier)
	return file(typeZip, name+".zip", func(ctx context.Context, w io.Writer) error {
		return h.eng.Export(ctx, c.p, name, w)
	}), nil
}

// importAll answers PUT /_import (R 24, D46).
func (h *Handler) importAll(ctx context.Context, c *call) (*answer, error) {
	name := c.query.get("filename")
	if name == "" {
		name = c.p.App.Identifier + "_backup.zip"
	}
	v, err := h.eng.Import(ctx, c.p, engine.Archive{Content: c.spool.file, Size: c.spool.size, SHA256: c.spool.hash, Name: name})
	if err != nil {
		return nil, err
	}
	return h.visible(v)
}

// reindex answers POST /_reindex (R 24, D57); with the parameter app, which the root app may use, that app's index is made
// anew. Records that cannot be indexed are told in further members.
func (h *Handler) reindex(ctx context.Context, c *call) (*answer, error) {
	start := time.Now()
	done, err := h.eng.Reindex(ctx, c.p, c.query.get("app"))
	if err != nil {
		return nil, err
	}
	b := strconv.AppendInt([]byte(`{"reindexed":`), done.Records, 10)
	b = strconv.AppendInt(append(b, `,"tookMillis":`...), time.Since(start).Milliseconds(), 10)
	if done.Skipped > 0 {
		b = strconv.AppendInt(append(b, `,"skipped":`...), done.Skipped, 10)
		b = appendStrings(append(b, `,"problems":`...), done.Examples)
	}
	return bodyJSON(append(b, '}')), nil
}

// backup answers GET /_backup/{appid}: a copy of an app for PUT on the same path. Only this server has it.
func (h *Handler) backup(_ context.Context, c *call) (*answer, error) {
	identifier := para.AppIdentifier(para.AppID(c.seg(1)))
	return file(typeTar, h.stamped(identifier)+".tar", func(ctx context.Context, w io.Writer) error {
		return h.eng.Backup(ctx, c.p, c.seg(1), w)
	}), nil
}

// restore answers PUT /_backup/{appid}.
func (h *Handler) restore(ctx context.Context, c *call) (*answer, error) {
	if err := h.eng.Restore(ctx, c.p, c.seg(1), io.NewSectionReader(c.spool.file, 0, c.spool.size)); err != nil {
		return nil, err
	}
	return empty(), nil
}
