package sqlite

import (
	"testing"

	"github.com/erudika/para-go"
	"github.com/erudika/para-go/backend/backendtest"
)

func openContract(t *testing.T) para.Store {
	return openTest(t, testOptions(t.TempDir()))
}

func TestContract(t *testing.T) { backendtest.Run(t, openContract) }

func TestSnapshotContract(t *testing.T) { backendtest.RunSnapshotter(t, openContract) }

// TestContractFewFiles runs the contract with hardly any files open at a time.
func TestContractFewFiles(t *testing.T) {
	backendtest.Run(t, func(t *testing.T) para.Store {
		opts := testOptions(t.TempDir())
		opts.MaxOpen = 2
		opts.Readers = 1
		opts.IdleClose = 1
		return openTest(t, opts)
	})
}
