package client

import (
	"context"
	"errors"
	"net/http"
	"net/url"

	para "github.com/erudika/para-go"
)

// Link connects an object with another one, given by its id, and returns the id of the link (K 1.6.4).
func (c *Client) Link(ctx context.Context, o *para.Object, id2 string) (string, error) {
	path, err := linkPath(o, id2)
	if err != nil {
		return "", err
	}
	var id string
	err = c.post(ctx, path, nil, nil, &id)
	return id, err
}

// IsLinked says whether an object is connected with another one.
func (c *Client) IsLinked(ctx context.Context, o *para.Object, type2, id2 string) (bool, error) {
	path, err := linkPath(o, type2, id2)
	if err != nil {
		return false, err
	}
	return c.truth(ctx, &call{method: http.MethodGet, path: c.t.api + path, repeatable: true})
}

// Unlink removes the link between an object and another one; a link that does not exist is no error.
func (c *Client) Unlink(ctx context.Context, o *para.Object, type2, id2 string) error {
	path, err := linkPath(o, type2, id2)
	if err != nil {
		return err
	}
	return c.del(ctx, path, nil, nil)
}

// UnlinkAll removes all links of an object.
func (c *Client) UnlinkAll(ctx context.Context, o *para.Object) error {
	path, err := linkPath(o)
	if err != nil {
		return err
	}
	return c.del(ctx, path, nil, nil)
}

// CountLinks returns the number of objects of a type that an object is linked with.
func (c *Client) CountLinks(ctx context.Context, o *para.Object, type2 string) (int64, error) {
	return total(c.linked(ctx, o, type2, url.Values{"count": {"true"}}, nil))
}

// Links returns the objects of a type that an object is linked with.
func (c *Client) Links(ctx context.Context, o *para.Object, type2 string, p *Pager) (*Page[*para.Object], error) {
	return c.linked(ctx, o, type2, url.Values{}, p)
}

// FindLinks returns those of the linked objects of a type of which a field matches a query; an empty query matches all.
func (c *Client) FindLinks(ctx context.Context, o *para.Object, type2, field, query string, p *Pager) (*Page[*para.Object], error) {
	return c.linked(ctx, o, type2, url.Values{"field": {field}, "q": {firstOf(query, "*")}}, p)
}

// CountChildren returns the number of objects of a type whose parent an object is.
func (c *Client) CountChildren(ctx context.Context, o *para.Object, type2 string) (int64, error) {
	return total(c.linked(ctx, o, type2, url.Values{"childrenonly": {"true"}, "count": {"true"}}, nil))
}

// Children returns the objects of a type whose parent an object is.
func (c *Client) Children(ctx context.Context, o *para.Object, type2 string, p *Pager) (*Page[*para.Object], error) {
	return c.linked(ctx, o, type2, url.Values{"childrenonly": {"true"}}, p)
}

// ChildrenWhere returns those of the children of a type of which a field equals a term.
func (c *Client) ChildrenWhere(ctx context.Context, o *para.Object, type2, field, term string, p *Pager) (*Page[*para.Object], error) {
	return c.linked(ctx, o, type2, url.Values{"childrenonly": {"true"}, "field": {field}, "term": {term}}, p)
}

// FindChildren returns those of the children of a type that match a query; an empty query matches all.
func (c *Client) FindChildren(ctx context.Context, o *para.Object, type2, query string, p *Pager) (*Page[*para.Object], error) {
	return c.linked(ctx, o, type2, url.Values{"childrenonly": {"true"}, "q": {firstOf(query, "*")}}, p)
}

// DeleteChildren deletes the objects of a type whose parent an object is (D38).
func (c *Client) DeleteChildren(ctx context.Context, o *para.Object, type2 string) error {
	path, err := linkPath(o, type2)
	if err != nil {
		return err
	}
	return c.del(ctx, path, url.Values{"childrenonly": {"true"}}, nil)
}

func (c *Client) linked(ctx context.Context, o *para.Object, type2 string, params url.Values, p *Pager) (*Page[*para.Object], error) {
	path, err := linkPath(o, type2)
	if err != nil {
		return nil, err
	}
	return answer[*Page[*para.Object]](ctx, c, &call{method: http.MethodGet, path: c.t.api + path, query: p.query(params), repeatable: true})
}

// linkPath is the path of an object's links, followed by further segments.
func linkPath(o *para.Object, further ...string) (string, error) {
	path, err := objectPath(o)
	if err != nil {
		return "", err
	}
	path += "/links"
	for _, s := range further {
		if s == "" {
			return "", errors.New("client: links: type and id of the other object are needed")
		}
		path += "/" + Path(s)
	}
	return path, nil
}
