package functions

import (
	"net/url"
	"strconv"
	"time"

	para "github.com/erudika/para-go"
	"github.com/erudika/para-go/internal/javatext"
	"github.com/erudika/para-go/internal/markdown"
)

// Env is what the utility functions need from their surroundings.
type Env struct {
	Now      func() time.Time       // the clock; the zone of its times is the server's
	NewID    func() (string, error) // the generator of object ids (O 3.1)
	Markdown *markdown.Converter    // never nil
}

// Content types of the answers of Call (R 6.3).
const (
	PlainText = "text/plain"
	HTMLText  = "text/html"
)

// Call runs the utility function that GET /v1/utils/{name} names, with the first value of each parameter (all values of
// "fields"), and returns the text of the answer and its content type (R 23). The error carries code para.Invalid and the
// text for the client when the name is not known or a parameter is not usable (D44); an empty name is called "empty".
func Call(name string, params url.Values, env Env) (text, contentType string, err error) {
	switch name {
	case "newid":
		text, err = env.NewID()
	case "timestamp":
		text = strconv.FormatInt(env.Now().UnixMilli(), 10)
	case "formatdate":
		text, err = FormatDate(env.Now(), params.Get("format"), params.Get("locale"), params.Has("locale"))
	case "formatmessage":
		text = FormatMessage(params.Get("message"), texts(params["fields"])...)
	case "nospaces":
		text = NoSpaces(params.Get("string"), params.Get("replacement"))
	case "nosymbols":
		text = StripAndTrim(params.Get("string"), "", false)
	case "timeago":
		text = HumanTime(delta(params.Get("delta")))
	case "md2html":
		if text, err = env.Markdown.ToHTML(params.Get("md")); err != nil {
			err = &para.Error{Code: para.TooLarge, Message: "The Markdown text is longer than 256 KiB.", Err: err}
		}
		return text, HTMLText, err
	case "":
		err = para.Errorf(para.Invalid, "Unknown method: empty")
	default:
		err = para.Errorf(para.Invalid, "Unknown method: %s", name)
	}
	return text, PlainText, err
}

// FormatDate writes t by a Java date pattern (O 20.8). A blank pattern stands for yyyy-MM-dd; without a locale, or with
// one that cannot be read, names are those of US English. A bad pattern is an error with code para.Invalid.
func FormatDate(t time.Time, pattern, locale string, hasLocale bool) (string, error) {
	if isBlank(pattern) {
		pattern = "yyyy-MM-dd"
	}
	l := javatext.US
	if hasLocale {
		l = javatext.ParseLocale(locale)
	}
	p, err := javatext.ParsePattern(pattern)
	if err != nil {
		return "", para.Errorf(para.Invalid, "Invalid date pattern: %s", err)
	}
	return p.Format(t, l), nil
}

func texts(values []string) []any {
	out := make([]any, len(values))
	for i, v := range values {
		out[i] = v
	}
	return out
}

// delta reads milliseconds; what is not a whole number counts as 1.
func delta(s string) int64 {
	n, err := strconv.ParseInt(s, 10, 64)
	if err != nil {
		return 1
	}
	return n
}
