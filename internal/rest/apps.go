package rest

import (
	"context"
	"encoding/json"
	"net"
	"net/http"
	"slices"
	"strconv"
	"strings"

	para "github.com/erudika/para-go"
	"github.com/erudika/para-go/internal/access"
	"github.com/erudika/para-go/internal/engine"
	"github.com/erudika/para-go/internal/version"
)

// intro answers GET /v1 and /v1/ (R 18, D17).
func (h *Handler) intro() *answer {
	b := []byte(`{"info":"Para - the backend for busy developers."`)
	if h.opts.PrintVersion {
		b = append(b, `,"version":`...)
		b = para.AppendJSONString(b, version.Compatibility)
		b = append(b, `,"revision":`...)
		b = para.AppendJSONString(b, version.Revision)
		b = append(b, `,"server":`...)
		b = para.AppendJSONString(b, "para-go/"+version.Number)
		b = append(b, `,"extensions":`...)
		b = appendStrings(b, h.opts.Extensions)
	}
	return bodyJSON(append(b, '}'))
}

func appendStrings(b []byte, list []string) []byte {
	b = append(b, '[')
	for i, s := range list {
		if i > 0 {
			b = append(b, ',')
		}
		b = para.AppendJSONString(b, s)
	}
	return append(b, ']')
}

// appendMap appends a JSON object with sorted names.
func appendMap[V any](b []byte, m map[string]V, value func([]byte, V) []byte) []byte {
	names := make([]string, 0, len(m))
	for k := range m {
		names = append(names, k)
	}
	slices.Sort(names)
	b = append(b, '{')
	for i, k := range names {
		if i > 0 {
			b = append(b, ',')
		}
		b = para.AppendJSONString(b, k)
		b = append(b, ':')
		b = value(b, m[k])
	}
	return append(b, '}')
}

// me answers GET /_me: the caller's own object, for a root super token with the claim getCredentials an app with its
// keys (R 18, A 4.7).
func (h *Handler) me(ctx context.Context, c *call) (*answer, error) {
	if c.p.Kind == access.User {
		v, err := h.eng.Read(ctx, c.p, "user", c.p.User.ID())
		if err != nil {
			return nil, err
		}
		return h.visible(v)
	}
	if c.p.Kind == access.Key {
		return keyAnswer(h.eng.OwnKey(ctx, c.p.App, c.p.Key))
	}
	if c.p.IsRootApp() && c.token != nil && c.token.GetCredentials != "" {
		a, err := h.eng.App(ctx, c.token.GetCredentials)
		if err == nil {
			return h.credentials(ctx, c, a)
		}
		if para.CodeOf(err) != para.NotFound {
			return nil, err
		}
	}
	v, err := h.eng.Read(ctx, c.p, "app", c.p.App.ID)
	if err != nil {
		return nil, err
	}
	return h.visible(v)
}

func (h *Handler) credentials(ctx context.Context, c *call, a *para.App) (*answer, error) {
	v, err := h.eng.Read(ctx, c.p, "app", a.ID)
	if err != nil {
		return nil, err
	}
	b, err := v.AppendJSON(nil, h.context())
	if err != nil {
		return nil, err
	}
	b = append(b[:len(b)-1], `,"credentials":{"accessKey":`...)
	b = para.AppendJSONString(b, a.ID)
	b = append(b, `,"secretKey":`...)
	b = para.AppendJSONString(b, a.Secret)
	return bodyJSON(append(b, "}}"...)), nil
}

// types answers GET /_types: plural to singular, or with count singular to the number of objects (R 18).
func (h *Handler) types(ctx context.Context, c *call) (*answer, error) {
	all := c.p.App.Types()
	if !c.query.yes("count", false) {
		return bodyJSON(appendMap(nil, all, para.AppendJSONString)), nil
	}
	counts := map[string]int64{}
	for _, typ := range all {
		n, err := h.eng.Count(ctx, c.p, typ)
		if err != nil {
			return nil, err
		}
		counts[typ] = n
	}
	return bodyJSON(appendMap(nil, counts, func(b []byte, n int64) []byte { return strconv.AppendInt(b, n, 10) })), nil
}

// settings answers GET /_settings (R 21).
func (h *Handler) settings(_ context.Context, c *call) (*answer, error) {
	return bodyJSON(appendMap(nil, c.p.App.Settings, func(b []byte, v json.RawMessage) []byte { return append(b, v...) })), nil
}

// setting answers GET /_settings/{key}: {"value":…}, or {} for an unknown key (D2).
func (h *Handler) setting(_ context.Context, c *call) (*answer, error) {
	v, ok := c.p.App.Settings[c.seg(1)]
	if !ok {
		return bodyJSON([]byte("{}")), nil
	}
	b := append([]byte(`{"value":`), v...)
	return bodyJSON(append(b, '}')), nil
}

// putSetting answers PUT /_settings/{key} (R 21, D93).
func (h *Handler) putSetting(ctx context.Context, c *call) (*answer, error) {
	body, err := c.object()
	if err != nil {
		return nil, badRequest()
	}
	value, ok := body.Raw("value")
	if !ok || strings.TrimSpace(c.seg(1)) == "" {
		return nil, badRequest()
	}
	if err := h.eng.PutSetting(ctx, c.p, c.seg(1), value); err != nil {
		return nil, err
	}
	return empty(), nil
}

// replaceSettings answers PUT /_settings.
func (h *Handler) replaceSettings(ctx context.Context, c *call) (*answer, error) {
	body, err := c.object()
	if err != nil {
		return nil, badRequest()
	}
	if err := h.eng.ReplaceSettings(ctx, c.p, body.Members()); err != nil {
		return nil, err
	}
	return empty(), nil
}

