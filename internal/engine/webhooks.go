package engine

import (
	"crypto/rand"
	"encoding/base64"
	"strings"

	para "github.com/erudika/para-go"
	"github.com/erudika/para-go/internal/access"
)

// webhookEvents are the members that subscribe a webhook to an event (O 7.9).
var webhookEvents = [...]string{"create", "update", "delete", "createAll", "updateAll", "deleteAll"}

// isTrigger says whether a posted webhook asks for a custom event (O 14.1).
func isTrigger(o *para.Object) bool {
	return o.Type() == "webhook" && strings.TrimSpace(o.Text("triggeredEvent")) != ""
}

// trigger answers the wish for a custom event (O 14.1, D107): with an object that is not stored.
func (e *Engine) trigger(p access.Principal, o *para.Object) (access.Visible, error) {
	if _, ok := o.Raw("customPayload"); !ok {
		const text = "'customPayload' must not be null"
		return access.Visible{}, &para.Error{Code: para.Invalid, Message: text, Problems: []para.Problem{
			{Field: "customPayload", Rule: "required", Message: text},
		}}
	}
	event := o.Text("triggeredEvent")
	o.SetAppID(p.App.Identifier)
	if me := p.Subject(); me != "" {
		o.SetCreatorID(me)
	}
	o.SetID("triggered:" + event)
	o.SetName("This webhook object is not persisted and should be discarded.")
	for _, flag := range [...]string{"stored", "indexed", "cached"} {
		if err := o.Set(flag, false); err != nil {
			return access.Visible{}, err
		}
	}
	o.ApplyDefaults(e.now())
	if err := e.validate(p.App, o); err != nil {
		return access.Visible{}, err
	}
	e.log.Warn("a custom event reaches nobody: webhooks are off", "app", p.App.Identifier, "event", event)
	return p.Written(&para.Record{ID: o.ID(), Type: o.Type(), Data: o.AppendJSON(nil)}), nil
}

// prepareWebhook completes a webhook that is stored as a whole: it gets a secret, is active when it subscribes to
// anything, and its request-only members go (O 14.1, D109).
func prepareWebhook(o *para.Object) error {
	if strings.TrimSpace(o.Text("secret")) == "" {
		b := make([]byte, 32)
		_, _ = rand.Read(b) // never fails
		if err := o.Set("secret", base64.StdEncoding.EncodeToString(b)); err != nil {
			return err
		}
	}
	subscribed := len(o.List("customEvents")) > 0
	for _, name := range webhookEvents {
		subscribed = subscribed || o.Bool(name)
	}
	if subscribed {
		if err := o.Set("active", true); err != nil {
			return err
		}
	}
	o.Remove("triggeredEvent")
	o.Remove("customPayload")
	return nil
}

// prepareWebhookUpdate clears the failure mark of an active webhook and its request-only members (O 14.1).
func prepareWebhookUpdate(o *para.Object) {
	if o.Bool("active") {
		_ = o.Set("tooManyFailures", false) // a boolean always encodes
	}
	o.Remove("triggeredEvent")
	o.Remove("customPayload")
}
