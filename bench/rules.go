package main

import (
	"context"
	"fmt"
	"net/http"

	"github.com/erudika/para-go/internal/sigv4"
)

// ruledType is the type of objects that have to keep rules of the app.
const ruledType = "ruled"

// addRules gives the app rules for a type: two regular expressions, one of them with what only Java's syntax has, a range
// and a size. They run under the time limit of all patterns.
func addRules(ctx context.Context, p *process, cred sigv4.Credentials) error {
	w := &wire{addr: p.addr, cred: cred}
	defer w.close()
	for _, rule := range [][2]string{
		{"code/pattern", `{"value":"(?=.*[0-9])([a-z]{2,8})-\\1-[0-9]{1,9}"}`},
		{"author/pattern", `{"value":"[a-z]+x"}`},
		{"rank/max", `{"value":1000000}`},
		{"text/size", `{"min":10,"max":10000}`},
	} {
		status, body, err := w.send(request{http.MethodPut, "/v1/_constraints/" + ruledType + "/" + rule[0], []byte(rule[1])})
		if err == nil && status != http.StatusOK {
			err = fmt.Errorf("add the rule %s: status %d: %.200s", rule[0], status, body)
		}
		if err != nil {
			return err
		}
	}
	return ctx.Err()
}
