package engine

import (
	"context"

	para "github.com/erudika/para-go"
	"github.com/erudika/para-go/internal/access"
)

// CheckIndex compares the search index of the principal's app with its objects, or that of another app when the principal
// is the root app. Errors: Denied for other apps, NotFound for an app without storage, and Unavailable where nothing is
// indexed or the search engine cannot check itself.
func (e *Engine) CheckIndex(ctx context.Context, p access.Principal, app string) (*para.IndexReport, error) {
	identifier := p.App.Identifier
	if app != "" {
		identifier = para.AppIdentifier(para.AppID(app))
	}
	if identifier != p.App.Identifier && !p.IsRootApp() {
		return nil, para.Errorf(para.Denied, "Only root app can check other apps.")
	}
	index, ok := e.search.(para.IndexChecker)
	if !ok || e.opts.IndexOff {
		return nil, para.Errorf(para.Unavailable, "There is no search index that can be checked.")
	}
	return index.Check(ctx, identifier)
}
