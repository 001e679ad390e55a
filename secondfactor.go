package para

import (
	"encoding/json"
	"strings"
)

// SecondFactor says whether the users of an app prove who they are a second time when they sign in.
type SecondFactor uint8

// What the setting security.second_factor of an app can say.
const (
	SecondFactorOff      SecondFactor = iota // the server does not look at second factors
	SecondFactorOptional                     // users who have one are asked for it
	SecondFactorRequired                     // nobody gets in without one
)

// secondFactor reads the setting security.second_factor. What it does not know is taken for the strictest: a slip of the
// pen must not let anybody in.
func secondFactor(raw json.RawMessage) SecondFactor {
	if len(raw) == 0 {
		return SecondFactorOff
	}
	switch strings.ToLower(strings.Trim(string(raw), "\" \t\r\n")) {
	case "", "off", "false", "null":
		return SecondFactorOff
	case "optional", "on", "true":
		return SecondFactorOptional
	}
	return SecondFactorRequired
}
