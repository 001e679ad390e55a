package main

import (
	"context"
	"os"

	"github.com/erudika/para-go/internal/diagnose"
	"github.com/erudika/para-go/internal/functions"
	"github.com/erudika/para-go/internal/ldap"
	"github.com/erudika/para-go/internal/saml"
)

// testPassword is the environment variable with the password of the user that a test signs in as. It is no flag: those can
// be read by everybody on the machine.
const testPassword = "PARA_TEST_PASSWORD"

// noSetting stands for a setting that is not there; no setting has this text.
const noSetting = "\x00"

// lookup returns the settings of the app, for the root app also the options of the same names.
func (a authTarget) lookup() func(name string) (string, bool) {
	settings := a.settings()
	return func(name string) (string, bool) {
		v := a.config.Setting(settings, name, noSetting)
		return v, v != noSetting
	}
}

// testLDAP tests the app's directory, and with a user whether that one can sign in.
func testLDAP(ctx context.Context, a authTarget) (map[string]*diagnose.Report, error) {
	password := os.Getenv(testPassword)
	if a.user != "" && password == "" {
		var err error
		if password, err = a.tool.ask(ctx, "Password of "+a.user, "", true); err != nil {
			return nil, err
		}
	}
	check := ldap.New(ldap.Options{Matches: matchesHash}).Check
	return map[string]*diagnose.Report{"ldap": check(ctx, a.lookup(), a.user, password)}, nil
}

// testSAML tests everything of the app's SAML that needs no user.
func testSAML(ctx context.Context, a authTarget) (map[string]*diagnose.Report, error) {
	tenant := saml.Tenant{App: a.app.Identifier, Secret: "of a request that is not sent"}
	return map[string]*diagnose.Report{"saml": saml.New(nil).Check(ctx, tenant, a.lookup())}, nil
}

// matchesHash compares a password with a hash that the directory keeps.
func matchesHash(_ context.Context, password, hash string) (bool, error) {
	return functions.CheckPassword(password, hash), nil
}
