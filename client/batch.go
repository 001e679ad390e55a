package client

import (
	"context"
	"encoding/json"
	"net/http"
	"net/url"
	"slices"

	para "github.com/erudika/para-go"
)

// Limits of what one request asks for or deletes when Options.ChunkSize is 0: ids travel in the address (K 1.7).
const (
	readChunk   = 200
	deleteChunk = 100
)

// CreateAll stores objects, in order, and returns them as they are stored. When the server leaves some out, the others
// are stored and returned, and the error is a *BatchError.
func (c *Client) CreateAll(ctx context.Context, objects []*para.Object) ([]*para.Object, error) {
	return CreateAllAs(ctx, c, objects)
}

// CreateAllAs is CreateAll for a type of the program, whose values must carry their Para type as the member "type".
func CreateAllAs[T any](ctx context.Context, c *Client, values []T) ([]T, error) {
	return writeAll[T](ctx, c, http.MethodPost, values)
}

// UpdateAll writes the members of objects that exist, as Update does, and returns them as they are stored now. Objects
// that the server leaves out are told by a *BatchError.
func (c *Client) UpdateAll(ctx context.Context, objects []*para.Object) ([]*para.Object, error) {
	return UpdateAllAs(ctx, c, objects)
}

// UpdateAllAs is UpdateAll for a type of the program.
func UpdateAllAs[T any](ctx context.Context, c *Client, values []T) ([]T, error) {
	return writeAll[T](ctx, c, http.MethodPatch, values)
}

// PatchAll changes single members of objects; each element names its object by the members "id" and, for the right
// type, "type".
func (c *Client) PatchAll(ctx context.Context, changes []map[string]any) ([]*para.Object, error) {
	return writeAll[*para.Object](ctx, c, http.MethodPatch, changes)
}

// writeAll sends values in chunks, one after the other, and returns what was stored until an error.
func writeAll[T, V any](ctx context.Context, c *Client, method string, values []V) ([]T, error) {
	var (
		stored  []T
		missing BatchError
		start   int
	)
	for chunk := range slices.Chunk(values, max(1, firstPositive(c.t.chunk, len(values)))) {
		data, err := encodeBody(chunk)
		if err != nil {
			return stored, err
		}
		r := call{method: method, path: c.t.api + "_batch", body: data}
		part, err := answer[[]T](ctx, c, &r)
		if err != nil {
			return stored, err
		}
		stored = append(stored, part...)
		if !c.immediate {
			if err := missing.compare(start, data, part); err != nil {
				return stored, err
			}
		}
		start += len(chunk)
	}
	if len(missing.Missing) > 0 || missing.Unnamed > 0 {
		return stored, &missing
	}
	return stored, nil
}

// compare finds the elements of a batch that its answer lacks. sent is the JSON of the batch, start the index of its
// first element. The server answers one element for each id (D36).
func (e *BatchError) compare(start int, sent []byte, answered any) error {
	var in, out []*named
	if err := decode(sent, &in); err != nil {
		return err
	}
	data, err := encodeBody(answered)
	if err != nil {
		return err
	}
	if err := decode(data, &out); err != nil {
		return err
	}
	unmatched := make(map[string]bool, len(out)) // by id: whether no element of the batch claimed it
	for _, h := range out {
		if h != nil {
			unmatched[h.id()] = true
		}
	}
	unnamed := 0
	for i, h := range in {
		switch {
		case h == nil || h.id() == "":
			unnamed++
		case hasID(unmatched, h):
		default:
			e.Missing = append(e.Missing, start+i)
		}
	}
	for _, open := range unmatched {
		if open {
			unnamed--
		}
	}
	e.Unnamed += max(0, unnamed)
	return nil
}

// named is an element of a batch; an id may be a number, which the server reads as its text (D23).
type named struct {
	ID   any `json:"id"`
	Type any `json:"type"`
}

func (n *named) id() string {
	switch id := n.ID.(type) {
	case string:
		return id
	case json.Number:
		return id.String()
	}
	return ""
}

// hasID finds an element in the answer; the server completes the ids of tags and apps (O 3).
func hasID(answered map[string]bool, n *named) bool {
	typ, _ := n.Type.(string)
	for _, id := range [...]string{n.id(), typ + ":" + n.id()} {
		if _, ok := answered[id]; ok {
			answered[id] = false
			return true
		}
	}
	return false
}

// ReadAll returns the objects with the given ids in that order, without those that do not exist.
func (c *Client) ReadAll(ctx context.Context, ids []string) ([]*para.Object, error) {
	return ReadAllAs[*para.Object](ctx, c, ids)
}

// ReadAllAs is ReadAll for a type of the program.
func ReadAllAs[T any](ctx context.Context, c *Client, ids []string) ([]T, error) {
	var list []T
	for chunk := range slices.Chunk(ids, firstPositive(c.t.chunk, readChunk)) {
		part, err := answer[[]T](ctx, c, &call{method: http.MethodGet, path: c.t.api + "_batch", query: url.Values{"ids": chunk}, repeatable: true})
		if err != nil {
			return list, err
		}
		list = append(list, part...)
	}
	return list, nil
}

// DeleteAll removes objects; ids that do not exist are no error.
func (c *Client) DeleteAll(ctx context.Context, ids []string) error {
	for chunk := range slices.Chunk(ids, firstPositive(c.t.chunk, deleteChunk)) {
		if err := c.del(ctx, "_batch", url.Values{"ids": chunk}, nil); err != nil {
			return err
		}
	}
	return nil
}

func firstPositive(a, b int) int {
	if a > 0 {
		return a
	}
	return b
}
