package client

import (
	"net/http"
	"testing"
	"time"

	para "github.com/erudika/para-go"
)

// Whatever a server answers, the client neither panics nor makes an error without a status.
func FuzzAnswers(f *testing.F) {
	for _, body := range []string{onePage, oneObject, `{"code":403,"message":"no"}`, `[{"id":1},null]`, "null", "", `{"items":null,"lastKey":5}`,
		jwt(`{"exp":1e99,"refresh":-1}`), "a.b.c"} {
		f.Add(body)
	}
	f.Fuzz(func(t *testing.T, body string) {
		e := errorOf("GET", "/", &http.Response{StatusCode: 500, Header: http.Header{"Retry-After": {body}}}, []byte(body))
		if e.Status != 500 || e.Message == "" {
			t.Errorf("%+v", e)
		}
		e.Details()
		RetryPolicy{Max: 1, MinWait: 1, MaxWait: 1}.wait(0, &Error{Status: 503, Header: e.Header})
		var page *Page[*para.Object]
		_ = decode([]byte(body), &page)
		var list []*para.Object
		if decode([]byte(body), &list) == nil {
			_ = new(BatchError).compare(0, []byte(body), list)
		}
		s := newSession(body)
		s.due(time.Now())
	})
}
