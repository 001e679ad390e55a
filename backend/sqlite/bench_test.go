package sqlite

import (
	"context"
	"database/sql"
	"fmt"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/erudika/para-go"
)

var benchData = strings.Repeat("0123456789", 40)

// BenchmarkCreate creates objects of 400 bytes without a search document: through the store with so many callers at
// once, and as the limit in the same run, with a bare loop of the same statements in transactions of so many.
func BenchmarkCreate(b *testing.B) {
	for _, callers := range []int{1, 64} {
		b.Run(fmt.Sprint("store/callers=", callers), func(b *testing.B) {
			s := openTest(b, testOptions(b.TempDir()))
			ctx := context.Background()
			var next atomic.Int64
			b.ReportAllocs()
			b.ResetTimer()
			var wg sync.WaitGroup
			for range callers {
				wg.Go(func() {
					for {
						n := next.Add(1)
						if n > int64(b.N) {
							return
						}
						id := fmt.Sprint("id", n)
						op := para.Op{Reads: []string{id}, Do: func(r []*para.Record) ([]para.Write, error) {
							return []para.Write{{Kind: para.Put, Event: "create",
								Record: para.Record{ID: id, Type: "t", Stored: true, Data: []byte(benchData)}}}, nil
						}}
						if out, err := s.Apply(ctx, "para", []para.Op{op}); err != nil || out[0].Err != nil {
							b.Error(out, err)
							return
						}
					}
				})
			}
			wg.Wait()
		})
		b.Run(fmt.Sprint("bare/group=", callers), func(b *testing.B) {
			c := bareFile(b)
			b.ReportAllocs()
			b.ResetTimer()
			for n := 1; n <= b.N; n++ {
				if !c.inTransaction() {
					must(b, c.exec("BEGIN IMMEDIATE"))
				}
				bareInsert(b, c, n)
				if n%callers == 0 || n == b.N {
					must(b, c.exec("COMMIT"))
				}
			}
		})
	}
}

// bareFile opens a file with the store's schema and settings and nothing else.
func bareFile(b *testing.B) *conn {
	c, err := openConn(filepath.Join(b.TempDir(), "bare.db"), openCreate)
	must(b, err)
	b.Cleanup(func() { must(b, c.close()) })
	f := &file{s: &Store{}}
	must(b, f.setup(c))
	must(b, createSchema(c, "bare"))
	return c
}

func bareInsert(b *testing.B, c *conn, n int) {
	s, err := c.prepare("INSERT INTO objects(docid, id, type, revision, flags, data) VALUES(?1, ?2, ?3, ?1, ?4, ?5)")
	must(b, err)
	id := fmt.Sprint("id", n)
	s.bind(n, id, "t", 1, []byte(benchData))
	must(b, s.run())
	s, err = c.prepare("INSERT INTO changes(seq, time, kind, event, id, type, data) VALUES(?,?,?,?,?,?,?)")
	must(b, err)
	s.bind(n, n, 1, "create", id, "t", nil)
	must(b, s.run())
}

func must(b testing.TB, err error) {
	b.Helper()
	if err != nil {
		b.Fatal(err)
	}
}

// BenchmarkGet reads one object of 400 bytes by id out of 10 000.
func BenchmarkGet(b *testing.B) {
	s := openTest(b, testOptions(b.TempDir()))
	const objects = 10_000
	ids := make([]string, objects)
	for i := 0; i < objects; i += 100 {
		var ops []para.Op
		for n := i; n < i+100; n++ {
			ids[n] = fmt.Sprint("id", n)
			ops = append(ops, putOp(ids[n], benchData))
		}
		mustApply(b, s, "para", ops...)
	}
	ctx := context.Background()
	get := func(b *testing.B, n int) {
		r, err := s.Get(ctx, "para", ids[n%objects:n%objects+1])
		if err != nil || r[0] == nil {
			b.Fatal(r, err)
		}
	}
	b.Run("one", func(b *testing.B) {
		b.ReportAllocs()
		for n := range b.N {
			get(b, n*7919)
		}
	})
	b.Run("parallel", func(b *testing.B) {
		b.ReportAllocs()
		var next atomic.Int64
		b.RunParallel(func(pb *testing.PB) {
			for pb.Next() {
				get(b, int(next.Add(7919)))
			}
		})
	})
	b.Run("hundred", func(b *testing.B) {
		b.ReportAllocs()
		for range b.N {
			if r, err := s.Get(ctx, "para", ids[:100]); err != nil || r[99] == nil {
				b.Fatal(r, err)
			}
		}
	})
}

// BenchmarkScan reads 10 000 objects in pages of 1000.
func BenchmarkScan(b *testing.B) {
	s := openTest(b, testOptions(b.TempDir()))
	for i := range 100 {
		var ops []para.Op
		for n := range 100 {
			ops = append(ops, putOp(fmt.Sprint("id", i*100+n), benchData))
		}
		mustApply(b, s, "para", ops...)
	}
	b.ReportAllocs()
	b.ResetTimer()
	for range b.N {
		var after int64
		for {
			r, err := s.Scan(context.Background(), "para", after, 1000)
			must(b, err)
			if len(r) == 0 {
				break
			}
			after = r[len(r)-1].DocID
		}
	}
}

// BenchmarkApps: what an app costs to create and to open.
func BenchmarkApps(b *testing.B) {
	ctx := context.Background()
	b.Run("create", func(b *testing.B) {
		s := openTest(b, testOptions(b.TempDir()))
		for n := range b.N {
			must(b, s.CreateApp(ctx, fmt.Sprint("app", n)))
		}
	})
	b.Run("open", func(b *testing.B) {
		opts := testOptions(b.TempDir())
		opts.MaxOpen = 1
		s := openTest(b, opts)
		for n := range 10 {
			must(b, s.CreateApp(ctx, fmt.Sprint("app", n)))
		}
		b.ResetTimer()
		for n := range b.N {
			_, err := s.Get(ctx, fmt.Sprint("app", n%10), []string{"x"})
			must(b, err)
		}
	})
}

// BenchmarkDriver compares this package's own connection with the same library through database/sql.
func BenchmarkDriver(b *testing.B) {
	const rows = 10_000
	query := "SELECT docid, id, type, revision, flags, data FROM objects WHERE id=?"
	c := bareFile(b)
	must(b, c.exec("BEGIN"))
	for n := range rows {
		bareInsert(b, c, n+1)
	}
	must(b, c.exec("COMMIT"))
	path, err := c.string("SELECT file FROM pragma_database_list WHERE name='main'")
	must(b, err)
	b.Run("get/own", func(b *testing.B) {
		b.ReportAllocs()
		for n := range b.N {
			s, err := c.prepare(query)
			must(b, err)
			s.bindText(1, fmt.Sprint("id", n%rows+1))
			if row, err := s.step(); !row || err != nil {
				b.Fatal(row, err)
			}
			_ = scanRecord(c, s)
			s.reset()
		}
	})
	b.Run("get/database-sql", func(b *testing.B) {
		db, err := sql.Open("sqlite", path)
		must(b, err)
		defer db.Close()
		db.SetMaxOpenConns(1)
		st, err := db.Prepare(query)
		must(b, err)
		b.ReportAllocs()
		for n := range b.N {
			var r para.Record
			var flags int64
			must(b, st.QueryRow(fmt.Sprint("id", n%rows+1)).Scan(&r.DocID, &r.ID, &r.Type, &r.Revision, &flags, &r.Data))
		}
	})
}
