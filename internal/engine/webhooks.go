package engine

import (
	"crypto/rand"
	"encoding/base64"
	"strings"

	para "github.com/erudika/para-go"
)

// webhookEvents are the members that subscribe a webhook to an event (O 7.9).
var webhookEvents = [...]string{"create", "update", "delete", "createAll", "updateAll", "deleteAll"}

// isTrigger says whether a posted webhook asks for a custom event without giving its payload (D107).
func isTrigger(o *para.Object) bool {
	if o.Type() != "webhook" || strings.TrimSpace(o.Text("triggeredEvent")) == "" {
		return false
	}
	_, ok := o.Raw("customPayload")
	return !ok
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
