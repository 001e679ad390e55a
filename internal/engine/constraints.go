package engine

import (
	"context"
	"strings"

	para "github.com/erudika/para-go"
	"github.com/erudika/para-go/internal/access"
)

// AddConstraint adds a rule for a field of a type to the principal's app, or replaces the one of that name, and registers
// the type in the same commit (R 19, O 16.3). Nothing happens for a blank type or field. A pattern that cannot be compiled
// is refused (D42). It returns the app as it is then.
func (e *Engine) AddConstraint(ctx context.Context, p access.Principal, typ, field string, rule para.Constraint) (*para.App, error) {
	if strings.TrimSpace(typ) == "" || strings.TrimSpace(field) == "" {
		return p.App, nil
	}
	if pattern, ok := rule.Pattern(); ok {
		if err := e.opts.Checks.Compile(pattern); err != nil {
			return nil, &para.Error{Code: para.Invalid, Message: "Invalid pattern.", Err: err, Problems: []para.Problem{
				{Field: field, Rule: "pattern", Value: para.AppendJSONString(nil, pattern), Message: err.Error()},
			}}
		}
	}
	return e.changeParsed(ctx, p.App.ID, func(o *para.Object, stored *para.App) error {
		if err := e.registerIn(o, stored, typ); err != nil {
			return err
		}
		o.SetRaw("validationConstraints", stored.Constraints.With(typ, field, rule).AppendJSON(nil))
		return nil
	})
}

// RemoveConstraint removes a rule from the principal's app; what is not there is removed already. It returns the app as it
// is then.
func (e *Engine) RemoveConstraint(ctx context.Context, p access.Principal, typ, field, name string) (*para.App, error) {
	return e.changeParsed(ctx, p.App.ID, func(o *para.Object, stored *para.App) error {
		rest, removed := stored.Constraints.Without(typ, field, name)
		if !removed {
			return errUnchanged
		}
		o.SetRaw("validationConstraints", rest.AppendJSON(nil))
		return nil
	})
}

// changeParsed is ChangeApp for changes that follow from what is stored.
func (e *Engine) changeParsed(ctx context.Context, id string, change func(o *para.Object, stored *para.App) error) (*para.App, error) {
	return e.ChangeApp(ctx, id, func(o *para.Object) error {
		stored, err := para.ParseApp(o)
		if err != nil {
			return err
		}
		return change(o, stored)
	})
}

// registerIn adds a type to an app's record that is being changed (D26).
func (e *Engine) registerIn(o *para.Object, stored *para.App, typ string) error {
	all, changed := para.RegisterTypes(stored.Datatypes, e.opts.MaxTypes, typ)
	if !changed {
		return nil
	}
	return o.Set("datatypes", all)
}
