package model

import (
	"fmt"
	"net/url"
	"strings"
)

// call is one request of a script. Its texts may name what earlier calls yielded: «k» is the id that the server made in
// call k, so that a script stays meaningful when calls are taken out of it.
type call struct {
	n      int // its number; it keeps it when others are taken out
	method string
	path   []string // segments after /v1/, not encoded
	query  url.Values
	body   string // JSON; "" for none
}

// cursorToken in a query stands for the lastKey of the newest page that had hits.
const cursorToken = "«lastKey»"

func idToken(n int) string { return fmt.Sprintf("«%d»", n) }

// String is the call as it stands in a report.
func (c *call) String() string {
	s := fmt.Sprintf("%3d %-6s /v1/%s", c.n, c.method, strings.Join(c.path, " / "))
	if len(c.query) > 0 {
		q, _ := url.QueryUnescape(c.query.Encode())
		s += "?" + q
	}
	if c.body != "" {
		s += " " + c.body
	}
	return s
}

// names are the values of the tokens so far.
type names struct {
	ids    map[int]string
	cursor string
}

func (m *names) in(s string) string {
	if !strings.Contains(s, "«") {
		return s
	}
	s = strings.ReplaceAll(s, cursorToken, m.cursor)
	for {
		before, rest, ok := strings.Cut(s, "«")
		if !ok {
			return s
		}
		token, after, _ := strings.Cut(rest, "»")
		var n int
		_, _ = fmt.Sscan(token, &n)
		id, known := m.ids[n]
		if !known {
			id = "nothing"
		}
		s = before + id + after
	}
}

// resolve returns the call with its tokens replaced.
func (m *names) resolve(c *call) *call {
	out := &call{n: c.n, method: c.method, body: m.in(c.body)}
	for _, p := range c.path {
		out.path = append(out.path, m.in(p))
	}
	if c.query != nil {
		out.query = url.Values{}
		for k, list := range c.query {
			for _, v := range list {
				out.query.Add(k, m.in(v))
			}
		}
	}
	return out
}
