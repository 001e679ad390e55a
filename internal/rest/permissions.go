package rest

import (
	"context"
	"strconv"

	para "github.com/erudika/para-go"
)

// permissions answers GET /_permissions: the whole table (R 20).
func (h *Handler) permissions(_ context.Context, c *call) (*answer, error) {
	return bodyJSON(c.p.App.Permissions.AppendJSON(nil)), nil
}

// permissionsOf answers GET /_permissions/{subject}.
func (h *Handler) permissionsOf(_ context.Context, c *call) (*answer, error) {
	return subjectAnswer(c.p.App, c.seg(1)), nil
}

// subjectAnswer is what every route about one subject answers with.
func subjectAnswer(a *para.App, subject string) *answer {
	return bodyJSON(a.Permissions.Of(subject).AppendJSON(nil))
}

// isAllowed answers GET /_permissions/{subject}/{path}/{method} with true or false.
func (h *Handler) isAllowed(_ context.Context, c *call) (*answer, error) {
	path := c.p.App.PermissionSegment(c.seg(2))
	return bodyText(strconv.FormatBool(c.p.App.IsAllowed(c.seg(1), path, c.seg(3)))), nil
}

// grant answers PUT /_permissions/{subject}/{path} (O 9.2, D74).
func (h *Handler) grant(ctx context.Context, c *call) (*answer, error) {
	words, err := para.ParseTexts(c.body)
	if err != nil {
		return nil, badBody(err)
	}
	allowed := para.NormalizeGrant(c.seg(1), words)
	if allowed == nil {
		return nil, para.Errorf(para.Invalid, "No allowed methods specified.")
	}
	path := c.p.App.PermissionSegment(c.seg(2))
	if path == "" {
		return nil, badRequest()
	}
	a, err := h.eng.Grant(ctx, c.p, c.seg(1), path, allowed)
	if err != nil {
		return nil, err
	}
	return subjectAnswer(a, c.seg(1)), nil
}

// revoke answers DELETE /_permissions/{subject}/{path}: never more than the one path (D74).
func (h *Handler) revoke(ctx context.Context, c *call) (*answer, error) {
	path := c.p.App.PermissionSegment(c.seg(2))
	if path == "" {
		return nil, badRequest()
	}
	a, err := h.eng.Revoke(ctx, c.p, c.seg(1), path)
	if err != nil {
		return nil, err
	}
	return subjectAnswer(a, c.seg(1)), nil
}

// revokeAll answers DELETE /_permissions/{subject}.
func (h *Handler) revokeAll(ctx context.Context, c *call) (*answer, error) {
	a, err := h.eng.RevokeAll(ctx, c.p, c.seg(1))
	if err != nil {
		return nil, err
	}
	return subjectAnswer(a, c.seg(1)), nil
}
