package engine

import (
	"context"
	"encoding/json"
	"math"

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

// ReplaceSettings replaces all settings of the principal's app; members that are null are left out.
func (e *Engine) ReplaceSettings(ctx context.Context, p access.Principal, all map[string]json.RawMessage) error {
	return e.changeSettings(ctx, p, func(map[string]json.RawMessage) map[string]json.RawMessage {
		s := map[string]json.RawMessage{}
		for k, v := range all {
			if !isNull(v) {
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
		if s, ok := sessionTimeout(settings["session_timeout"]); ok {
			if s == 0 {
				s = e.opts.TokenValidity
			}
			if err := o.Set("tokenValiditySec", s); err != nil {
				return err
			}
		}
		return o.Set("settings", settings)
	})
	return err
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
