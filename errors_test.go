package para

import (
	"errors"
	"fmt"
	"testing"
)

func TestErrors(t *testing.T) {
	cause := errors.New("disk full")
	e := &Error{Code: WriteFailed, Op: "write app kid", Err: cause}
	if e.Error() != "write app kid: write: disk full" || !errors.Is(e, cause) {
		t.Errorf("%v", e)
	}
	if e := Errorf(Invalid, "The member %q is missing.", "id"); e.Error() != `The member "id" is missing.` || e.Code != Invalid {
		t.Errorf("%v", e)
	}
	if Wrap(Internal, "read", nil) != nil {
		t.Error("no error became one")
	}
	if err := Wrap(Unavailable, "read", cause); CodeOf(err) != Unavailable || !errors.Is(err, cause) {
		t.Errorf("%v", err)
	}
	if err := Wrap(Unavailable, "read", fmt.Errorf("batch: %w", e)); CodeOf(err) != WriteFailed || err.Error() != "read: batch: write app kid: write: disk full" {
		t.Errorf("a code was replaced: %v", err)
	}
	for code, err := range map[Code]error{"": nil, Internal: cause, WriteFailed: e} {
		if CodeOf(err) != code {
			t.Errorf("code of %v: %s", err, CodeOf(err))
		}
	}
}
