package sqlite

import (
	"testing"

	"github.com/erudika/para-go/backend/backendtest"
)

func openSearch(t *testing.T) backendtest.SearchStore {
	opts := testOptions(t.TempDir())
	opts.Document = backendtest.Document
	return openTest(t, opts)
}

func TestSearchContract(t *testing.T) { backendtest.RunSearch(t, openSearch) }
