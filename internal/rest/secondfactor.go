package rest

import (
	"context"
	"errors"
	"net/http"
	"strconv"

	para "github.com/erudika/para-go"
	"github.com/erudika/para-go/internal/access"
	"github.com/erudika/para-go/internal/signin"
)

// addAuthenticatorRoutes adds the routes of second factors and passkeys, which apps switch on (D21). Users need no permission
// for their own.
func (h *Handler) addAuthenticatorRoutes() {
	t := &h.api
	t.add("GET", "/_me/second_factor", h.ofUser(secondFactorOn, h.showFactor))
	t.add("POST", "/_me/second_factor", h.ofUser(secondFactorOn, h.enrol))
	t.add("PUT", "/_me/second_factor", h.ofUser(secondFactorOn, h.confirmEnrolment))
	t.add("POST", "/_me/second_factor/disable", h.ofUser(secondFactorOn, h.disableFactor))
	t.add("POST", "/_me/second_factor/backup_codes", h.ofUser(secondFactorOn, h.newBackupCodes))
	t.add("DELETE", "/user/{id}/second_factor", h.resetFactor)

	t.add("GET", "/_me/passkeys", h.ofUser(passkeysOn, h.passkeys))
	t.add("POST", "/_me/passkeys", h.ofUser(passkeysOn, h.addPasskey))
	t.add("POST", "/_me/passkeys/options", h.ofUser(passkeysOn, h.beginPasskey))
	t.add("PATCH", "/_me/passkeys/{id}", h.ofUser(passkeysOn, h.renamePasskey))
	t.add("DELETE", "/_me/passkeys/{id}", h.ofUser(passkeysOn, h.removePasskey))
}

func secondFactorOn(app *para.App) bool { return app.SecondFactor != para.SecondFactorOff }
func passkeysOn(app *para.App) bool     { return signin.PasskeysOn(app) }

// ofUser makes the endpoint of a route for signed-in users of apps that have switched something on.
func (h *Handler) ofUser(on func(*para.App) bool, serve endpoint) endpoint {
	return func(ctx context.Context, c *call) (*answer, error) {
		switch {
		case h.users == nil, !on(c.p.App):
			return nil, &statusError{http.StatusNotFound, "Not found"}
		case c.p.Kind != access.User:
			return nil, para.Errorf(para.Invalid, "Only users have a second factor and passkeys: sign in as one.")
		}
		a, err := serve(ctx, c)
		var failed *signin.Failure
		if errors.As(err, &failed) {
			return gateAnswer(http.StatusBadRequest, failed.Cause), nil
		}
		return a, err
	}
}

// showFactor answers GET /_me/second_factor.
func (h *Handler) showFactor(_ context.Context, c *call) (*answer, error) {
	f := h.users.FactorOf(c.p.App, c.p.User)
	b := strconv.AppendBool([]byte(`{"active":`), f.Active)
	b = strconv.AppendBool(append(b, `,"required":`...), f.Required)
	b = strconv.AppendInt(append(b, `,"backupCodes":`...), int64(f.BackupCodes), 10)
	b = strconv.AppendInt(append(b, `,"passkeys":`...), int64(f.Passkeys), 10)
	if f.LockedUntil > 0 {
		b = strconv.AppendInt(append(b, `,"lockedUntil":`...), f.LockedUntil, 10)
	}
	return bodyJSON(append(b, '}')), nil
}

// enrol answers POST /_me/second_factor: a new secret, which counts as soon as a code shows that it arrived.
func (h *Handler) enrol(_ context.Context, c *call) (*answer, error) {
	needed, err := h.users.Enrol(c.p.App, c.p.User)
	if err != nil {
		return nil, err
	}
	return bodyJSON(appendChallenge(nil, needed)), nil
}

// confirmEnrolment answers PUT /_me/second_factor: with the backup codes and a new session, since all sessions end.
func (h *Handler) confirmEnrolment(ctx context.Context, c *call) (*answer, error) {
	body, err := c.object()
	if err != nil {
		return nil, err
	}
	admission, err := h.users.ConfirmEnrolment(ctx, c.p.App, c.p.User, body.Text("challenge"), body.Text("code"))
	if err != nil {
		return nil, err
	}
	session, err := h.users.Issue(ctx, admission)
	if err != nil {
		return nil, err
	}
	return h.sessionAnswer(session, admission.BackupCodes()...)
}

// disableFactor answers POST /_me/second_factor/disable.
func (h *Handler) disableFactor(ctx context.Context, c *call) (*answer, error) {
	body, err := c.object()
	if err != nil {
		return nil, err
	}
	if err := h.users.Disable(ctx, c.p.App, c.p.User, body.Text("code")); err != nil {
		return nil, err
	}
	return empty(), nil
}

// newBackupCodes answers POST /_me/second_factor/backup_codes.
func (h *Handler) newBackupCodes(ctx context.Context, c *call) (*answer, error) {
	body, err := c.object()
	if err != nil {
		return nil, err
	}
	codes, err := h.users.NewBackupCodes(ctx, c.p.App, c.p.User, body.Text("code"))
	if err != nil {
		return nil, err
	}
	return bodyJSON(append(appendStrings([]byte(`{"backupCodes":`), codes), '}')), nil
}

// resetFactor answers DELETE /user/{id}/second_factor for whoever manages the app: the user has lost its device. Admins do
// not get rid of their own that way: a stolen session would be enough.
func (h *Handler) resetFactor(ctx context.Context, c *call) (*answer, error) {
	switch {
	case c.p.Kind == access.User && c.p.User.ID() == c.seg(1):
		return nil, para.Errorf(para.Denied, "Your own second factor is switched off with a code.")
	case h.users == nil:
		return nil, &statusError{http.StatusNotFound, "Not found"}
	}
	if err := h.users.ResetFactor(ctx, c.p.App, c.seg(1)); err != nil {
		return nil, err
	}
	return empty(), nil
}

// appendChallenge appends what a client has to know to go on with a second factor.
func appendChallenge(b []byte, n *signin.SecondFactorNeeded) []byte {
	b = appendStrings(append(b, `{"methods":`...), n.Methods)
	if n.Challenge != "" {
		b = para.AppendJSONString(append(b, `,"challenge":`...), n.Challenge)
		b = strconv.AppendInt(append(b, `,"expires":`...), n.Expires, 10)
	}
	if n.Secret != "" {
		b = para.AppendJSONString(append(b, `,"secret":`...), n.Secret)
		b = para.AppendJSONString(append(b, `,"uri":`...), n.URI)
	}
	return append(b, '}')
}

// challengeAnswer is the 401 of a sign-in that has to go on with a second factor.
func challengeAnswer(n *signin.SecondFactorNeeded) *answer {
	a := gateAnswer(http.StatusUnauthorized, n.Error())
	a.body = append(appendChallenge(append(a.body[:len(a.body)-1], `,"second_factor":`...), n), '}')
	a.headers = []param{{"WWW-Authenticate", "Bearer"}}
	return a
}

// ofSecondFactor says whether a sign-in failed with its second factor: then the client learns why, since it knows the first.
func ofSecondFactor(f *signin.Failure) bool {
	return f.Cause == signin.WrongCode || f.Cause == signin.LockedCode || f.Cause == signin.ChallengeIsVoid
}
