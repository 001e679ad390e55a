package signin

import para "github.com/erudika/para-go"

// Admitted is the admission of a user whom a test lets in.
func Admitted(app *para.App, user *para.Object) *Admission { return &Admission{app: app, user: user} }
