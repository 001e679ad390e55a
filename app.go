package para

import (
	"encoding/json"
	"fmt"
	"strings"
	"sync"
	"time"
)

// App is a snapshot of an app's record, parsed. It is immutable.
type App struct {
	ID         string // "app:kid"
	Identifier string // "kid"
	Name       string
	Secret     string
	Created    int64 // when the record was made, in milliseconds; tells an app from a later one of the same id

	Active, ReadOnly           bool
	SharingTable, SharingIndex bool
	Root                       bool // the app whose record belongs to itself: it owns the records of all apps

	Datatypes     map[string]string // plural to singular, without the core types
	Settings      map[string]json.RawMessage
	Permissions   Permissions
	Constraints   Constraints
	TokenValidity time.Duration // of user tokens; the setting session_timeout wins; 0 when the default counts (O 8.6)
	SecondFactor  SecondFactor  // the setting security.second_factor
	APIKeys       bool          // the setting security.api_keys
	FieldRules    FieldRules    // the setting security.field_rules, by type; nil for none
	RulesBroken   bool          // the setting cannot be read: nobody whom rules can be about may do anything

	singulars map[string]bool // the values of Datatypes
	grants    *sync.Map       // subject → *grants: Permissions, prepared for IsAllowed when they are first needed
	own       bool            // Permissions limit somebody to its own objects
}

// ParseApp reads an app's record. Members of a wrong form are an error: the app must not be used half read.
func ParseApp(o *Object) (*App, error) {
	a := &App{
		ID:           o.ID(),
		Identifier:   AppIdentifier(o.ID()),
		Name:         o.Name(),
		Secret:       o.Text("secret"),
		Created:      o.Timestamp(),
		Active:       o.Bool("active"),
		ReadOnly:     o.Bool("readOnly"),
		SharingTable: o.Bool("sharingTable"),
		SharingIndex: o.Bool("sharingIndex"),
		Root:         o.AppID() == AppIdentifier(o.ID()),
	}
	for name, dst := range map[string]any{"datatypes": &a.Datatypes, "settings": &a.Settings} {
		if raw, ok := o.Raw(name); ok {
			if err := json.Unmarshal(raw, dst); err != nil {
				return nil, fmt.Errorf("app %s: member %s: %w", a.ID, name, err)
			}
		}
	}
	// What clients wrote in a wrong form counts as empty (O 7.2).
	if raw, ok := o.Raw("resourcePermissions"); ok && json.Unmarshal(raw, &a.Permissions) != nil {
		a.Permissions = nil
	}
	if raw, ok := o.Raw("validationConstraints"); ok && json.Unmarshal(raw, &a.Constraints) != nil {
		a.Constraints = nil
	}
	a.TokenValidity = tokenValidity(o.Int("tokenValiditySec"), a.Settings["session_timeout"])
	a.SecondFactor = secondFactor(a.Settings["security.second_factor"])
	a.singulars = make(map[string]bool, len(a.Datatypes))
	for _, singular := range a.Datatypes {
		a.singulars[singular] = true
	}
	a.grants, a.own = new(sync.Map), a.Permissions.own()
	a.APIKeys = string(a.Settings[SettingAPIKeys]) == "true"
	if len(a.Settings[SettingFieldRules]) > 0 {
		rules, ok := a.fieldRules()
		a.FieldRules, a.RulesBroken = rules, !ok
	}
	return a, nil
}

// maxTokenValidity bounds durations so that they can be added to any time: a century.
const maxTokenValidity = 100 * 365 * 24 * 60 * 60

// tokenValidity is how long user tokens are good: the setting session_timeout if it is a number, without sign and
// fraction, else the stored seconds; 0 when neither says so (O 8.6).
func tokenValidity(stored int64, setting json.RawMessage) time.Duration {
	seconds := stored
	if kindOf(setting) == '0' && len(setting) > 0 {
		seconds, _ = cut(setting)
		if seconds < 0 {
			seconds = -max(seconds, -maxTokenValidity)
		}
	}
	return time.Duration(min(max(seconds, 0), maxTokenValidity)) * time.Second
}

// ResolveType returns the type that a path segment names (O 2.4): a plural that the app or the server knows becomes its
// singular, and so does a segment that is the plural, by the rule of O 2.2, of a type that the app knows (D26). Any other
// segment is the type itself.
func (a *App) ResolveType(segment string) string {
	if t, ok := a.Datatypes[segment]; ok {
		return t
	}
	if t, ok := corePlurals[segment]; ok {
		return t
	}
	if IsCoreType(segment) || a.singulars[segment] || a.singulars[typeName(segment)] {
		return segment
	}
	for _, undo := range [...][2]string{{"s", ""}, {"ies", "y"}, {"es", ""}} {
		if stem, ok := strings.CutSuffix(segment, undo[0]); ok {
			singular := stem + undo[1]
			if a.singulars[typeName(singular)] && Plural(singular) == segment {
				return singular
			}
		}
	}
	return segment
}

// HasType says whether a path segment names a type that the app or the server knows, by its name or its plural.
func (a *App) HasType(segment string) bool {
	return IsCoreType(segment) || a.singulars[segment] || a.ResolveType(segment) != segment || a.Datatypes[segment] != ""
}

// Types returns the map plural → singular of all types of the app (R 11.1).
func (a *App) Types() map[string]string {
	out := make(map[string]string, len(corePlurals)+len(a.Datatypes))
	for k, v := range corePlurals {
		out[k] = v
	}
	for k, v := range a.Datatypes {
		out[k] = v
	}
	return out
}
