package rest

import (
	"bytes"
	"context"
	"errors"
	"net/http"
	"strconv"
	"strings"

	para "github.com/erudika/para-go"
	"github.com/erudika/para-go/internal/signin"
)

const (
	missingParameters = "Some of the required query parameters 'provider', 'appid', 'token', are missing."
	invalidToken      = `Bearer error="invalid_token"`
)

// isTokenPath says whether a path is /jwt_auth: at the root, below the context path, or below a leading part of it (D11).
func (h *Handler) isTokenPath(segments []string) bool {
	last := len(segments) - 1
	if last < 0 || segments[last] != "jwt_auth" {
		return false
	}
	context := strings.Split(strings.Trim(h.opts.ContextPath, "/"), "/")
	if last > len(context) {
		return false
	}
	for i, s := range segments[:last] {
		if s != context[i] {
			return false
		}
	}
	return true
}

// tokens answers /jwt_auth: sign in, refresh, revoke (A 5).
func (h *Handler) tokens(c *call) *answer {
	ctx := c.r.Context()
	var a *answer
	var err error
	switch c.r.Method {
	case http.MethodPost:
		a, err = h.signIn(ctx, c)
	case http.MethodGet:
		a, err = h.refreshToken(ctx, c)
	case http.MethodDelete:
		a, err = h.revokeTokens(ctx, c)
	case http.MethodOptions:
		return methodAnswer(c.r.Method, []string{"DELETE", "GET", "POST"})
	default:
		return &answer{status: http.StatusMethodNotAllowed, plain: true, headers: []param{{"Allow", "GET, POST, DELETE"}}}
	}
	if err != nil {
		return h.fail(ctx, c, err)
	}
	return a
}

// signIn answers POST /jwt_auth (A 5.1, in the order of its table).
func (h *Handler) signIn(ctx context.Context, c *call) (*answer, error) {
	if err := h.users.Admit(h.authn.ClientAddress(c.r)); err != nil {
		return nil, err
	}
	if _, err := c.readBody(h.opts.MaxEntityBytes); err != nil && !errors.Is(err, errEndless) {
		return gateAnswer(http.StatusBadRequest, "The request body could not be read."), nil
	}
	if c.tooLarge {
		return gateAnswer(http.StatusBadRequest, "Request is too large - the maximum is "+strconv.FormatInt(h.opts.MaxEntityBytes/1024, 10)+" KB."), nil
	}
	credentials, problem := parseCredentials(c.body)
	if problem != "" {
		return gateAnswer(http.StatusBadRequest, problem), nil
	}
	app, err := h.eng.App(ctx, credentials.app)
	switch {
	case para.AppID(credentials.app) == para.AppID(h.eng.Root()):
		return gateAnswer(http.StatusForbidden, "Can't authenticate user with app '"+credentials.app+"' using provider '"+credentials.provider+
			"'. Reason: clients aren't allowed to access root app."), nil
	case para.CodeOf(err) == para.NotFound:
		return gateAnswer(http.StatusBadRequest, "User belongs to app '"+credentials.app+"' which does not exist. "), nil
	case err != nil:
		return nil, err
	}
	var session *signin.Session
	admission, err := h.users.SignIn(ctx, app, credentials.provider, credentials.token)
	if err == nil {
		session, err = h.users.Issue(ctx, admission)
	}
	var failed *signin.Failure
	var needed *signin.SecondFactorNeeded
	switch {
	case errors.As(err, &needed):
		return challengeAnswer(needed), nil
	case errors.Is(err, signin.ErrKey):
		return gateAnswer(http.StatusBadRequest, missingParameters), nil
	case errors.As(err, &failed) && ofSecondFactor(failed):
		return gateAnswer(http.StatusBadRequest, failed.Cause), nil
	case errors.As(err, &failed):
		return gateAnswer(http.StatusBadRequest, "Failed to authenticate user with '"+credentials.provider+"'. Check if user is active."), nil
	case para.CodeOf(err) == para.Denied:
		return appRefused(err), nil
	case err != nil:
		return nil, err
	}
	return h.sessionAnswer(session, admission.BackupCodes()...)
}

