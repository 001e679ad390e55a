package engine

import (
	"encoding/json"
	"testing"
)

// tokenValiditySec is kept as it is read: the setting session_timeout wins and stays when it is removed, and what is no
// positive number is the default (O 8.6).
func TestTokenValidityOfApps(t *testing.T) {
	w := newWorld(t)
	put := func(value string) func() error {
		return func() error { return w.PutSetting(t.Context(), w.p, "session_timeout", json.RawMessage(value)) }
	}
	remove := func() error { return w.DeleteSetting(t.Context(), w.p, "session_timeout") }
	patch := func(body string) func() error {
		return func() error {
			_, err := w.Update(t.Context(), w.p, "app", "kid", bodyOf(t, body))
			return err
		}
	}
	for i, step := range []struct {
		change func() error
		want   int64
	}{
		{func() error { return nil }, 86400},
		{put(`-60`), 60},
		{remove, 60},
		{put(`"30"`), 60},
		{put(`45.9`), 45},
		{patch(`{"tokenValiditySec":99}`), 45},
		{patch(`{"settings":{"session_timeout":-7}}`), 7},
		{remove, 7},
		{patch(`{"tokenValiditySec":99}`), 99},
		{patch(`{"tokenValiditySec":null}`), 99},
		{patch(`{"tokenValiditySec":0}`), 86400},
		{patch(`{"tokenValiditySec":-5}`), 86400},
		{put(`0`), 86400},
	} {
		if err := step.change(); err != nil {
			t.Fatalf("step %d: %v", i, err)
		}
		r, err := w.record(t.Context(), "para", "app:kid")
		if err != nil {
			t.Fatal(err)
		}
		var app struct {
			TokenValiditySec int64 `json:"tokenValiditySec"`
		}
		if err := json.Unmarshal(r.Data, &app); err != nil || app.TokenValiditySec != step.want {
			t.Errorf("step %d: %d, %v; want %d", i, app.TokenValiditySec, err, step.want)
		}
		w.p.App, err = w.App(t.Context(), "app:kid")
		valid := int64(w.p.App.TokenValidity.Seconds())
		if valid == 0 {
			valid = 86400 // the default counts
		}
		if err != nil || valid != step.want {
			t.Errorf("step %d: tokens are good for %s, %v", i, w.p.App.TokenValidity, err)
		}
	}
}

// Settings have names and values: what is blank or null is left out (O 8.7).
func TestSettingsWithoutNames(t *testing.T) {
	w := newWorld(t)
	all := map[string]json.RawMessage{"a": json.RawMessage(`1`), "b": json.RawMessage(`null`), "": json.RawMessage(`2`), " \t": json.RawMessage(`3`)}
	if err := w.ReplaceSettings(t.Context(), w.p, all); err != nil {
		t.Fatal(err)
	}
	app, err := w.App(t.Context(), "app:kid")
	if err != nil || len(app.Settings) != 1 || string(app.Settings["a"]) != "1" {
		t.Errorf("%v, %v", app.Settings, err)
	}
}
