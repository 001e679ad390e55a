package rest

import (
	"bytes"
	"context"
	"encoding/json"
	"net/http"
	"strings"
	"time"

	para "github.com/erudika/para-go"
	"github.com/erudika/para-go/internal/engine"
)

// keys answers GET /_keys: all API keys of the app, without their secrets. Only this server has these routes.
func (h *Handler) keys(ctx context.Context, c *call) (*answer, error) {
	all, err := h.eng.Keys(ctx, c.p)
	if err != nil {
		return nil, err
	}
	b := []byte{'['}
	for i, k := range all {
		if i > 0 {
			b = append(b, ',')
		}
		b = k.Key.AppendJSON(b, k.LastUsed)
	}
	return bodyJSON(append(b, ']')), nil
}

// key answers GET /_keys/{id}.
func (h *Handler) key(ctx context.Context, c *call) (*answer, error) {
	return keyAnswer(h.eng.KeyState(ctx, c.p, c.seg(1)))
}

func keyAnswer(k engine.KeyState, err error) (*answer, error) {
	if err != nil {
		return nil, err
	}
	return bodyJSON(k.Key.AppendJSON(nil, k.LastUsed)), nil
}

// keyBody is what clients say of a key.
type keyBody struct {
	Name     *string   `json:"name"`
	Expires  *int64    `json:"expires"`
	Active   *bool     `json:"active"`
	Networks *[]string `json:"networks"`
	Overlap  *int64    `json:"overlap"` // seconds, of a rotation
}

// keyWish reads the body; members that no key has are refused, since a slip in "networks" would open the key to the world.
func (c *call) keyWish(rotation bool) (engine.KeyWish, time.Duration, error) {
	var b keyBody
	if len(bytes.TrimSpace(c.body)) > 0 {
		if _, err := c.object(); err != nil {
			return engine.KeyWish{}, 0, err
		}
		d := json.NewDecoder(bytes.NewReader(c.body))
		d.DisallowUnknownFields()
		if err := d.Decode(&b); err != nil {
			return engine.KeyWish{}, 0, para.Errorf(para.Invalid, "An API key is {\"name\": text, \"expires\": milliseconds since 1970, \"active\": true or false, "+
				"\"networks\": [text]}, a rotation also \"overlap\": seconds: %s", strings.TrimPrefix(err.Error(), "json: "))
		}
	}
	overlap := time.Hour
	switch {
	case b.Overlap == nil:
	case !rotation:
		return engine.KeyWish{}, 0, para.Errorf(para.Invalid, "The member 'overlap' belongs to a rotation: POST /v1/_keys/{id}/rotate.")
	default:
		overlap = time.Duration(min(max(*b.Overlap, -1), 1<<30)) * time.Second
	}
	return engine.KeyWish{Name: b.Name, Expires: b.Expires, Active: b.Active, Networks: b.Networks}, overlap, nil
}

// createKey answers POST /_keys: the key with the member key, which is told this once.
func (h *Handler) createKey(ctx context.Context, c *call) (*answer, error) {
	wish, _, err := c.keyWish(false)
	if err != nil {
		return nil, err
	}
	a, err := newKeyAnswer(h.eng.CreateKey(ctx, c.p, wish))
	if err == nil {
		a.status = http.StatusCreated
	}
	return a, err
}

// rotateKey answers POST /_keys/{id}/rotate: the same key with a new secret.
func (h *Handler) rotateKey(ctx context.Context, c *call) (*answer, error) {
	wish, overlap, err := c.keyWish(true)
	if err != nil {
		return nil, err
	}
	return newKeyAnswer(h.eng.RotateKey(ctx, c.p, c.seg(1), wish, overlap))
}

func newKeyAnswer(k engine.KeyState, text string, err error) (*answer, error) {
	a, err := keyAnswer(k, err)
	if err != nil {
		return nil, err
	}
	a.body = append(a.body[:len(a.body)-1], `,"key":`...)
	a.body = append(para.AppendJSONString(a.body, text), '}')
	a.headers = append(a.headers, param{"Cache-Control", "no-store"})
	return a, nil
}

// changeKey answers PATCH /_keys/{id}.
func (h *Handler) changeKey(ctx context.Context, c *call) (*answer, error) {
	wish, _, err := c.keyWish(false)
	if err != nil {
		return nil, err
	}
	return keyAnswer(h.eng.ChangeKey(ctx, c.p, c.seg(1), wish))
}

// deleteKey answers DELETE /_keys/{id}: the key is revoked.
func (h *Handler) deleteKey(ctx context.Context, c *call) (*answer, error) {
	if err := h.eng.DeleteKey(ctx, c.p, c.seg(1)); err != nil {
		return nil, err
	}
	return empty(), nil
}