// credentials are the body of POST /jwt_auth.
type credentials struct{ provider, app, token string }

// parseCredentials reads the body of POST /jwt_auth; problem says what is wrong with it (A 5.1, D64).
func parseCredentials(body []byte) (c credentials, problem string) {
	if string(bytes.TrimSpace(body)) == "null" {
		return c, missingParameters
	}
	b, err := para.ParseBody(body)
	if err != nil {
		return c, err.Error()
	}
	for name, dst := range map[string]*string{"provider": &c.provider, "appid": &c.app, "token": &c.token} {
		raw, ok := b.Raw(name)
		if !ok || len(raw) == 0 || raw[0] != '"' {
			return c, missingParameters
		}
		*dst = b.Text(name)
	}
	return c, ""
}

// appRefused is the answer to a sign-in into an app that may not be used (D63).
func appRefused(err error) *answer {
	var e *para.Error
	errors.As(err, &e)
	return gateAnswer(http.StatusBadRequest, e.Message)
}

// sessionAnswer is {"jwt":{…},"user":{…}} (A 5.1), with the backup codes of a second factor that was set up by this.
func (h *Handler) sessionAnswer(s *signin.Session, backupCodes ...string) (*answer, error) {
	b := append(make([]byte, 0, 1024), `{"jwt":{"access_token":`...)
	b = para.AppendJSONString(b, s.Token.Token)
	b = append(b, `,"expires":`...)
	b = strconv.AppendInt(b, s.Token.Expires, 10)
	b = append(b, `,"refresh":`...)
	b = strconv.AppendInt(b, s.Token.Refresh, 10)
	b = append(b, `},"user":`...)
	b, err := h.eng.SeeUser(s.App, s.User).AppendJSON(b, h.context())
	if err != nil {
		return nil, err
	}
	if len(backupCodes) > 0 {
		b = appendStrings(append(b, `,"backupCodes":`...), backupCodes)
	}
	return &answer{status: http.StatusOK, typ: typeGate, body: append(b, '}'), plain: true}, nil
}

// bearer is the value that carries a token on /jwt_auth: the header or, without one, the parameter (A 4.4).
func (c *call) bearer() string {
	if values := c.r.Header.Values("Authorization"); len(values) > 0 {
		return values[0]
	}
	return c.query.get("Authorization")
}

// refreshToken answers GET /jwt_auth (A 5.2).
func (h *Handler) refreshToken(ctx context.Context, c *call) (*answer, error) {
	refused := func() *answer {
		a := gateAnswer(http.StatusUnauthorized, "User must reauthenticate.")
		a.headers = []param{{"WWW-Authenticate", invalidToken}}
		return a
	}
	app, user, err := h.authn.UserOf(ctx, c.bearer())
	if err != nil {
		return nil, err
	}
	if user == nil {
		return refused(), nil
	}
	session, err := h.users.Refresh(ctx, app, user)
	var failed *signin.Failure
	switch {
	case errors.As(err, &failed), errors.Is(err, signin.ErrKey):
		return refused(), nil
	case para.CodeOf(err) == para.Denied:
		return appRefused(err), nil
	case err != nil:
		return nil, err
	}
	return h.sessionAnswer(session)
}

// revokeTokens answers DELETE /jwt_auth (A 5.3).
func (h *Handler) revokeTokens(ctx context.Context, c *call) (*answer, error) {
	app, user, err := h.authn.UserOf(ctx, c.bearer())
	if err == nil && user != nil {
		err = h.users.Revoke(ctx, app, user)
	}
	var failed *signin.Failure
	if err != nil && !errors.As(err, &failed) {
		return nil, err
	}
	if user == nil || failed != nil {
		a := gateAnswer(http.StatusUnauthorized, "Invalid or expired token.")
		a.headers = []param{{"WWW-Authenticate", "Bearer"}}
		return a, nil
	}
	return gateAnswer(http.StatusOK, "All tokens revoked for user "+user.ID()+"!"), nil
}