// deleteSetting answers DELETE /_settings/{key}.
func (h *Handler) deleteSetting(ctx context.Context, c *call) (*answer, error) {
	if err := h.eng.DeleteSetting(ctx, c.p, c.seg(1)); err != nil {
		return nil, err
	}
	return empty(), nil
}

func badRequest() error { return &para.Error{Code: para.Invalid, Message: "Bad Request"} }

// setupRoot answers GET /_setup: the root app exists since the start (C 5.5, D89). If somebody removed its record the
// keys of the new one are told to this machine only.
func (h *Handler) setupRoot(ctx context.Context, c *call) (*answer, error) {
	a, err := h.eng.NewApp(ctx, engine.NewApp{ID: h.eng.Root()})
	if err != nil {
		return nil, err
	}
	if a == nil {
		return setupAnswer("All set!", nil), nil
	}
	h.saveRootKeys(a)
	if !fromLoopback(c.r) {
		return setupAnswer("All set!", nil), nil
	}
	return setupAnswer(savedOnce, a), nil
}

const savedOnce = "Save these keys - they are shown only once!"

// setup answers GET /_setup/{appid} (R 22, C 5.6, D90).
func (h *Handler) setup(ctx context.Context, c *call) (*answer, error) {
	if !c.p.IsRootApp() {
		return nil, para.Errorf(para.Denied, "Only root app can create and initialize other apps.")
	}
	shared := c.query.yes("shared", false)
	a, err := h.eng.NewApp(ctx, engine.NewApp{
		ID:           c.seg(1),
		Name:         c.query.get("name"),
		CreatorID:    c.query.get("creatorid"),
		SharingTable: c.query.yes("sharedTable", shared),
		SharingIndex: c.query.yes("sharedIndex", shared),
	})
	switch {
	case para.CodeOf(err) == para.Invalid || para.CodeOf(err) == para.Duplicate:
		return setupAnswer("Error - app was not created.", nil), nil
	case err != nil:
		return nil, err
	case a == nil:
		return setupAnswer("All set!", nil), nil
	}
	h.log.InfoContext(ctx, "Created new app '"+a.Identifier+"'", "sharingTable", a.SharingTable, "sharingIndex", a.SharingIndex)
	return setupAnswer(savedOnce, a), nil
}

func setupAnswer(message string, a *para.App) *answer {
	b := []byte{'{'}
	if a != nil {
		b = append(b, `"accessKey":`...)
		b = para.AppendJSONString(b, a.ID)
		b = append(b, ',')
	}
	b = append(b, `"message":`...)
	b = para.AppendJSONString(b, message)
	if a != nil {
		b = append(b, `,"secretKey":`...)
		b = para.AppendJSONString(b, a.Secret)
	}
	return bodyJSON(append(b, '}'))
}

// newKeys answers POST /_newkeys (R 22, C 5.7, D91).
func (h *Handler) newKeys(ctx context.Context, c *call) (*answer, error) {
	a, err := h.eng.NewKeys(ctx, c.p)
	if err != nil {
		return nil, err
	}
	if c.p.Root {
		h.saveRootKeys(a)
	}
	b := append([]byte(`{"accessKey":`), para.AppendJSONString(nil, a.ID)...)
	b = append(b, `,"secretKey":`...)
	b = para.AppendJSONString(b, a.Secret)
	return bodyJSON(append(b, `,"info":"Save the secret key! It is showed only once!"}`...)), nil
}

func (h *Handler) saveRootKeys(a *para.App) {
	if h.opts.SaveRootKeys != nil {
		h.opts.SaveRootKeys(a.ID, a.Secret)
	}
}

func fromLoopback(r *http.Request) bool {
	host, _, err := net.SplitHostPort(r.RemoteAddr)
	ip := net.ParseIP(host)
	return err == nil && ip != nil && ip.IsLoopback()
}

// health answers GET /_health (R 23, C 9). With index=true it also tells how many search indexes were compared with their
// objects (see checkIndex) and how many of them differ; everybody may ask, so it names no app.
func (h *Handler) health(_ context.Context, c *call) (*answer, error) {
	failed := h.eng.Healthy()
	a := &answer{status: http.StatusOK, typ: typeJSON, body: []byte(`{"message":"healthy"`)}
	if len(failed) > 0 {
		a.status, a.plain = http.StatusInternalServerError, true
		a.body = appendStrings([]byte(`{"code":500,"message":"unhealthy","failed":`), failed)
	}
	if c.query.yes("index", false) {
		index := h.eng.IndexHealth()
		a.body = strconv.AppendInt(append(a.body, `,"index":{"checked":`...), int64(index.Checked), 10)
		a.body = strconv.AppendInt(append(a.body, `,"differ":`...), int64(index.Differ), 10)
		if !index.Last.IsZero() {
			a.body = strconv.AppendInt(append(a.body, `,"lastCheck":`...), index.Last.UnixMilli(), 10)
		}
		a.body = append(a.body, '}')
	}
	a.body = append(a.body, '}')
	return a, nil
}

// configOptions answers GET /_config/options (R 23, C 3.8).
func (h *Handler) configOptions(_ context.Context, c *call) (*answer, error) {
	typ, body := h.opts.ConfigOptions(strings.TrimSpace(c.query.get("format")), strings.TrimSpace(c.query.get("groupby")))
	return &answer{status: http.StatusOK, typ: typ, body: body, plain: true}, nil
}
