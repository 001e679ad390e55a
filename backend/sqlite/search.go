package sqlite

import (
	"context"

	"github.com/erudika/para-go"
)

// indexer keeps the search tables of one app. It is used by the app's writer only.
type indexer struct{}

// newIndexer makes the indexer of an app whose writer uses c.
func newIndexer(c *conn) (*indexer, error) { return &indexer{}, nil }

// schema returns the statements that create the search tables.
func (x *indexer) schema() []string { return nil }

// put indexes doc under docID; with old a document was indexed under docID before and is replaced.
func (x *indexer) put(tx txConn, docID int64, doc *para.Document, old bool) error { return nil }

// remove forgets the document indexed under docID.
func (x *indexer) remove(tx txConn, docID int64) error { return nil }

// rolledBack tells that what was done since the last commit has not happened: drop what was remembered of it.
func (x *indexer) rolledBack() {}

// maintain does a bounded piece of upkeep (a few milliseconds) in a transaction of its own while the writer has nothing
// else to do, and says whether there is more.
func (x *indexer) maintain(tx txConn) (more bool, err error) { return false, nil }

// Search finds objects of one app.
func (s *Store) Search(ctx context.Context, app string, q *para.Query) (*para.Page, error) {
	page := &para.Page{}
	err := s.read(ctx, app, func(c readConn) error { return nil })
	return page, err
}
