package client

import (
	"context"
	"errors"
	"net/http"
)

// Constraints are the validation rules of an app: by type, field and name of the rule, what the rule says.
type Constraints map[string]map[string]map[string]map[string]any

// Constraint is one validation rule for a field (K 1.6.7).
type Constraint struct {
	Name    string
	Payload map[string]any // nil: none
}

func rule(name string, values map[string]any) Constraint {
	payload := map[string]any{"message": "messages." + name}
	for k, v := range values {
		payload[k] = v
	}
	return Constraint{Name: name, Payload: payload}
}

// Required says: the field must be there and not blank.
func Required() Constraint { return rule("required", nil) }

// Email says: the field must be an e-mail address.
func Email() Constraint { return rule("email", nil) }

// URL says: the field must be a web address.
func URL() Constraint { return rule("url", nil) }

// Truthy says: the field must be true.
func Truthy() Constraint { return rule("true", nil) }

// Falsy says: the field must be false.
func Falsy() Constraint { return rule("false", nil) }

// Future says: the field must be a time that lies ahead.
func Future() Constraint { return rule("future", nil) }

// Past says: the field must be a time that lies behind.
func Past() Constraint { return rule("past", nil) }

// Min says: the field must be a number of at least n.
func Min(n int64) Constraint { return rule("min", map[string]any{"value": n}) }

// Max says: the field must be a number of at most n.
func Max(n int64) Constraint { return rule("max", map[string]any{"value": n}) }

// Size says: the text, list or map must have from least to most characters or elements.
func Size(least, most int64) Constraint {
	return rule("size", map[string]any{"min": least, "max": most})
}

// Digits says: the number may have so many digits before and after the point.
func Digits(integer, fraction int64) Constraint {
	return rule("digits", map[string]any{"integer": integer, "fraction": fraction})
}

// Pattern says: the text must match a regular expression in Java's syntax.
func Pattern(expression string) Constraint {
	return rule("pattern", map[string]any{"value": expression})
}

// Constraints returns the rules of one type, or, for an empty type, of all including the built-in ones of core types.
func (c *Client) Constraints(ctx context.Context, typ string) (Constraints, error) {
	path := "_constraints"
	if typ != "" {
		path = Path("_constraints", typ)
	}
	return answer[Constraints](ctx, c, &call{method: http.MethodGet, path: c.t.api + path, repeatable: true})
}

// AddConstraint adds a rule for a field of a type and returns the rules of that type.
func (c *Client) AddConstraint(ctx context.Context, typ, field string, rule Constraint) (Constraints, error) {
	payload := rule.Payload
	if payload == nil {
		payload = map[string]any{}
	}
	body, err := encodeBody(payload)
	if err != nil {
		return nil, err
	}
	return c.constraint(ctx, http.MethodPut, typ, field, rule.Name, body)
}

// RemoveConstraint removes a rule, given by its name, and returns the rules of that type.
func (c *Client) RemoveConstraint(ctx context.Context, typ, field, name string) (Constraints, error) {
	return c.constraint(ctx, http.MethodDelete, typ, field, name, nil)
}

func (c *Client) constraint(ctx context.Context, method, typ, field, name string, body []byte) (Constraints, error) {
	if typ == "" || field == "" || name == "" {
		return nil, errors.New("client: constraint: type, field and name are needed")
	}
	return answer[Constraints](ctx, c, &call{method: method, path: c.t.api + Path("_constraints", typ, field, name), body: body, repeatable: true})
}
