package sqlite

import (
	"context"
	"errors"

	"github.com/erudika/para-go"
)

// errTooComplex is the answer to a query beyond its budget (D129).
var errTooComplex = &para.Error{Code: para.TooLarge, Message: "Query is too complex."}

// errNoHits ends the evaluation of a query that cannot find anything.
var errNoHits = errors.New("no hits")

// Search finds objects of one app. Everything is read in one transaction: index, totals and records are of one moment.
func (s *Store) Search(ctx context.Context, app string, q *para.Query) (*para.Page, error) {
	return s.search(ctx, app, q, nil)
}

// search answers a query and notes its steps in t, which may be nil.
func (s *Store) search(ctx context.Context, app string, q *para.Query, t *trace) (*para.Page, error) {
	page := &para.Page{}
	f, err := s.acquire(ctx, app)
	if err != nil {
		return nil, err
	}
	defer s.release(f)
	if ids, few := q.Filter.(para.IDs); !few || len(ids.IDs) > maxFreeIDs {
		if err := s.searches.begin(ctx, &f.search); err != nil {
			return nil, readFailure("search", err)
		}
		defer s.searches.end(&f.search)
	}
	ctx, cancel := context.WithTimeoutCause(ctx, s.opts.SearchTimeout, errTooComplex)
	defer cancel()
	err = s.read(ctx, app, func(c readConn) error {
		e, err := s.newEvaluation(ctx, f, c, q)
		if err != nil {
			return err
		}
		e.trace = t
		return e.run(page)
	})
	if err != nil {
		return nil, err
	}
	return page, nil
}

// evaluation is one query at work.
type evaluation struct {
	ctx   context.Context
	s     *Store
	f     *file
	c     *conn
	at    moment // that the transaction sees
	app   string
	q     *para.Query
	paths []*path // of the query's type, or all
	all   *pathSnapshot

	expansions int // terms that patterns may still expand to

	trace *trace // nil: nobody wants to know
}

func (s *Store) newEvaluation(ctx context.Context, f *file, c *conn, q *para.Query) (*evaluation, error) {
	at, err := readMoment(c)
	if err != nil {
		return nil, err
	}
	snapshot, ok := c.paths[at.paths]
	if !ok {
		list, err := readPaths(c)
		if err != nil {
			return nil, err
		}
		snapshot = newPathSnapshot(list)
		c.paths = map[int64]*pathSnapshot{at.paths: snapshot}
	}
	e := &evaluation{ctx: ctx, s: s, f: f, c: c, at: at, app: f.app, q: q, all: snapshot, expansions: s.opts.MaxExpansions}
	e.paths = snapshot.all
	if q.Type != "" {
		e.paths = snapshot.byType[q.Type]
	}
	return e, nil
}

// readMoment returns the moment that a read transaction sees.
func readMoment(c *conn) (moment, error) {
	s, err := c.prepare(`SELECT value, (SELECT max(seq) FROM changes), (SELECT value FROM meta WHERE key='trimmed')
		FROM meta WHERE key='paths'`)
	if err != nil {
		return moment{}, err
	}
	defer s.reset()
	row, err := s.step()
	if err != nil || !row {
		return moment{}, err
	}
	return moment{s.int64(0), max(s.int64(1), s.int64(2))}, nil // the log may have been trimmed to its end
}

// pathSnapshot is the table of paths as of one version.
type pathSnapshot struct {
	all     []*path
	byType  map[string][]*path
	byField map[string][]*path
	byName  map[pathName]*path
}

func newPathSnapshot(list []*path) *pathSnapshot {
	s := &pathSnapshot{all: list, byType: map[string][]*path{}, byField: map[string][]*path{}, byName: make(map[pathName]*path, len(list))}
	for _, p := range list {
		s.byType[p.typ] = append(s.byType[p.typ], p)
		s.byField[p.field] = append(s.byField[p.field], p)
		s.byName[pathName{p.typ, p.field}] = p
	}
	return s
}

func (e *evaluation) run(page *para.Page) error {
	if e.q.Filter == nil {
		return e.listing(page)
	}
	hits, err := e.eval(e.q.Filter)
	if errors.Is(err, errNoHits) {
		return nil
	}
	if err != nil {
		return err
	}
	if _, not := e.q.Filter.(para.Not); e.q.Type != "" && !not && !e.typed(e.q.Filter) {
		if hits, err = e.ofType(hits); err != nil {
			return err
		}
	}
	page.Total = int64(len(hits))
	ids, err := e.step(func() string { return "sort and take the page" }, func() (set, error) { return e.page(hits) })
	if err != nil {
		return err
	}
	return e.records(ids, page)
}

// listing answers a query without a filter: every document of a type, or of the app.
func (e *evaluation) listing(page *para.Page) error {
	var err error
	if e.q.Type != "" {
		page.Total, err = e.c.int64("SELECT docs FROM types WHERE type=?", e.q.Type)
	} else {
		page.Total, err = e.c.int64("SELECT sum(docs) FROM types")
	}
	if err != nil || e.q.Limit == 0 || page.Total == 0 {
		return err
	}
	ids, done, err := e.walk(nil, page.Total)
	if err == nil && !done {
		var all set
		if all, err = e.universe(); err == nil {
			ids, err = e.page(all)
		}
	}
	if err != nil {
		return err
	}
	return e.records(ids, page)
}

// records reads the records of a page.
func (e *evaluation) records(ids []int64, page *para.Page) error {
	if len(ids) == 0 {
		return nil
	}
	page.Records = make([]*para.Record, 0, len(ids))
	return e.lookUp("SELECT "+recordColumns+" FROM objects WHERE docid=?", ids, func(_ int, s *stmt) error {
		page.Records = append(page.Records, scanRecord(e.c, s))
		return nil
	})
}

// tick ends an evaluation whose time is over; it is called in loops that do not step statements.
func (e *evaluation) tick() error {
	if err := e.ctx.Err(); err != nil {
		return context.Cause(e.ctx)
	}
	return nil
}
