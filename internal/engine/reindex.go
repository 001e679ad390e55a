package engine

import (
	"context"
	"errors"

	para "github.com/erudika/para-go"
	"github.com/erudika/para-go/internal/access"
)

// Reindexed is the result of Reindex.
type Reindexed struct {
	Records  int64 // that were read
	Skipped  int64 // of these, records that could not be indexed because they cannot be read
	Examples []string
}

// Reindex makes the search index of the principal's app anew from its records, or that of another app when the principal is
// the root app (R 24, D57). A record that cannot be read is left out and reported; the others are indexed. Where nothing is
// indexed, records are only counted. Errors: Denied for other apps, NotFound for an app without storage.
func (e *Engine) Reindex(ctx context.Context, p access.Principal, app string) (*Reindexed, error) {
	identifier, err := indexOf(p, app)
	if err != nil {
		return nil, err
	}
	if index, ok := e.search.(para.Rebuilder); ok && !e.opts.IndexOff {
		n, err := index.Rebuild(ctx, identifier)
		done := &Reindexed{Records: n}
		var left *para.UnindexedError
		if errors.As(err, &left) {
			e.log.WarnContext(ctx, "Some records of an app cannot be read and are not indexed.", "app", identifier, "records", left.Records, "examples", left.Examples)
			done.Skipped, done.Examples, err = left.Records, left.Examples, nil
		}
		if err != nil {
			return nil, para.Wrap(para.WriteFailed, "rebuild the index of app "+identifier, err)
		}
		e.noteIndex(identifier, done.Skipped == 0)
		return done, nil
	}
	done := &Reindexed{}
	for after := int64(0); ; {
		records, err := e.store.Scan(ctx, identifier, after, pageRecords)
		if err != nil {
			return nil, readFailure(ctx, err)
		}
		for _, r := range records {
			after = r.DocID
			if r.Stored && !internalType(r.Type) { // objects that only the index keeps are no records to read
				done.Records++
			}
		}
		if len(records) < pageRecords {
			return done, nil
		}
	}
}
