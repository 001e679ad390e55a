package engine

import (
	"context"

	para "github.com/erudika/para-go"
	"github.com/erudika/para-go/internal/access"
)

// CheckIndex compares the search index of the principal's app with its objects, or that of another app when the principal
// is the root app. Errors: Denied for other apps, NotFound for an app without storage, and Invalid where nothing is
// indexed or the search engine cannot check itself.
func (e *Engine) CheckIndex(ctx context.Context, p access.Principal, app string) (*para.IndexReport, error) {
	identifier, err := indexOf(p, app)
	if err != nil {
		return nil, err
	}
	index, ok := e.search.(para.IndexChecker)
	if !ok || e.opts.IndexOff {
		return nil, para.Errorf(para.Invalid, "There is no search index to check: indexing is switched off, or the search engine cannot compare it.")
	}
	r, err := index.Check(ctx, identifier)
	if err != nil {
		return nil, err
	}
	e.noteIndex(identifier, r.Problems == 0)
	if r.Problems > 0 {
		e.log.WarnContext(ctx, "The search index of an app differs from its objects; para rebuild-index mends it.", "app", identifier, "differences", r.Problems)
	}
	return r, nil
}

// indexOf is the identifier of the app whose index a principal means: its own, or another one for the root app.
func indexOf(p access.Principal, app string) (identifier string, err error) {
	if app == "" {
		return p.App.Identifier, nil
	}
	identifier = para.AppIdentifier(para.AppID(app))
	if identifier != p.App.Identifier && !p.IsRootApp() {
		return "", para.Errorf(para.Denied, "Only root app can check and rebuild the search index of other apps.")
	}
	return identifier, nil
}
