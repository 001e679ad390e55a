package client

import (
	"context"
	"fmt"
	"net/url"
	"strconv"
	"time"
)

// NewID returns a new id made by the server (K 1.6.5).
func (c *Client) NewID(ctx context.Context) (string, error) {
	return c.text(ctx, "newid", nil)
}

// Timestamp returns the server's time, to the millisecond.
func (c *Client) Timestamp(ctx context.Context) (time.Time, error) {
	text, err := c.text(ctx, "timestamp", nil)
	if err != nil {
		return time.Time{}, err
	}
	ms, err := strconv.ParseInt(text, 10, 64)
	if err != nil {
		return time.Time{}, fmt.Errorf("client: timestamp: %w", err)
	}
	return time.UnixMilli(ms), nil
}

// FormatDate returns the server's time in a Java date pattern and a locale such as "en_US".
func (c *Client) FormatDate(ctx context.Context, format, locale string) (string, error) {
	return c.text(ctx, "formatdate", url.Values{"format": {format}, "locale": {locale}})
}

// FormatMessage replaces the placeholders {0}, {1} and so on of a message.
func (c *Client) FormatMessage(ctx context.Context, message string, fields ...string) (string, error) {
	return c.text(ctx, "formatmessage", url.Values{"message": {message}, "fields": fields})
}

// NoSpaces trims a text, replaces its white space and makes its letters small.
func (c *Client) NoSpaces(ctx context.Context, text, replacement string) (string, error) {
	return c.text(ctx, "nospaces", url.Values{"string": {text}, "replacement": {replacement}})
}

// StripAndTrim removes symbols and punctuation from a text.
func (c *Client) StripAndTrim(ctx context.Context, text string) (string, error) {
	return c.text(ctx, "nosymbols", url.Values{"string": {text}})
}

// MarkdownToHTML converts Markdown; the answer keeps the final line break of the renderer.
func (c *Client) MarkdownToHTML(ctx context.Context, markdown string) (string, error) {
	return c.text(ctx, "md2html", url.Values{"md": {markdown}})
}

// Approximately returns a span of time in its largest unit: "15s".
func (c *Client) Approximately(ctx context.Context, delta time.Duration) (string, error) {
	return c.text(ctx, "timeago", url.Values{"delta": {strconv.FormatInt(delta.Milliseconds(), 10)}})
}

func (c *Client) text(ctx context.Context, method string, params url.Values) (string, error) {
	var text string
	err := c.get(ctx, Path("utils", method), params, &text)
	return text, err
}
