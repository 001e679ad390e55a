package client

import (
	"strings"
	"testing"
)

func TestWhyAllowed(t *testing.T) {
	for _, tt := range []struct{ subject, answer, request, err string }{
		{"u1", `{"allowed":true,"rule":"Because.","entry":{"subject":"*","path":"todo","allowed":["GET"]},"change":"Do."}`, "GET /v1/_permissions/u1/dG9kbw/GET?explain=true", ""},
		{"", `{"allowed":false,"rule":"Because."}`, "GET /v1/_permissions/%2A/dG9kbw/GET?explain=true&guest=true", ""},
		{"u1", `true`, "", "cannot be read"},
		{"u1", `{}`, "", "does not explain"},
	} {
		s := newServer(t, replies(tt.answer))
		r, err := s.client(t).WhyAllowed(t.Context(), tt.subject, "todo", "GET")
		if sent := s.lines(); tt.request != "" && (len(sent) != 1 || sent[0] != tt.request) {
			t.Errorf("sent %q, wanted %s", sent, tt.request)
		}
		if tt.err != "" {
			if err == nil || !strings.Contains(err.Error(), tt.err) {
				t.Errorf("%s: %v", tt.answer, err)
			}
			continue
		}
		if err != nil || r.Rule != "Because." || r.Allowed != (tt.subject == "u1") {
			t.Errorf("%s: %+v %v", tt.answer, r, err)
		}
	}
}
