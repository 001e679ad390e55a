package signin

import (
	para "github.com/erudika/para-go"
)

// Admission is the right of a user to a session, which only this package gives: to users who have proved who they are, with
// a second factor where their app asks for one. Sessions and ID tokens are made from it, so no way of signing in can
// forget to ask.
type Admission struct {
	app         *para.App
	user        *para.Object
	backupCodes []string
}

// App returns the app that the user may sign into.
func (a *Admission) App() *para.App { return a.app }

// User returns the user who may sign in.
func (a *Admission) User() *para.Object { return a.user }

// BackupCodes returns the codes of a second factor that was set up on the way, nil when none was. They are shown once.
func (a *Admission) BackupCodes() []string { return a.backupCodes }

// SecondFactorNeeded is the error of a sign-in that has to go on with a second factor.
type SecondFactorNeeded struct {
	Challenge string   // goes back together with the code; "" when there is no code that helps
	Expires   int64    // of the challenge, in milliseconds
	Methods   []string // what helps: MethodCode, MethodBackupCode, MethodPasskey, MethodEnrol
	Secret    string   // of MethodEnrol: the new secret in Base32
	URI       string   // of MethodEnrol: the secret for authenticator apps

	BackupCodes []string // of MethodEnrol: those that will count as soon as the second factor is active
}

// What a second factor can be proved with.
const (
	MethodCode       = "totp"        // a code of the authenticator app
	MethodBackupCode = "backup_code" // a code that was given for the day on which the authenticator app is lost
	MethodPasskey    = "passkey"     // signing in with a passkey instead
	MethodEnrol      = "enrol"       // the first code of the secret that comes with the challenge
)

func (n *SecondFactorNeeded) Error() string {
	switch {
	case n.Secret != "":
		return "A second factor has to be set up first: add the secret to an authenticator app, then send the challenge with a code."
	case n.Challenge != "":
		return "A second factor is needed: send the challenge with a code."
	}
	return "A second factor is needed: sign in with a passkey."
}

// admit lets a user in who has proved who it is by some way, unless it is not active or a second factor has to follow
// (SecondFactorNeeded).
func (s *Service) admit(app *para.App, user *para.Object, way string) (*Admission, error) {
	user, err := active(app, user)
	if err != nil {
		return nil, err
	}
	switch {
	case app.SecondFactor == para.SecondFactorOff:
		return &Admission{app: app, user: user}, nil
	case hasCodes(user):
		if app.ReadOnly { // nothing can be written, so a code could be used again, and guessed for ever
			return nil, readOnly(app)
		}
		return nil, s.challenge(app, user, codeChallenge, way)
	case app.SecondFactor != para.SecondFactorRequired:
		return &Admission{app: app, user: user}, nil
	case hasPasskeys(app, user): // whoever stole the password must not set up a factor of its own
		return nil, &SecondFactorNeeded{Methods: []string{MethodPasskey}}
	case app.ReadOnly:
		return nil, readOnly(app)
	}
	return nil, s.challenge(app, user, enrolChallenge, way)
}

func readOnly(app *para.App) error {
	return para.Errorf(para.Denied, "App is in read-only mode. [%s]", app.ID)
}

// proved says whether a user has what its app requires before it gets a new session for an old one.
func proved(app *para.App, user *para.Object) bool {
	return app.SecondFactor != para.SecondFactorRequired || hasCodes(user) || hasPasskeys(app, user)
}
