package engine

import (
	"context"

	para "github.com/erudika/para-go"
	"github.com/erudika/para-go/internal/access"
)

// Reindex makes the search index of the principal's app anew from its records and returns the number of records that were
// read (R 24, D57). Where nothing is indexed, records are only counted.
func (e *Engine) Reindex(ctx context.Context, p access.Principal) (int64, error) {
	if index, ok := e.search.(para.Rebuilder); ok && !e.opts.IndexOff {
		n, err := index.Rebuild(ctx, p.App.Identifier)
		if err != nil {
			return n, para.Wrap(para.WriteFailed, "rebuild the index of app "+p.App.Identifier, err)
		}
		return n, nil
	}
	n := int64(0)
	for after := int64(0); ; {
		records, err := e.store.Scan(ctx, p.App.Identifier, after, pageRecords)
		if err != nil {
			return n, readFailure(ctx, err)
		}
		for _, r := range records {
			after = r.DocID
			if r.Stored && !internalType(r.Type) { // objects that only the index keeps are no records to read
				n++
			}
		}
		if len(records) < pageRecords {
			return n, nil
		}
	}
}
