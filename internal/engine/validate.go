package engine

import (
	"strings"

	para "github.com/erudika/para-go"
)

// validate checks an object against the app's constraints, and only when they hold against the built-in rules of its
// type (O 16). The message of the error joins the texts as R 13.2 says.
func (e *Engine) validate(a *para.App, o *para.Object) error {
	problems := a.ValidateConstraints(o, e.opts.Checks, e.now())
	if len(problems) == 0 {
		problems = para.Validate(o, e.opts.Checks)
	}
	if len(problems) == 0 {
		return nil
	}
	return &ValidationError{Problems: problems}
}

// ValidationError says which rules an object breaks.
type ValidationError struct {
	Problems []para.Problem
}

// Error joins the messages with ". " (O 16.4).
func (v *ValidationError) Error() string {
	texts := make([]string, len(v.Problems))
	for i, p := range v.Problems {
		texts[i] = p.Message
	}
	return strings.Join(texts, ". ")
}

// Unwrap makes it an error of code Invalid.
func (v *ValidationError) Unwrap() error {
	return &para.Error{Code: para.Invalid, Message: v.Error(), Problems: v.Problems}
}
