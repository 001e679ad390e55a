package rest

import (
	"context"
	"net/http"
	"strconv"

	para "github.com/erudika/para-go"
	"github.com/erudika/para-go/internal/signin"
)

// passkeys answers GET /_me/passkeys.
func (h *Handler) passkeys(_ context.Context, c *call) (*answer, error) {
	b := []byte{'['}
	for i, p := range h.users.Passkeys(c.p.User) {
		if i > 0 {
			b = append(b, ',')
		}
		b = appendPasskey(b, p)
	}
	return bodyJSON(append(b, ']')), nil
}

func appendPasskey(b []byte, p signin.Passkey) []byte {
	b = para.AppendJSONString(append(b, `{"id":`...), p.ID)
	b = para.AppendJSONString(append(b, `,"name":`...), p.Name)
	b = strconv.AppendInt(append(b, `,"created":`...), p.Created, 10)
	if p.Used > 0 {
		b = strconv.AppendInt(append(b, `,"used":`...), p.Used, 10)
	}
	b = strconv.AppendBool(append(b, `,"backedUp":`...), p.BackedUp)
	return append(b, '}')
}

// beginPasskey answers POST /_me/passkeys/options with what navigator.credentials.create takes.
func (h *Handler) beginPasskey(ctx context.Context, c *call) (*answer, error) {
	code := ""
	if len(c.body) > 0 {
		body, err := c.object()
		if err != nil {
			return nil, err
		}
		code = body.Text("code")
	}
	options, err := h.users.BeginPasskey(ctx, c.p.App, c.p.User, code)
	if err != nil {
		return nil, err
	}
	return bodyJSON(options), nil
}

// addPasskey answers POST /_me/passkeys.
func (h *Handler) addPasskey(ctx context.Context, c *call) (*answer, error) {
	body, err := c.object()
	if err != nil {
		return nil, err
	}
	credential, _ := body.Raw("credential")
	added, err := h.users.AddPasskey(ctx, c.p.App, c.p.User, body.Text("name"), credential)
	if err != nil {
		return nil, err
	}
	a := bodyJSON(appendPasskey(nil, added))
	a.status = http.StatusCreated
	return a, nil
}

// renamePasskey answers PATCH /_me/passkeys/{id}.
func (h *Handler) renamePasskey(ctx context.Context, c *call) (*answer, error) {
	body, err := c.object()
	if err != nil {
		return nil, err
	}
	renamed, err := h.users.RenamePasskey(ctx, c.p.App, c.p.User, c.seg(2), body.Text("name"))
	if err != nil {
		return nil, err
	}
	return bodyJSON(appendPasskey(nil, renamed)), nil
}

// removePasskey answers DELETE /_me/passkeys/{id}.
func (h *Handler) removePasskey(ctx context.Context, c *call) (*answer, error) {
	if err := h.users.RemovePasskey(ctx, c.p.App, c.p.User, c.seg(2)); err != nil {
		return nil, err
	}
	return empty(), nil
}
