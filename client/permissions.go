package client

import (
	"context"
	"errors"
	"net/http"
	"net/url"
)

// Permissions are the resource permissions of an app: by subject and resource path, what is allowed.
type Permissions map[string]map[string][]string

// Allowed is what a permission allows (A 14.1).
type Allowed string

// What permissions can allow. AllowOwn limits a subject to what it owns; AllowGuests, with the subject AllSubjects, lets
// in requests of nobody.
const (
	AllowGet     Allowed = "GET"
	AllowPost    Allowed = "POST"
	AllowPut     Allowed = "PUT"
	AllowPatch   Allowed = "PATCH"
	AllowDelete  Allowed = "DELETE"
	AllowRead    Allowed = "GET"
	AllowWrite   Allowed = "w"
	AllowAll     Allowed = "*"
	AllowOwn     Allowed = "OWN"
	AllowGuests  Allowed = "?"
	AllowNothing Allowed = "-"
)

// AllSubjects and AllResources stand for every signed-in user and every resource path.
const (
	AllSubjects  = "*"
	AllResources = "*"
)

// Permissions returns the permissions of one subject, with those of all subjects, or the whole table for an empty subject.
func (c *Client) Permissions(ctx context.Context, subject string) (Permissions, error) {
	path := "_permissions"
	if subject != "" {
		path = Path("_permissions", subject)
	}
	return answer[Permissions](ctx, c, &call{method: http.MethodGet, path: c.t.api + path, repeatable: true})
}

// Grant allows a subject, the id of a user or AllSubjects, something on a resource path, such as "posts" or "posts/1",
// and returns the permissions of that subject. It replaces what was granted for the same path.
func (c *Client) Grant(ctx context.Context, subject, path string, allowed ...Allowed) (Permissions, error) {
	if len(allowed) == 0 {
		return nil, errors.New("client: grant: say what is allowed")
	}
	body, err := encodeBody(allowed)
	if err != nil {
		return nil, err
	}
	return c.permission(ctx, http.MethodPut, subject, path, body)
}

// Revoke takes back what was granted to a subject on a resource path.
func (c *Client) Revoke(ctx context.Context, subject, path string) (Permissions, error) {
	return c.permission(ctx, http.MethodDelete, subject, path, nil)
}

// RevokeAll takes back everything that was granted to a subject.
func (c *Client) RevokeAll(ctx context.Context, subject string) (Permissions, error) {
	if subject == "" {
		return nil, errors.New("client: revoke all: the subject is needed")
	}
	return answer[Permissions](ctx, c, &call{method: http.MethodDelete, path: c.t.api + Path("_permissions", subject), repeatable: true})
}

// IsAllowed says whether a subject may use an HTTP method on a resource path.
func (c *Client) IsAllowed(ctx context.Context, subject, path, method string) (bool, error) {
	if subject == "" || path == "" || method == "" {
		return false, errors.New("client: is allowed: subject, path and method are needed")
	}
	return c.truth(ctx, &call{method: http.MethodGet, path: c.t.api + Path("_permissions", subject, resourcePath(path), method), repeatable: true})
}

// Ruling says how a server decides a request of somebody, and why.
type Ruling struct {
	Allowed bool   `json:"allowed"`
	Rule    string `json:"rule"` // what decides, in a sentence
	Entry   *Entry `json:"entry,omitempty"`
	Change  string `json:"change,omitempty"` // what would change the answer

	// Notes are what holds for the objects behind the path all the same, or was assumed.
	Notes []string `json:"notes,omitempty"`
}

// Entry is the entry of the permissions that decides.
type Entry struct {
	Subject string   `json:"subject"`
	Path    string   `json:"path"`
	Allowed []string `json:"allowed"`
}

// WhyAllowed says what becomes of a request of a user with an HTTP method on a resource path, and which rule decides. An
// empty subject stands for a guest. Only apps and admins are told, and only by Go servers: with others it is an error.
func (c *Client) WhyAllowed(ctx context.Context, subject, path, method string) (*Ruling, error) {
	if path == "" || method == "" {
		return nil, errors.New("client: why allowed: path and method are needed")
	}
	query := url.Values{"explain": {"true"}}
	if subject == "" {
		subject = AllSubjects
		query.Set("guest", "true")
	}
	r, err := answer[*Ruling](ctx, c, &call{method: http.MethodGet, path: c.t.api + Path("_permissions", subject, resourcePath(path), method), query: query, repeatable: true})
	if err == nil && (r == nil || r.Rule == "") {
		err = errors.New("client: why allowed: the server does not explain permissions")
	}
	return r, err
}

func (c *Client) permission(ctx context.Context, method, subject, path string, body []byte) (Permissions, error) {
	if subject == "" || path == "" {
		return nil, errors.New("client: permission: subject and resource path are needed")
	}
	return answer[Permissions](ctx, c, &call{method: method, path: c.t.api + Path("_permissions", subject, resourcePath(path)), body: body, repeatable: true})
}
