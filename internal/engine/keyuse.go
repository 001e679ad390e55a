package engine

import (
	"context"
	"encoding/json"
	"sync"
	"time"

	para "github.com/erudika/para-go"
)

// When keys were last used is kept in memory and, for all keys of an app together, in one record that is written every ten
// minutes at most: a change of the log for each use of a key would push everything else out of it.
const (
	keyUseID       = "_keyuse"
	keyUseGrain    = time.Minute // finer is not remembered
	keyUseInterval = 10 * time.Minute
)

// keyUses are the times when keys were used, by app.
type keyUses struct {
	mu   sync.Mutex
	apps map[string]*appUses
}

type appUses struct {
	times   map[string]int64 // by key, since the server started
	written time.Time
}

// KeyUsed notes that a key of an app was used, and now and then writes it down. What cannot be written is written later.
func (e *Engine) KeyUsed(ctx context.Context, app *para.App, id string) {
	if times := e.uses.note(app.Identifier, id, e.now()); times != nil && !app.ReadOnly {
		if err := e.writeKeyUse(ctx, app.Identifier, times); err != nil {
			e.log.WarnContext(ctx, "the times when API keys were used could not be written", "app", app.Identifier, "error", err)
		}
	}
}

// note remembers a use. It returns what is to be written, nil most of the time.
func (u *keyUses) note(app, id string, now time.Time) map[string]int64 {
	u.mu.Lock()
	defer u.mu.Unlock()
	a := u.apps[app]
	if a == nil {
		if u.apps == nil {
			u.apps = map[string]*appUses{}
		}
		a = &appUses{times: map[string]int64{}}
		u.apps[app] = a
	}
	ms := now.UnixMilli()
	if last, ok := a.times[id]; ok && ms-last < keyUseGrain.Milliseconds() {
		return nil
	}
	a.times[id] = ms
	if now.Sub(a.written) < keyUseInterval {
		return nil
	}
	a.written = now
	times := make(map[string]int64, len(a.times))
	for k, t := range a.times {
		times[k] = t
	}
	return times
}

// forget drops what is remembered of a key that is gone.
func (u *keyUses) forget(app, id string) {
	u.mu.Lock()
	defer u.mu.Unlock()
	if a := u.apps[app]; a != nil {
		delete(a.times, id)
	}
}

type keyUseRecord struct {
	ID   string           `json:"id"`
	Type string           `json:"type"`
	Used map[string]int64 `json:"used"`
}

func readKeyUse(r *para.Record) map[string]int64 {
	var used keyUseRecord
	if r == nil || !internalType(r.Type) || json.Unmarshal(r.Data, &used) != nil || used.Used == nil {
		return map[string]int64{}
	}
	return used.Used
}

// writeKeyUse writes the times of the keys that there are.
func (e *Engine) writeKeyUse(ctx context.Context, app string, times map[string]int64) error {
	_, err := e.one(ctx, app, &op{reads: []string{keyUseID, keysID}, do: func(r []*para.Record) ([]para.Write, error) {
		ids, err := readKeyIDs(r[1])
		if err != nil || r[0] != nil && !internalType(r[0].Type) { // an ordinary object has that id
			return nil, err
		}
		stored, used := readKeyUse(r[0]), map[string]int64{}
		for _, id := range ids {
			if t := max(stored[id], times[id]); t > 0 {
				used[id] = t
			}
		}
		data, _ := json.Marshal(keyUseRecord{keyUseID, "_internal", used}) // texts and numbers always encode
		return []para.Write{{Kind: para.Put, Record: para.Record{ID: keyUseID, Type: "_internal", Stored: true, Data: data}}}, nil
	}})
	return err
}

// keyUse returns when the keys of an app were last used.
func (e *Engine) keyUse(ctx context.Context, app string) (map[string]int64, error) {
	r, err := e.record(ctx, app, keyUseID)
	if err != nil {
		return nil, err
	}
	used := readKeyUse(r)
	e.uses.mu.Lock()
	defer e.uses.mu.Unlock()
	if a := e.uses.apps[app]; a != nil {
		for id, t := range a.times {
			used[id] = max(used[id], t)
		}
	}
	return used, nil
}
