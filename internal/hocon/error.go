package hocon

import "fmt"

// Error says where a source is wrong, what is wrong and, in Hint, how to mend it.
type Error struct {
	Position Position
	Message  string
	Hint     string // empty when the message says it all
}

// Error returns "file:line:column: message; hint".
func (e *Error) Error() string {
	s := e.Message
	if p := e.Position.String(); p != "" {
		s = p + ": " + s
	}
	if e.Hint != "" {
		s += "; " + e.Hint
	}
	return s
}

func fail(pos Position, hint, format string, args ...any) *Error {
	return &Error{Position: pos, Hint: hint, Message: fmt.Sprintf(format, args...)}
}
