package access

import para "github.com/erudika/para-go"

// permits asks the permissions of the app: those of API keys are their own and nobody else's.
func (p Principal) permits(path, method string) bool {
	if p.Kind == Key {
		return p.App.PermitsKey(p.Key.ID, path, method)
	}
	return p.App.Permits(p.Subject(), path, method)
}

// why is permits with the reason.
func (p Principal) why(path, method string) para.Ruling {
	if p.Kind == Key {
		return p.App.WhyKey(p.Key.ID, path, method)
	}
	return p.App.Why(p.Subject(), path, method)
}

// MayVote says whether the principal votes at all: an API key is nobody with an opinion.
func (p Principal) MayVote() error {
	if p.Kind == Key {
		return para.Errorf(para.Denied, "API keys do not vote. [key: %s]", p.Key.ID)
	}
	return nil
}

// ManagesKeys says whether the principal may make, see, change and revoke the API keys of its app. The app has to have
// them switched on.
func (p Principal) ManagesKeys() error {
	switch {
	case !p.Admin():
		return para.Errorf(para.Denied, "API keys are managed by the app and its admins only.")
	case !p.App.APIKeys:
		return para.Errorf(para.NotFound, "This app has no API keys: set its setting %s to true.", para.SettingAPIKeys)
	case p.App.Root:
		return para.Errorf(para.Invalid, "The root app lets in nobody by permission: make the key in another app.")
	}
	return nil
}

// Limited says whether the principal is limited to its own objects when it touches an object (R 12, D81).
func (p Principal) Limited(o *para.Object) bool {
	switch p.Kind {
	case User:
		return p.App.Own("*", o) || p.App.Own(p.User.ID(), o)
	case Key:
		return p.App.Own(p.Key.ID, o)
	case Guest:
		return p.App.Own("*", o)
	}
	return false
}

// keyOff is why no request with an API key gets anywhere.
func (p Principal) keyOff() para.Ruling {
	if !p.App.APIKeys {
		return para.Ruling{Rule: "API keys are switched off in this app.", Change: "Set the setting " + para.SettingAPIKeys + " to true."}
	}
	return para.Ruling{Rule: "The API key is switched off.", Change: "Switch it on: para keys enable " + p.Key.ID}
}
