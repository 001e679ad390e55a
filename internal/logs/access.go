package logs

import (
	"fmt"
	"strconv"
	"strings"
	"time"
)

// Request is a line of the access log.
type Request struct {
	Host   string // who asked
	Time   time.Time
	Method string
	Path   string // without the query, which may hold tokens
	Proto  string
	Status int
	Bytes  int64 // of the answer's body
}

// String returns the line in the Common Log Format, %h %l %u %t "%r" %s %b, with its end (C 8). Who signed in is not
// told.
func (r Request) String() string {
	size := "-"
	if r.Bytes > 0 {
		size = strconv.FormatInt(r.Bytes, 10)
	}
	return fmt.Sprintf("%s - - [%s] \"%s %s %s\" %d %s\n", field(r.Host), r.Time.Format("02/Jan/2006:15:04:05 -0700"),
		field(r.Method), field(r.Path), field(r.Proto), r.Status, size)
}

// field keeps a part of the line from looking like more of them.
func field(text string) string {
	if !strings.ContainsFunc(text, breaks) {
		return text
	}
	var b strings.Builder
	for i := range len(text) {
		if c := text[i]; breaks(rune(c)) {
			fmt.Fprintf(&b, "\\x%02x", c)
		} else {
			b.WriteByte(c)
		}
	}
	return b.String()
}

func breaks(r rune) bool { return r <= ' ' || r == '"' || r == '\\' || r == 0x7f }
