package engine

import (
	"context"
	"encoding/json"
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"time"

	para "github.com/erudika/para-go"
	"github.com/erudika/para-go/internal/access"
	"github.com/erudika/para-go/internal/apikey"
)

// The API keys of an app are records of its storage, one for each key, of a type that no client can read or write, and a
// record that lists them. A key's record has the key's id, so nobody can sign up under it and have what the key was granted.
// None of them is indexed or exported; a backup holds them.
const keysID = "_keys"

// Bounds of API keys.
const (
	MaxKeys = 500 // of one app

	defaultKeyLife = 90 * 24 * time.Hour
	maxKeyLife     = 366 * 24 * time.Hour
	maxOverlap     = 7 * 24 * time.Hour
	maxNetworks    = 50
	maxKeyName     = 255
)

// KeyWish says what a key shall be; nil leaves it as it is, or as it is by default.
type KeyWish struct {
	Name     *string
	Expires  *int64 // milliseconds since 1970
	Active   *bool
	Networks *[]string // as CIDR, or single addresses
}

// KeyState is a key with the time when it was last used, in milliseconds since 1970; 0 for never. It is as of the last ten
// minutes before the server was stopped by force.
type KeyState struct {
	Key      *apikey.Key
	LastUsed int64
}

var errNoKey = para.Errorf(para.NotFound, "There is no such API key.")

// Key returns an API key of an app, nil when there is none.
func (e *Engine) Key(ctx context.Context, app *para.App, id string) (*apikey.Key, error) {
	if !apikey.IsID(id) {
		return nil, nil
	}
	r, err := e.record(ctx, app.Identifier, id)
	if err != nil || r == nil || r.Type != apikey.StoredType {
		return nil, err
	}
	return e.keys.decode(app.Identifier, r)
}

// Keys returns all API keys of the principal's app, the oldest first.
func (e *Engine) Keys(ctx context.Context, p access.Principal) ([]KeyState, error) {
	if err := p.ManagesKeys(); err != nil {
		return nil, err
	}
	records, err := e.records(ctx, p.App.Identifier, []string{keysID})
	if err != nil {
		return nil, err
	}
	ids, err := readKeyIDs(records[0])
	if err != nil {
		return nil, err
	}
	uses, err := e.keyUse(ctx, p.App.Identifier)
	if err != nil {
		return nil, err
	}
	if records, err = e.records(ctx, p.App.Identifier, ids); err != nil {
		return nil, err
	}
	var out []KeyState
	for _, r := range records {
		if r == nil || r.Type != apikey.StoredType {
			continue
		}
		k, err := e.keys.decode(p.App.Identifier, r)
		if err != nil {
			return nil, err
		}
		out = append(out, KeyState{k, uses[k.ID]})
	}
	return out, nil
}

// KeyState returns one API key of the principal's app.
func (e *Engine) KeyState(ctx context.Context, p access.Principal, id string) (KeyState, error) {
	if err := p.ManagesKeys(); err != nil {
		return KeyState{}, err
	}
	k, err := e.Key(ctx, p.App, id)
	if err != nil {
		return KeyState{}, err
	}
	if k == nil {
		return KeyState{}, errNoKey
	}
	return e.OwnKey(ctx, p.App, k)
}

// OwnKey returns a key as it is shown to whoever presents it.
func (e *Engine) OwnKey(ctx context.Context, app *para.App, k *apikey.Key) (KeyState, error) {
	uses, err := e.keyUse(ctx, app.Identifier)
	return KeyState{k, uses[k.ID]}, err
}

