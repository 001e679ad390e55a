package main

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"text/tabwriter"

	"github.com/erudika/para-go/internal/sigv4"
)

// row is one kind of work.
type row struct {
	name    string
	clients []int // other numbers of clients than asked for; nil for those
	writes  bool
	updates bool   // of what is there already
	items   int    // objects written by one request
	sample  string // target whose answer the bare handler repeats; "" for writes
	next    func(client, i int) request
}

func run(ctx context.Context, o options, out io.Writer) error {
	binary, err := filepath.Abs(o.binary)
	if err != nil {
		return err
	}
	o.binary = binary
	for _, size := range o.sizes {
		if err := measure(ctx, o, size, out); err != nil {
			return fmt.Errorf("%d objects: %w", size, err)
		}
	}
	return startTimes(ctx, o, out)
}

// measure fills a fresh server with objects and drives every row.
func measure(ctx context.Context, o options, size int, out io.Writer) error {
	dir, err := os.MkdirTemp("", "para-bench")
	if err != nil {
		return err
	}
	defer func() { _ = os.RemoveAll(dir) }()
	p, err := launch(ctx, o.binary, dir)
	if err != nil {
		return err
	}
	defer p.stop()
	idle, _ := p.memory()
	cred, err := newApp(p.addr, "bench")
	if err != nil {
		return err
	}
	if err := fill(ctx, p, cred, size, out); err != nil {
		return err
	}
	if err := addRules(ctx, p, cred); err != nil {
		return err
	}
	fmt.Fprintf(out, "\n%d objects of about 50 words; idle %.0f MiB\n", size, idle)
	t := tabwriter.NewWriter(out, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(t, "work\tclients\tper second\tp50\tp99\tCPU\tlimit per second\tof limit\t")
	for _, r := range rows(newCorpus(2), size) {
		if o.only != "" && !strings.Contains(r.name, o.only) {
			continue
		}
		counts := o.clients
		if r.clients != nil {
			counts = r.clients
		}
		for _, n := range counts {
			if err := one(ctx, o, p, cred, r, n, t); err != nil {
				_ = t.Flush()
				return fmt.Errorf("%s: %w", r.name, err)
			}
		}
	}
	now, peak := p.memory()
	fmt.Fprintf(t, "memory\t\t%.0f MiB now\t%.0f MiB peak\t\t\t\t\t\n", now, peak)
	if err := t.Flush(); err != nil {
		return err
	}
	return transfers(ctx, o, p, cred, out)
}

func one(ctx context.Context, o options, p *process, cred sigv4.Credentials, r row, n int, t io.Writer) error {
	cpu := p.cpu()
	res, err := drive(ctx, p.addr, cred, n, o.time, r.next)
	if err != nil {
		return err
	}
	cpu = p.cpu() - cpu
	limit, err := limitOf(ctx, o, p, cred, r, n)
	if err != nil {
		return err
	}
	items := max(r.items, 1)
	fmt.Fprintf(t, "%s\t%d\t%.0f\t%s\t%s\t%.0f%%\t%.0f\t%.2f\t\n", r.name, n, res.perSecond()*float64(items), short(res.p50), short(res.p99),
		100*cpu.Seconds()/res.elapsed.Seconds(), limit*float64(items), res.perSecond()/limit)
	return nil
}

// withAddress is of how many objects one has an address, an object of its own.
const withAddress = 10

// fill creates the objects in batches.
func fill(ctx context.Context, p *process, cred sigv4.Credentials, size int, out io.Writer) error {
	c := newCorpus(1)
	w := &wire{addr: p.addr, cred: cred}
	defer w.close()
	began := clock()
	var b bytes.Buffer
	for done := 0; done < size; {
		b.Reset()
		b.WriteByte('[')
		for i := 0; i < 450 && done < size; i++ {
			if i > 0 {
				b.WriteByte(',')
			}
			c.object(&b, fmt.Sprintf("a%d", done))
			if done%withAddress == 0 {
				b.WriteByte(',')
				c.address(&b, fmt.Sprintf("p%d", done), fmt.Sprintf("a%d", done))
			}
			done++
		}
		b.WriteByte(']')
		status, body, err := w.send(request{http.MethodPost, "/v1/_batch", bytes.Clone(b.Bytes())})
		if err != nil {
			return err
		}
		if status != http.StatusOK {
			return fmt.Errorf("fill: %d %.200s", status, body)
		}
		if ctx.Err() != nil {
			return ctx.Err()
		}
	}
	fmt.Fprintf(out, "filled with %d objects: %.0f a second\n", size, float64(size)/clock().Sub(began).Seconds())
	return nil
}

// firstWords are the words that are asked for only once: nothing of the answers is in the server's memory. They stand in one
// object of 200 to one of 1 000.
const firstWords = 1000

// rows is the work of the table.
func rows(c *corpus, size int) []row {
	get := func(target func() string) func(int, int) request {
		// The targets are made before the clock runs and the goroutines start.
		list := make([]string, 4096)
		for i := range list {
			list[i] = target()
		}
		return func(client, i int) request {
			return request{method: http.MethodGet, target: list[(client*131+i)%len(list)]}
		}
	}
	search := func(name, q string, more ...string) row {
		return row{name: name, sample: "search", next: get(func() string {
			text := strings.ReplaceAll(strings.ReplaceAll(q, "WORD", c.middle()), "FREQUENT", c.frequent())
			return "/v1/article/search?q=" + url.QueryEscape(text) + strings.Join(more, "")
		})}
	}
	object := func(id string) []byte {
		var b bytes.Buffer
		c.object(&b, id)
		return bytes.Clone(b.Bytes())
	}
	created, ruled := make([][]byte, 512), make([][]byte, 512)
	for i := range created {
		created[i] = object("")
		ruled[i] = bytes.Replace(created[i], []byte(`"type":"article"`), fmt.Appendf(nil, `"type":%q,"code":"ab%[2]c-ab%[2]c-%[3]d"`, ruledType, 'a'+i%26, i), 1)
	}
	batch := func(n int) row {
		bodies := make([][]byte, 8)
		for i := range bodies {
			parts := make([][]byte, n)
			for j := range parts {
				parts[j] = object("")
			}
			bodies[i] = append(append([]byte{'['}, bytes.Join(parts, []byte{','})...), ']')
		}
		return row{name: fmt.Sprintf("batch of %d (objects)", n), writes: true, items: n, clients: []int{1, 8}, next: func(client, i int) request {
			return request{http.MethodPost, "/v1/_batch", bodies[(client+i)%len(bodies)]}
		}}
	}
	thousand := get(func() string {
		ids := make([]string, 1000)
		for i := range ids {
			ids[i] = fmt.Sprintf("ids=a%d", c.rnd.IntN(size))
		}
		return "/v1/_batch?" + strings.Join(ids, "&")
	})
	phrases := func() string {
		// A phrase that occurs: two neighbouring words of an object made like those stored.
		words := strings.Fields(newCorpus(c.rnd.Uint64()).text(8))
		return "/v1/article/search?q=" + url.QueryEscape(`"`+words[3]+" "+words[4]+`"`)
	}
	unasked := c.rnd.Perm(firstWords) // those of middle come before them
	once := func(_, i int) request {
		if i >= len(unasked) {
			return request{}
		}
		return request{method: http.MethodGet, target: "/v1/article/search?q=" + word(350+uint64(unasked[i]))}
	}
	return []row{
		{name: "read one", sample: "read", next: get(func() string { return fmt.Sprintf("/v1/article/a%d", c.rnd.IntN(size)) })},
		{name: "list 30, newest first", sample: "list", next: get(func() string { return "/v1/article" })},
		{name: "list 30 sorted by a number", sample: "list", next: get(func() string { return "/v1/article?sort=properties.rank" })},
		{name: "one word, each asked for once", sample: "search", clients: []int{1}, next: once},
		search("one word", "WORD"),
		search("two words, both", "WORD AND WORD"),
		search("word and number range", "WORD AND properties.rank:[20000 TO 40000]"),
		{name: "phrase", sample: "search", next: get(phrases)},
		{name: "prefix", sample: "search", next: get(func() string {
			w := c.middle()
			return "/v1/article/search?q=" + url.QueryEscape("properties.text:"+w[:len(w)-1]+"*")
		})},
		{name: "tagged", sample: "search", next: get(func() string { return fmt.Sprintf("/v1/article/search/tagged?tags=t%d", c.rnd.IntN(50)) })},
		{name: "nearby, 25 km", sample: "search", next: get(func() string {
			return "/v1/article/search/nearby?radius=25&latlng=" + url.QueryEscape(c.place())
		})},
		{name: "count", sample: "search", next: get(func() string { return "/v1/article/search/count" })},
		search("one of the ten most frequent words", "FREQUENT"),
		search("frequent word and number range", "FREQUENT AND properties.rank:[20000 TO 20500]"),
		{name: "patch", writes: true, updates: true, next: func(client, i int) request {
			return request{http.MethodPatch, fmt.Sprintf("/v1/article/a%d", (client*7919+i*17)%size), []byte(fmt.Sprintf(`{"rank":%d}`, i))}
		}},
		{name: "create", writes: true, next: func(client, i int) request {
			return request{http.MethodPost, "/v1/article", created[(client*37+i)%len(created)]}
		}},
		{name: "create with four rules, two of them patterns", writes: true, next: func(client, i int) request {
			return request{http.MethodPost, "/v1/" + ruledType, ruled[(client*37+i)%len(ruled)]}
		}},
		batch(100),
		batch(500),
		batch(1000),
		{name: "read 1 000 ids in one URL (objects)", sample: "read", items: 1000, clients: []int{1, 8}, next: thousand},
	}
}
