package client

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
)

// Settings returns all settings of the app.
func (c *Client) Settings(ctx context.Context) (map[string]any, error) {
	return answer[map[string]any](ctx, c, &call{method: http.MethodGet, path: c.t.api + "_settings", repeatable: true})
}

// Setting reads the value of one setting into out and says whether there is one.
func (c *Client) Setting(ctx context.Context, key string, out any) (bool, error) {
	if key == "" {
		return false, errNoKey
	}
	value, err := answer[map[string]json.RawMessage](ctx, c, &call{method: http.MethodGet, path: c.t.api + Path("_settings", key), repeatable: true})
	if err != nil {
		return false, err
	}
	raw, ok := value["value"]
	if !ok || string(raw) == "null" {
		return false, nil
	}
	if err := decode(raw, out); err != nil {
		return false, fmt.Errorf("client: setting %q: %w", key, err)
	}
	return true, nil
}

// SetSetting stores the value of one setting.
func (c *Client) SetSetting(ctx context.Context, key string, value any) error {
	if key == "" {
		return errNoKey
	}
	return c.put(ctx, Path("_settings", key), map[string]any{"value": value}, nil)
}

// ReplaceSettings replaces all settings of the app; an empty map removes them.
func (c *Client) ReplaceSettings(ctx context.Context, settings map[string]any) error {
	if settings == nil {
		settings = map[string]any{}
	}
	return c.put(ctx, "_settings", settings, nil)
}

// DeleteSetting removes one setting; one that does not exist is no error.
func (c *Client) DeleteSetting(ctx context.Context, key string) error {
	if key == "" {
		return errNoKey
	}
	return c.del(ctx, Path("_settings", key), nil, nil)
}

var errNoKey = errors.New("client: the key of the setting is needed")
