package access

import para "github.com/erudika/para-go"

// Usable says whether the principal's app may be used with a method at all: an inactive app never, a read-only app only
// for reading (D63).
func (p Principal) Usable(method string) *para.Error {
	if !p.App.Active {
		return para.Errorf(para.Denied, "App not active. [%s]", p.App.ID)
	}
	if p.App.ReadOnly && (Request{Method: method}).Writes() {
		return para.Errorf(para.Denied, "App is in read-only mode. [%s]", p.App.ID)
	}
	return nil
}
