// Package saml signs users in at a SAML 2.0 identity provider, as a service provider that every app configures for itself
// (A 12). It knows neither accounts nor the server around it.
//
// A request is bound to the browser that makes it by a cookie that only this server can make, so that nothing has to be
// remembered on the server and every node of a cluster can take the answer. An answer is accepted once.
package saml

import (
	"time"

	crewjam "github.com/crewjam/saml"
)

// leeway is how far the clocks of both sides may differ (A 12.3).
const leeway = 5 * time.Minute

// The library keeps its tolerances in variables of its package; nothing else in this program uses it.
func init() {
	crewjam.MaxClockSkew = leeway
	crewjam.MaxIssueDelay = leeway
}
