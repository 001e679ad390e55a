package para

import (
	"encoding/json"
	"fmt"
	"time"
)

// App is a snapshot of an app's record, parsed. It is immutable.
type App struct {
	ID         string // "app:kid"
	Identifier string // "kid"
	Name       string
	Secret     string

	Active, ReadOnly           bool
	SharingTable, SharingIndex bool
	Root                       bool // the app whose record belongs to itself: it owns the records of all apps

	Datatypes     map[string]string // plural to singular, without the core types
	Settings      map[string]json.RawMessage
	Permissions   Permissions
	Constraints   Constraints
	TokenValidity time.Duration // stored; the setting session_timeout wins (O 8.6)
}

// ParseApp reads an app's record. Members of a wrong form are an error: the app must not be used half read.
func ParseApp(o *Object) (*App, error) {
	a := &App{
		ID:            o.ID(),
		Identifier:    AppIdentifier(o.ID()),
		Name:          o.Name(),
		Secret:        o.Text("secret"),
		Active:        o.Bool("active"),
		ReadOnly:      o.Bool("readOnly"),
		SharingTable:  o.Bool("sharingTable"),
		SharingIndex:  o.Bool("sharingIndex"),
		Root:          o.AppID() == AppIdentifier(o.ID()),
		TokenValidity: time.Duration(o.Int("tokenValiditySec")) * time.Second,
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
	return a, nil
}

// ResolveType returns the type that a path segment names (O 2.4, D26): a plural becomes its singular, also when the
// segment's own plural is what the app knows.
func (a *App) ResolveType(segment string) string {
	if t, ok := a.Datatypes[segment]; ok {
		return t
	}
	if t, ok := corePlurals[segment]; ok {
		return t
	}
	if IsCoreType(segment) {
		return segment
	}
	for _, singular := range a.Datatypes {
		if Plural(singular) == segment {
			return singular
		}
	}
	return segment
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
