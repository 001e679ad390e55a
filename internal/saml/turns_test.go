package saml

import (
	"context"
	"encoding/base64"
	"errors"
	"net/http"
	"testing"

	para "github.com/erudika/para-go"
)

// TestTurns refuses answers beyond the bound, and does not keep the turn of a browser that went away.
func TestTurns(t *testing.T) {
	w := newWorld(t, nil)
	busy := w.service.turns
	var leave []func()
	for range cap(busy.running) {
		end, err := busy.take(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		leave = append(leave, end)
	}
	gone, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := busy.take(gone); !errors.Is(err, context.Canceled) {
		t.Errorf("waiting for nobody: %v", err)
	}
	for range maxWaiting {
		busy.admitted <- struct{}{}
	}
	message := base64.StdEncoding.EncodeToString([]byte(`<Response/>`))
	if _, _, err := w.service.Finish(t.Context(), w.tenant, w.settings, message, nil); para.CodeOf(err) != para.Busy {
		t.Errorf("error %v, want one of code Busy", err)
	}
	for range maxWaiting {
		<-busy.admitted
	}
	for _, end := range leave {
		end()
	}
	response, cookies := w.start(t)
	if _, err := w.finish(t, response, cookies); err != nil {
		t.Error(err)
	}
}

func TestNoSecret(t *testing.T) {
	w := newWorld(t, nil)
	if _, err := w.service.Start(t.Context(), Tenant{App: "myapp"}, w.settings, "", nil); err == nil {
		t.Error("a request was bound with a key that everybody knows")
	}
	open := Tenant{App: "myapp"}
	c := open.bind(w.settings, w.provider.URL, "ARQx", w.service.now())
	if ids := open.pending(w.settings, w.provider.URL, []*http.Cookie{c}, w.service.now()); len(ids) != 0 {
		t.Errorf("pending %v", ids)
	}
}
