package client

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"reflect"
	"strings"

	para "github.com/erudika/para-go"
)

// Create stores a new object and returns it as it is stored, with its id. An object that has an id already replaces the
// one of that id (K 1.6.2).
func (c *Client) Create(ctx context.Context, o *para.Object) (*para.Object, error) {
	return CreateAs(ctx, c, o)
}

// CreateAs is Create for a type of the program: a struct with the JSON members of the object. Its Para type is its
// member "type", else what its method ParaType returns, else its name in small letters.
func CreateAs[T any](ctx context.Context, c *Client, v T) (T, error) {
	var none T
	h, err := headOf(v)
	if err != nil {
		return none, err
	}
	r := call{method: http.MethodPost, path: c.t.api + Path(h.Type), body: h.data}
	if h.ID != "" {
		r = call{method: http.MethodPut, path: c.t.api + Path(h.Type, h.ID), body: h.data, repeatable: true}
	}
	return answer[T](ctx, c, &r)
}

// Read returns the object with a type and an id; ErrNotFound when there is none.
func (c *Client) Read(ctx context.Context, typ, id string) (*para.Object, error) {
	return ReadAs[*para.Object](ctx, c, typ, id)
}

// ReadAs is Read for a type of the program.
func ReadAs[T any](ctx context.Context, c *Client, typ, id string) (T, error) {
	var none T
	if typ == "" || id == "" {
		return none, errors.New("client: read: type and id are needed")
	}
	return answer[T](ctx, c, &call{method: http.MethodGet, path: c.t.api + Path(typ, id), repeatable: true})
}

// Get returns the object with an id, whatever its type; ErrNotFound when there is none.
func (c *Client) Get(ctx context.Context, id string) (*para.Object, error) {
	return GetAs[*para.Object](ctx, c, id)
}

// GetAs is Get for a type of the program.
func GetAs[T any](ctx context.Context, c *Client, id string) (T, error) {
	var none T
	if id == "" {
		return none, errors.New("client: get: the id is needed")
	}
	return answer[T](ctx, c, &call{method: http.MethodGet, path: c.t.api + Path("_id", id), repeatable: true})
}

// Exists says whether there is an object with a type and an id.
func (c *Client) Exists(ctx context.Context, typ, id string) (bool, error) {
	_, err := ReadAs[json.RawMessage](ctx, c, typ, id)
	if errors.Is(err, ErrNotFound) {
		return false, nil
	}
	return err == nil, err
}

// Update writes the members of an object that exists and returns it as it is stored now. Members that the object lacks
// keep what is stored; Patch can remove them. With a version above 0 the stored version must be the same, else the
// error is ErrVersionMismatch (D30).
func (c *Client) Update(ctx context.Context, o *para.Object) (*para.Object, error) {
	return UpdateAs(ctx, c, o)
}

// UpdateAs is Update for a type of the program.
func UpdateAs[T any](ctx context.Context, c *Client, v T) (T, error) {
	var none T
	h, err := headOf(v)
	if err != nil {
		return none, err
	}
	if h.ID == "" {
		return none, errors.New("client: update: the object has no id")
	}
	return answer[T](ctx, c, &call{method: http.MethodPatch, path: c.t.api + Path(h.Type, h.ID), body: h.data, repeatable: h.Version > 0})
}

// Patch changes single members of an object; a custom member that is nil is removed (W18).
func (c *Client) Patch(ctx context.Context, typ, id string, changes map[string]any) (*para.Object, error) {
	if typ == "" || id == "" {
		return nil, errors.New("client: patch: type and id are needed")
	}
	body, err := encodeBody(changes)
	if err != nil {
		return nil, err
	}
	var h head
	_ = json.Unmarshal(body, &h) // members of wrong kinds are for the server to refuse
	return answer[*para.Object](ctx, c, &call{method: http.MethodPatch, path: c.t.api + Path(typ, id), body: body, repeatable: h.Version > 0})
}

// Delete removes an object; ErrNotFound when there is none.
func (c *Client) Delete(ctx context.Context, o *para.Object) error {
	path, err := objectPath(o)
	if err != nil {
		return err
	}
	return c.del(ctx, path, nil, nil)
}

// DeleteByID removes the object with a type and an id; ErrNotFound when there is none.
func (c *Client) DeleteByID(ctx context.Context, typ, id string) error {
	if typ == "" || id == "" {
		return errors.New("client: delete: type and id are needed")
	}
	return c.del(ctx, Path(typ, id), nil, nil)
}

// List returns the objects of a type, page by page.
func (c *Client) List(ctx context.Context, typ string, p *Pager) (*Page[*para.Object], error) {
	return ListAs[*para.Object](ctx, c, typ, p)
}

// ListAs is List for a type of the program.
func ListAs[T any](ctx context.Context, c *Client, typ string, p *Pager) (*Page[T], error) {
	if typ == "" {
		return nil, errors.New("client: list: the type is needed")
	}
	return answer[*Page[T]](ctx, c, &call{method: http.MethodGet, path: c.t.api + Path(typ), query: p.query(nil), repeatable: true})
}

// answer sends a request whose answer has a body. A client that does not wait for its writes gets the zero value.
func answer[T any](ctx context.Context, c *Client, r *call) (T, error) {
	var out T
	data, err := c.send(ctx, r)
	if err != nil || c.immediate && r.method != http.MethodGet {
		return out, err
	}
	if len(data) == 0 {
		return out, fmt.Errorf("client: %s %s: the answer is empty", r.method, r.path)
	}
	if err := decode(data, &out); err != nil {
		return out, fmt.Errorf("client: %s %s: the answer cannot be read: %w", r.method, r.path, err)
	}
	return out, nil
}

// head is what requests need to know of an object; data is its JSON.
type head struct {
	ID      string `json:"id"`
	Type    string `json:"type"`
	Version int64  `json:"version"`
	data    []byte
}

// headOf encodes an object and takes id, type and version from it.
func headOf(v any) (head, error) {
	var h head
	if isNil(v) {
		return h, errors.New("client: the object is nil")
	}
	data, err := encodeBody(v)
	if err != nil {
		return h, err
	}
	if o, ok := v.(*para.Object); ok {
		h = head{ID: o.ID(), Type: o.Type(), Version: o.Version()}
	} else if err := json.Unmarshal(data, &h); err != nil {
		return h, fmt.Errorf("client: the object has no id and type as text: %w", err)
	}
	h.data = data
	if h.Type == "" {
		h.Type = typeName(v)
	}
	if h.Type == "" {
		return h, errors.New("client: the object has no type")
	}
	return h, nil
}

func isNil(v any) bool {
	r := reflect.ValueOf(v)
	return !r.IsValid() || (r.Kind() == reflect.Pointer || r.Kind() == reflect.Map) && r.IsNil()
}

// typeName finds the Para type of a Go value that does not carry one.
func typeName(v any) string {
	if t, ok := v.(interface{ ParaType() string }); ok {
		return t.ParaType()
	}
	if _, ok := v.(*para.Object); ok {
		return ""
	}
	t := reflect.TypeOf(v)
	for t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	if t.Kind() != reflect.Struct {
		return ""
	}
	return strings.ToLower(t.Name())
}

// objectPath is the path of an object that exists.
func objectPath(o *para.Object) (string, error) {
	if o == nil || o.ID() == "" || o.Type() == "" {
		return "", errors.New("client: the object needs a type and an id")
	}
	return Path(o.Type(), o.ID()), nil
}
