package engine

import (
	"context"
	"encoding/json"
	"math"
	"strconv"
	"strings"

	para "github.com/erudika/para-go"
	"github.com/erudika/para-go/internal/access"
)

// vote is a vote as a request asks for it (R 14).
type vote struct {
	voter           string
	up              bool
	expires, locked int64
}

// IsVote says whether the body of an update is a vote.
func IsVote(b *para.Body) bool {
	_, up := b.Raw("_voteup")
	_, down := b.Raw("_votedown")
	return up || down
}

// readVote reads the members of a vote; a blank voter means that nobody votes (D37).
func (e *Engine) readVote(b *para.Body) (vote, error) {
	v := vote{expires: e.opts.VoteExpires, locked: e.opts.VoteLocked}
	for _, name := range [...]string{"_voteup", "_votedown"} {
		raw, ok := b.Raw(name)
		if !ok || string(raw) == "null" {
			continue
		}
		if raw[0] != '"' {
			return v, para.Errorf(para.Invalid, "The member '%s' must be the id of the voter.", name)
		}
		if text := b.Text(name); v.voter == "" && strings.TrimSpace(text) != "" {
			v.voter, v.up = text, name == "_voteup"
		}
	}
	for name, dst := range map[string]*int64{"_vote_expires_after": &v.expires, "_vote_locked_after": &v.locked} {
		raw, ok := b.Raw(name)
		if !ok || string(raw) == "null" {
			continue
		}
		n, err := strconv.ParseInt(string(raw), 10, 32)
		if err != nil {
			return v, para.Errorf(para.Invalid, "The member '%s' must be a whole number of seconds.", name)
		}
		*dst = n
	}
	return v, nil
}

// Vote votes on an object and says whether the vote counted (R 14, O 12). The record of the vote and the object's counter
// change in one commit.
func (e *Engine) Vote(ctx context.Context, p access.Principal, pathType, id string, b *para.Body) (bool, error) {
	storage, key := e.storage(p.App, pathType, para.PathID(pathType, id))
	if err := p.MayVote(); err != nil {
		return false, err
	}
	seen, err := e.record(ctx, storage, key)
	if err != nil {
		return false, err
	}
	if !p.Finds(seen, pathType) {
		return false, errNotFound
	}
	v, err := e.readVote(b)
	if err != nil {
		return false, err
	}
	if p.Kind == access.User && !p.Admin() && v.voter != "" {
		v.voter = p.User.ID()
	}
	if v.voter == "" || seen.Type == "vote" {
		return false, nil
	}
	counted := false
	voteID := para.VoteID(v.voter, seen.ID)
	_, err = e.one(ctx, storage, &op{reads: []string{seen.ID, voteID}, do: func(r []*para.Record) ([]para.Write, error) {
		counted = false
		if r[0] == nil {
			return nil, errNotFound
		}
		o, err := para.DecodeObject(r[0].Data)
		if err != nil {
			return nil, para.Wrap(para.Corrupt, "read "+r[0].ID, err)
		}
		if v.voter == o.CreatorID() || v.voter == o.ID() {
			return nil, nil
		}
		record, err := e.castVote(p, v, voteID, o.ID(), r[1])
		if err != nil || record == nil {
			return nil, err
		}
		counted = true
		votes := min(max(o.Votes()+v.weight(), math.MinInt32), math.MaxInt32)
		o.SetRaw("votes", json.RawMessage(strconv.FormatInt(votes, 10)))
		version, _ := para.PatchVersion(nil, o.Version()) // a vote is an update that was made for no version (D30)
		o.SetVersion(version)
		o.SetUpdated(e.now().UnixMilli())
		return []para.Write{*record, e.put(o, "update")}, nil
	}})
	return counted, err
}

func (v vote) weight() int64 {
	if v.up {
		return 1
	}
	return -1
}

// castVote decides what becomes of the voter's record: a new one, none because the opposite vote is taken back, or
// nothing at all (nil) when the voter has voted already.
func (e *Engine) castVote(p access.Principal, v vote, voteID, objectID string, saved *para.Record) (*para.Write, error) {
	now := e.now()
	value := "down"
	if v.up {
		value = "up"
	}
	if saved != nil {
		old, err := para.DecodeObject(saved.Data)
		if err != nil {
			return nil, para.Wrap(para.Corrupt, "read "+saved.ID, err)
		}
		switch {
		case saved.Type != "vote":
			return nil, nil
		case old.VoteExpired(now):
		case old.VoteAmendable(now) && old.Text("value") != value:
			w := remove(saved, "delete")
			return &w, nil
		default:
			return nil, nil
		}
	}
	o := para.New("vote")
	o.SetID(voteID)
	o.SetAppID(p.App.Identifier)
	o.SetCreatorID(v.voter)
	o.SetParentID(objectID)
	o.SetTimestamp(now.UnixMilli())
	for name, x := range map[string]any{"value": value, "expiresAfter": v.expires, "lockedAfter": v.locked} {
		if err := o.Set(name, x); err != nil {
			return nil, err
		}
	}
	o.ApplyDefaults(now)
	w := e.put(o, "create")
	return &w, nil
}

// applyDefaults sets what was not sent: the windows of votes as the options say (O 7.5, O 12), and what its type says.
func (e *Engine) applyDefaults(o *para.Object) error {
	if o.Type() == "vote" {
		for name, seconds := range map[string]int64{"expiresAfter": e.opts.VoteExpires, "lockedAfter": e.opts.VoteLocked} {
			if _, sent := o.Raw(name); sent {
				continue
			}
			if err := o.Set(name, seconds); err != nil {
				return err
			}
		}
	}
	o.ApplyDefaults(e.now())
	return nil
}
