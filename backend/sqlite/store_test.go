package sqlite

import (
	"context"
	"fmt"
	"log/slog"
	"testing"

	"github.com/erudika/para-go"
)

func testOptions(dir string) Options {
	return Options{Dir: dir, RootApp: "para", Logger: slog.New(slog.DiscardHandler)}
}

func openTest(t testing.TB, opts Options) *Store {
	t.Helper()
	s, err := Open(opts)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

func putOp(id, data string) para.Op {
	return para.Op{Do: func([]*para.Record) ([]para.Write, error) {
		return []para.Write{{Kind: para.Put, Event: "create", Record: para.Record{ID: id, Type: "t", Stored: true, Data: []byte(data)}}}, nil
	}}
}

func TestSmoke(t *testing.T) {
	s := openTest(t, testOptions(t.TempDir()))
	ctx := context.Background()
	for i := range 10 {
		out, err := s.Apply(ctx, "para", []para.Op{putOp(fmt.Sprint("a", i), "{}")})
		if err != nil || out[0].Err != nil || out[0].Records[0].DocID != int64(i+1) {
			t.Fatal(out, err)
		}
	}
	r, err := s.Get(ctx, "para", []string{"a3", "x", "a1"})
	if err != nil || r[0].DocID != 4 || r[1] != nil || r[2].Revision != 2 {
		t.Fatal(r, err)
	}
}
