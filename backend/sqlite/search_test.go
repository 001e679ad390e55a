package sqlite

import (
	"strconv"
	"testing"

	"github.com/erudika/para-go/backend/backendtest"
)

func openSearch(t *testing.T) backendtest.SearchStore {
	opts := testOptions(t.TempDir())
	opts.Document = backendtest.Document
	return openTest(t, opts)
}

func TestSearchContract(t *testing.T) { backendtest.RunSearch(t, openSearch) }

// TestRandomSearches compares random searches over random documents with a plain model.
func TestRandomSearches(t *testing.T) {
	for seed := range uint64(4) {
		t.Run(strconv.FormatUint(seed, 10), func(t *testing.T) {
			t.Parallel()
			backendtest.RunRandomSearches(t, openSearch, seed, 1500)
		})
	}
}
