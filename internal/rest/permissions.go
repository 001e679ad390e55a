package rest

import (
	"context"
	"strconv"
	"strings"

	para "github.com/erudika/para-go"
	"github.com/erudika/para-go/internal/access"
	"github.com/erudika/para-go/internal/apikey"
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
func (h *Handler) isAllowed(ctx context.Context, c *call) (*answer, error) {
	path := c.p.App.PermissionSegment(c.seg(2))
	if c.p.Admin() && c.query.yes("explain", false) {
		return h.whyAllowed(ctx, c, path)
	}
	key, err := h.keySubject(ctx, c)
	if err != nil {
		return nil, err
	}
	if key != nil {
		return bodyText(strconv.FormatBool(c.p.App.IsAllowedKey(key.ID, path, c.seg(3)))), nil
	}
	return bodyText(strconv.FormatBool(c.p.App.IsAllowed(c.seg(1), path, c.seg(3)))), nil
}

// keySubject is the API key that a permission route is about, nil when its subject is something else.
func (h *Handler) keySubject(ctx context.Context, c *call) (*apikey.Key, error) {
	if !c.p.App.APIKeys {
		return nil, nil
	}
	return h.eng.Key(ctx, c.p.App, c.seg(1))
}

// whyAllowed answers the same with explain=true, for apps and admins only: what the gate does with such a request of the
// subject, which rule decides, and what would change the answer. With guest=true it is about a guest.
func (h *Handler) whyAllowed(ctx context.Context, c *call, path string) (*answer, error) {
	app, subject := c.p.App, c.seg(1)
	asked := access.Principal{Kind: access.User, App: app, Root: c.p.Root}
	key, err := h.keySubject(ctx, c)
	if err != nil {
		return nil, err
	}
	var note string
	switch {
	case key != nil:
		asked.Kind, asked.Key = access.Key, key
		if key.Expires <= h.eng.Now().UnixMilli() {
			return bodyJSON(para.Ruling{Rule: "The API key has expired.", Change: "Rotate it, or let it expire later."}.AppendJSON(nil)), nil
		}
	case c.query.yes("guest", false):
		asked.Kind = access.Guest
	case subject == app.ID:
		asked.Kind = access.App
	default:
		user, err := h.eng.User(ctx, app, subject)
		if err != nil {
			return nil, err
		}
		if user == nil {
			user = para.New("user")
			user.SetID(subject)
			user.SetRaw("active", []byte("true"))
			note = "There is no user " + subject + ": this is about an active one of the group users."
		}
		asked.User = user
	}
	first, rest, more := strings.Cut(path, "/")
	if !para.IsRoute(first) {
		first = para.CleanType(app.ResolveType(first))
	}
	if more {
		first += "/" + rest
	}
	ruling := asked.Explain(access.Request{Method: strings.ToUpper(c.seg(3)), Path: first})
	if note != "" {
		ruling.Notes = append(ruling.Notes, note)
	}
	return bodyJSON(ruling.AppendJSON(nil)), nil
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
