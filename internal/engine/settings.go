package engine

import (
	"context"
	"encoding/json"
	"math"
	"strings"

	para "github.com/erudika/para-go"
	"github.com/erudika/para-go/internal/access"
)

// PutSetting stores one setting of the principal's app; null removes nothing and stores nothing (R 21, O 8.7).
func (e *Engine) PutSetting(ctx context.Context, p access.Principal, key string, value json.RawMessage) error {
	return e.changeSettings(ctx, p, func(s map[string]json.RawMessage) map[string]json.RawMessage {
		if !isNull(value) {
			s[key] = value
		}
		return s
	})
}

// ReplaceSettings replaces all settings of the principal's app; members that are null, and blank names, are left out (O
// 8.7).
func (e *Engine) ReplaceSettings(ctx context.Context, p access.Principal, all map[string]json.RawMessage) error {
	return e.changeSettings(ctx, p, func(map[string]json.RawMessage) map[string]json.RawMessage {
		s := map[string]json.RawMessage{}
		for k, v := range all {
			if !isNull(v) && strings.TrimSpace(k) != "" {
				s[k] = v
			}
		}
		return s
	})
}

// DeleteSetting removes one setting of the principal's app, if it is there.
func (e *Engine) DeleteSetting(ctx context.Context, p access.Principal, key string) error {
	return e.changeSettings(ctx, p, func(s map[string]json.RawMessage) map[string]json.RawMessage {
		delete(s, key)
		return s
	})
}

func (e *Engine) changeSettings(ctx context.Context, p access.Principal, change func(map[string]json.RawMessage) map[string]json.RawMessage) error {
	_, err := e.ChangeApp(ctx, p.App.ID, func(o *para.Object) error {
		stored, err := para.ParseApp(o)
		if err != nil {
			return err
		}
		settings := map[string]json.RawMessage{}
		for k, v := range stored.Settings {
			settings[k] = v
		}
		settings = change(settings)
		if err := para.CheckSettings(settings); err != nil {
			return err
		}
		if err := o.Set("settings", settings); err != nil {
			return err
		}
		return e.settleApp(o)
	})
	return err
}

// checkSentSettings checks the settings of an app that is changed as an object, if they are what changes.
func checkSentSettings(o *para.Object, patch *para.Body) error {
	raw, ok := o.Raw("settings")
	if !ok || !patch.Mentions("settings") {
		return nil
	}
	var settings map[string]json.RawMessage
	if err := json.Unmarshal(raw, &settings); err != nil {
		return err
	}
	return para.CheckSettings(settings)
}

// settleApp brings tokenValiditySec of an app into the form in which it is read and kept: the setting session_timeout wins
// and stays in force when it is removed; what is no positive number is the default (O 8.6).
func (e *Engine) settleApp(o *para.Object) error {
	var settings map[string]json.RawMessage
	if raw, ok := o.Raw("settings"); ok {
		if err := json.Unmarshal(raw, &settings); err != nil {
			return err
		}
	}
	seconds := o.Int("tokenValiditySec")
	if s, ok := sessionTimeout(settings["session_timeout"]); ok {
		seconds = s
	}
	if seconds <= 0 {
		seconds = e.opts.TokenValidity
	}
	return o.Set("tokenValiditySec", seconds)
}

// sessionTimeout is the validity of tokens in seconds that the setting of that name asks for: the absolute value of a
// number; it stays in force when the setting is removed (O 8.6). ok is false when the setting says nothing.
func sessionTimeout(raw json.RawMessage) (seconds int64, ok bool) {
	var n float64
	if len(raw) == 0 || isNull(raw) || json.Unmarshal(raw, &n) != nil || math.Abs(n) > math.MaxInt32 {
		return 0, false
	}
	return int64(math.Abs(n)), true
}

func isNull(v json.RawMessage) bool { return len(v) == 0 || string(v) == "null" }
