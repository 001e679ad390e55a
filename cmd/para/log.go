package main

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"strings"
	"sync"
)

// textHandler writes log lines for people in the server's format: "2026-06-11 16:11:17 [INFO ] message key=value" (C 8).
type textHandler struct {
	mu    *sync.Mutex
	out   io.Writer
	level slog.Level
	attrs string
	group string
}

func newTextHandler(out io.Writer, level slog.Level) *textHandler {
	return &textHandler{mu: new(sync.Mutex), out: out, level: level}
}

// Enabled says whether a level is shown.
func (h *textHandler) Enabled(_ context.Context, l slog.Level) bool { return l >= h.level }

// Handle writes one line.
func (h *textHandler) Handle(_ context.Context, r slog.Record) error {
	var b strings.Builder
	fmt.Fprintf(&b, "%s [%-5s] %s%s", r.Time.Format("2006-01-02 15:04:05"), r.Level, r.Message, h.attrs)
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

func (h *textHandler) append(b *strings.Builder, a slog.Attr) {
	v := a.Value.Resolve()
	text := v.String()
	if strings.ContainsAny(text, " \"\n") {
		text = fmt.Sprintf("%q", text)
	}
	fmt.Fprintf(b, " %s%s=%s", h.group, a.Key, text)
}

// WithAttrs returns a handler whose lines carry further attributes.
func (h *textHandler) WithAttrs(attrs []slog.Attr) slog.Handler {
	var b strings.Builder
	for _, a := range attrs {
		h.append(&b, a)
	}
	c := *h
	c.attrs += b.String()
	return &c
}

// WithGroup returns a handler whose attributes are named below name.
func (h *textHandler) WithGroup(name string) slog.Handler {
	c := *h
	c.group += name + "."
	return &c
}
