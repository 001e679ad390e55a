package engine

import (
	"context"

	para "github.com/erudika/para-go"
)

// trimEvery is the number of changes after which the log is trimmed again: one commit of so many pays for it.
const trimEvery = 1000

// trimLog removes old changes from an app's log, so that it does not grow for ever: the newest Options.LogChanges stay, and
// up to trimEvery more. The numbers of changes go on, and trimming is a transaction of the store, so a crash leaves the log
// whole or shorter and never with a gap. Backups do not need the log: they copy the objects. Idle apps are left alone: what
// does not grow needs no trimming.
//
// The commit before it is durable whatever happens here.
func (e *Engine) trimLog(ctx context.Context, storage string, outcomes []para.Outcome) {
	keep := e.opts.LogChanges
	if keep <= 0 {
		return
	}
	before := int64(0)
	for _, o := range outcomes {
		for _, r := range o.Records {
			if r != nil && r.Revision%trimEvery == 0 {
				before = r.Revision - keep + 1
			}
		}
	}
	if before <= 1 {
		return
	}
	if err := e.store.Trim(context.WithoutCancel(ctx), storage, before); err != nil && para.CodeOf(err) != para.NotFound {
		e.log.WarnContext(ctx, "the log of an app could not be trimmed; it will be tried again", "app", storage, "error", err)
	}
}
