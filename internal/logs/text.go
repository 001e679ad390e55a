// Package logs writes the server's log and access log, for people and into files (C 8).
package logs

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"strconv"
	"strings"
	"sync"
	"unicode"
)

// Layouts of the time in front of a line (C 8).
const (
	Seconds = "2006-01-02 15:04:05"
	Millis  = "2006-01-02 15:04:05,000"
)

// Text writes log lines for people: "2026-06-11 16:11:17 [INFO ] message key=value" (C 8). A line never holds a line end or
// another control character that came with a value.
type Text struct {
	mu     *sync.Mutex
	out    io.Writer
	level  slog.Level
	layout string
	logger string
	attrs  string
	group  string
}

// NewText returns a handler of lines that are of a level or above it. layout is that of the time; logger, which may be empty,
// is named in front of the message.
func NewText(out io.Writer, level slog.Level, layout, logger string) *Text {
	if logger != "" {
		logger += " - "
	}
	return &Text{mu: new(sync.Mutex), out: out, level: level, layout: layout, logger: logger}
}

// Enabled says whether a level is shown.
func (h *Text) Enabled(_ context.Context, l slog.Level) bool { return l >= h.level }

// Handle writes one line.
func (h *Text) Handle(_ context.Context, r slog.Record) error {
	var b strings.Builder
	fmt.Fprintf(&b, "%s [%-5s] %s%s%s", r.Time.Format(h.layout), r.Level, h.logger, oneLine(r.Message), h.attrs)
	r.Attrs(func(a slog.Attr) bool {
		h.append(&b, a)
		return true
	})
	b.WriteByte('\n')
	h.mu.Lock()
	defer h.mu.Unlock()
	_, err := io.WriteString(h.out, b.String())
	return err
}

func (h *Text) append(b *strings.Builder, a slog.Attr) {
	text := a.Value.Resolve().String()
	if strings.ContainsFunc(text, func(r rune) bool { return r == ' ' || r == '"' || !unicode.IsPrint(r) }) {
		text = strconv.Quote(text)
	}
	fmt.Fprintf(b, " %s%s=%s", h.group, a.Key, text)
}

// WithAttrs returns a handler whose lines carry further attributes.
func (h *Text) WithAttrs(attrs []slog.Attr) slog.Handler {
	var b strings.Builder
	for _, a := range attrs {
		h.append(&b, a)
	}
	c := *h
	c.attrs += b.String()
	return &c
}

// WithGroup returns a handler whose attributes are named below name.
func (h *Text) WithGroup(name string) slog.Handler {
	c := *h
	c.group += name + "."
	return &c
}

// oneLine replaces line ends and other control characters.
func oneLine(text string) string {
	if !strings.ContainsFunc(text, unicode.IsControl) {
		return text
	}
	text = strings.ReplaceAll(text, "\n", "; ")
	return strings.Map(func(r rune) rune {
		if unicode.IsControl(r) {
			return ' '
		}
		return r
	}, text)
}