// CreateKey makes an API key, which is good for 90 days unless the wish says otherwise, and returns it with the text that
// clients present: nobody learns that again. The key may do nothing until something is granted to its id.
func (e *Engine) CreateKey(ctx context.Context, p access.Principal, wish KeyWish) (KeyState, string, error) {
	if err := p.ManagesKeys(); err != nil {
		return KeyState{}, "", err
	}
	now := e.now()
	k := &apikey.Key{
		ID: apikey.IDPrefix + e.ids.Next(), Type: apikey.StoredType, CreatorID: p.Subject(), Timestamp: now.UnixMilli(),
		Expires: now.Add(defaultKeyLife).UnixMilli(), Active: true,
	}
	if err := applyWish(k, wish, now); err != nil {
		return KeyState{}, "", err
	}
	if k.Name == "" {
		return KeyState{}, "", wrongKey("name", "an API key needs a name that says what it is for")
	}
	secret := apikey.NewSecret()
	k.Renew(secret, now, 0)
	_, err := e.one(ctx, p.App.Identifier, &op{reads: []string{k.ID, keysID}, do: func(r []*para.Record) ([]para.Write, error) {
		ids, err := readKeyIDs(r[1])
		switch {
		case err != nil:
			return nil, err
		case r[0] != nil:
			return nil, para.Errorf(para.Invalid, "An object has the id of the new key: try again.")
		case len(ids) >= MaxKeys:
			return nil, para.Errorf(para.TooLarge, "The app has %d API keys already: delete some that are not used any more.", MaxKeys)
		}
		return []para.Write{putKey(k), writeKeyIDs(append(ids, k.ID))}, nil
	}})
	if err != nil {
		return KeyState{}, "", err
	}
	e.log.InfoContext(ctx, "API key created", "app", p.App.Identifier, "key", k.ID, "name", k.Name, "by", p.Subject())
	return KeyState{Key: k}, apikey.Token{App: p.App.Identifier, ID: k.ID, Secret: secret}.Text(), nil
}

// ChangeKey changes an API key. That counts for the next request.
func (e *Engine) ChangeKey(ctx context.Context, p access.Principal, id string, wish KeyWish) (KeyState, error) {
	return e.changeKey(ctx, p, id, func(k *apikey.Key) error { return applyWish(k, wish, e.now()) })
}

// RotateKey gives an API key a new secret, and with it a new time to live, and returns its new text. The secret that it
// had holds for the time overlap longer, a week at most.
func (e *Engine) RotateKey(ctx context.Context, p access.Principal, id string, wish KeyWish, overlap time.Duration) (KeyState, string, error) {
	if overlap < 0 || overlap > maxOverlap {
		return KeyState{}, "", wrongKey("overlap", fmt.Sprintf("write seconds from 0 to %d", int(maxOverlap/time.Second)))
	}
	secret := apikey.NewSecret()
	k, err := e.changeKey(ctx, p, id, func(k *apikey.Key) error {
		now := e.now()
		k.Renew(secret, now, overlap)
		k.Expires = now.Add(defaultKeyLife).UnixMilli()
		return applyWish(k, wish, now)
	})
	if err != nil {
		return KeyState{}, "", err
	}
	e.log.InfoContext(ctx, "API key rotated", "app", p.App.Identifier, "key", id, "overlap", overlap, "by", p.Subject())
	return k, apikey.Token{App: p.App.Identifier, ID: id, Secret: secret}.Text(), nil
}

func (e *Engine) changeKey(ctx context.Context, p access.Principal, id string, change func(*apikey.Key) error) (KeyState, error) {
	if err := p.ManagesKeys(); err != nil {
		return KeyState{}, err
	}
	if !apikey.IsID(id) {
		return KeyState{}, errNoKey
	}
	var changed *apikey.Key
	_, err := e.one(ctx, p.App.Identifier, &op{reads: []string{id}, do: func(r []*para.Record) ([]para.Write, error) {
		if r[0] == nil || r[0].Type != apikey.StoredType {
			return nil, errNoKey
		}
		k, err := apikey.Decode(r[0].Data)
		if err != nil {
			return nil, para.Wrap(para.Corrupt, "read "+id, err)
		}
		if err := change(k); err != nil {
			return nil, err
		}
		k.Updated = e.now().UnixMilli()
		changed = k
		return []para.Write{putKey(k)}, nil
	}})
	if err != nil {
		return KeyState{}, err
	}
	return e.OwnKey(ctx, p.App, changed)
}

// DeleteKey revokes an API key: from the next request on it holds no longer, then everything goes that was granted to it,
// then the key itself. In this order, so that whatever fails on the way leaves nothing that still holds, and the grants
// never wait for somebody else under the id of the key.
func (e *Engine) DeleteKey(ctx context.Context, p access.Principal, id string) error {
	off := false
	if _, err := e.ChangeKey(ctx, p, id, KeyWish{Active: &off}); err != nil {
		return err
	}
	ctx = context.WithoutCancel(ctx)
	if _, err := e.RevokeAll(ctx, p, id); err != nil {
		return err
	}
	e.uses.forget(p.App.Identifier, id)
	_, err := e.one(ctx, p.App.Identifier, &op{reads: []string{id, keysID}, do: func(r []*para.Record) ([]para.Write, error) {
		ids, err := readKeyIDs(r[1])
		if err != nil {
			return nil, err
		}
		writes := []para.Write{writeKeyIDs(slices.DeleteFunc(ids, func(x string) bool { return x == id }))}
		if r[0] != nil && r[0].Type == apikey.StoredType {
			writes = append(writes, remove(r[0], ""))
		}
		return writes, nil
	}})
	if err == nil {
		e.log.InfoContext(ctx, "API key revoked", "app", p.App.Identifier, "key", id, "by", p.Subject())
	}
	return err
}

// applyWish changes what the wish says, if that is within the bounds.
func applyWish(k *apikey.Key, wish KeyWish, now time.Time) error {
	if wish.Name != nil {
		if k.Name = strings.TrimSpace(*wish.Name); k.Name == "" || len(k.Name) > maxKeyName {
			return wrongKey("name", fmt.Sprintf("write 1 to %d bytes that say what the key is for", maxKeyName))
		}
	}
	if wish.Expires != nil {
		k.Expires = *wish.Expires
		if last := now.Add(maxKeyLife).UnixMilli(); k.Expires <= now.UnixMilli() || k.Expires > last {
			return wrongKey("expires", fmt.Sprintf("write a time to come, in milliseconds since 1970, within 366 days: at most %d", last))
		}
	}
	if wish.Active != nil {
		k.Active = *wish.Active
	}
	if wish.Networks != nil {
		var err error
		if k.Networks, err = parseNetworks(*wish.Networks); err != nil {
			return err
		}
	}
	return nil
}

func parseNetworks(list []string) ([]netip.Prefix, error) {
	if len(list) > maxNetworks {
		return nil, wrongKey("networks", fmt.Sprintf("at most %d networks", maxNetworks))
	}
	var out []netip.Prefix
	for _, text := range list {
		n, err := netip.ParsePrefix(text)
		if ip, single := netip.ParseAddr(text); err != nil && single == nil && ip.Zone() == "" {
			n, err = netip.PrefixFrom(ip, ip.BitLen()), nil
		}
		if err != nil || n.Addr().Is4In6() {
			return nil, wrongKey("networks", fmt.Sprintf("%q is no network; write 10.1.0.0/16, 2001:db8::/32 or one address", text))
		}
		out = append(out, n.Masked())
	}
	return out, nil
}

func wrongKey(field, text string) error {
	return &para.Error{Code: para.Invalid, Message: "The member '" + field + "': " + text + ".", Problems: []para.Problem{{Field: field, Rule: "key", Message: text}}}
}

type keyIDs struct {
	ID   string   `json:"id"`
	Type string   `json:"type"`
	Keys []string `json:"keys"`
}

func readKeyIDs(r *para.Record) ([]string, error) {
	if r == nil {
		return nil, nil
	}
	if !internalType(r.Type) {
		return nil, para.Errorf(para.Invalid, "The object with the id %s is in the way of API keys: delete it.", r.ID)
	}
	var list keyIDs
	if err := json.Unmarshal(r.Data, &list); err != nil {
		return nil, para.Wrap(para.Corrupt, "read the list of API keys", err)
	}
	return list.Keys, nil
}

func writeKeyIDs(ids []string) para.Write {
	data, _ := json.Marshal(keyIDs{keysID, "_internal", ids}) // texts always encode
	return para.Write{Kind: para.Put, Record: para.Record{ID: keysID, Type: "_internal", Stored: true, Data: data}}
}

func putKey(k *apikey.Key) para.Write {
	return para.Write{Kind: para.Put, Record: para.Record{ID: k.ID, Type: k.Type, Stored: true, Data: k.Encode()}}
}
