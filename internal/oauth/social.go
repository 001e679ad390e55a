package oauth

import (
	"context"
	"crypto/md5"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"net/http"
	"slices"
	"strings"

	"github.com/erudika/para-go/internal/signin"
)

// tokens are what a provider answers to a code.
type tokens struct {
	access, refresh, id string

	secret string // of OAuth 1.0a
}

const noName = "No Name"

var errNoID = errors.New("the profile tells no account id")

// profile begins a profile of a provider: the identifier is the prefix and the id of the account.
func (c client) profileOf(id string) (signin.Profile, error) {
	if id == "" || len(id) > 255 || strings.ContainsFunc(id, func(r rune) bool { return r < ' ' || r == 0x7f }) {
		return signin.Profile{}, errNoID
	}
	return signin.Profile{Identifier: c.p.prefix + ":" + id, NewName: noName, KeepPicture: true}, nil
}

// described completes a profile. A picture that the provider does not tell leaves the one of the user as it is.
func described(p signin.Profile, email, domain, name, picture string) signin.Profile {
	p.Email, p.NewEmail, p.Name, p.Picture = email, "@"+domain, name, picture
	p.KeepPicture = picture == ""
	return p
}

// cut returns an address without its query.
func cut(address string) string {
	address, _, _ = strings.Cut(address, "?")
	return address
}

// address returns the e-mail address of a profile, "" when the provider says that it is not verified: then it decides
// nothing (A 6.1).
func address(f fields, name string) string {
	if f.denied("email_verified") {
		return ""
	}
	return f.text(name)
}

// gravatar is the picture of an address at Gravatar, under the name that the address hashes to.
func gravatar(email, query string) string {
	if email == "" {
		return ""
	}
	sum := md5.Sum([]byte(email)) // Gravatar's name for the address; nothing is protected by it
	return "https://www.gravatar.com/avatar/" + hex.EncodeToString(sum[:]) + query
}

func bearer(token string) []string {
	return []string{"Authorization", "Bearer " + token, "Accept", "application/json"}
}

func facebook(ctx context.Context, s *Service, c client, t tokens) (signin.Profile, error) {
	f, err := s.getJSON(ctx, "https://graph.facebook.com/me?fields=name,email,picture.width(400).type(square).height(400)&access_token="+encode(t.access))
	if err != nil {
		return signin.Profile{}, err
	}
	return facebookProfile(c, f.text("id"), f)
}

func facebookClaims(c client, f fields) (signin.Profile, error) {
	return facebookProfile(c, f.text("sub"), f)
}

func facebookProfile(c client, id string, f fields) (signin.Profile, error) {
	p, err := c.profileOf(id)
	if err != nil {
		return p, err
	}
	return described(p, address(f, "email"), "facebook.com", f.text("name"), "https://graph.facebook.com/"+encode(id)+"/picture?width=700&height=700&type=square"), nil
}

func google(ctx context.Context, s *Service, c client, t tokens) (signin.Profile, error) {
	f, err := s.getJSON(ctx, "https://www.googleapis.com/oauth2/v3/userinfo", bearer(t.access)...)
	if err != nil {
		return signin.Profile{}, err
	}
	return googleClaims(c, f)
}

func googleClaims(c client, f fields) (signin.Profile, error) {
	p, err := c.profileOf(f.text("sub"))
	if err != nil {
		return p, err
	}
	return described(p, address(f, "email"), "google.com", f.text("name"), cut(f.text("picture"))), nil
}

func github(ctx context.Context, s *Service, c client, t tokens) (signin.Profile, error) {
	header := []string{"Authorization", "token " + t.access, "Accept", "application/json"}
	f, err := s.getJSON(ctx, "https://api.github.com/user", header...)
	if err != nil {
		return signin.Profile{}, err
	}
	id := f.text("id")
	p, err := c.profileOf(id)
	if err != nil {
		return p, err
	}
	p = described(p, f.text("email"), "github.com", f.text("name"), cut(f.text("avatar_url")))
	if p.Email == "" {
		if p.Email, err = s.githubEmail(ctx, header); err != nil {
			p.NewEmail = id + "@github.com"
		}
	}
	return p, nil
}

// githubEmail returns the primary address of an account, else the last one of the list; addresses that are not verified
// do not count.
func (s *Service) githubEmail(ctx context.Context, header []string) (string, error) {
	r, err := newRequest(ctx, http.MethodGet, "https://api.github.com/user/emails", nil, header...)
	if err != nil {
		return "", err
	}
	res, err := s.do(r)
	if err != nil {
		return "", err
	}
	var list []struct {
		Email    string `json:"email"`
		Primary  bool   `json:"primary"`
		Verified *bool  `json:"verified"`
	}
	if res.status != http.StatusOK || json.Unmarshal(res.body, &list) != nil || len(list) == 0 {
		return "", errors.New("the list of addresses cannot be read")
	}
	email := ""
	for _, e := range list {
		if e.Verified != nil && !*e.Verified {
			continue
		}
		email = strings.TrimSpace(e.Email)
		if e.Primary {
			break
		}
	}
	return email, nil
}

func linkedin(ctx context.Context, s *Service, c client, t tokens) (signin.Profile, error) {
	header := bearer(t.access)
	f, err := s.getJSON(ctx, "https://api.linkedin.com/v2/me?projection=(id,firstName,lastName,profilePicture(displayImage~:playableStreams))", header...)
	var refused *statusError
	if errors.As(err, &refused) && refused.status == http.StatusForbidden { // apps since 2023 may only ask for this
		if f, err = s.getJSON(ctx, "https://api.linkedin.com/v2/userinfo", header...); err == nil {
			return linkedinClaims(c, f)
		}
	}
	if err != nil {
		return signin.Profile{}, err
	}
	p, err := c.profileOf(f.text("id"))
	if err != nil {
		return p, err
	}
	email := ""
	if list, err := s.getJSON(ctx, "https://api.linkedin.com/v2/emailAddress?projection=(elements*(handle~))&q=members", header...); err == nil {
		if elements, _ := list["elements"].([]any); len(elements) > 0 {
			first, _ := elements[0].(map[string]any)
			email = fields(first).object("handle~").text("emailAddress")
		}
	}
	name := strings.TrimSpace(localized(f.object("firstName")) + " " + localized(f.object("lastName")))
	return described(p, email, "linkedin.com", name, linkedinPicture(f)), nil
}

func linkedinClaims(c client, f fields) (signin.Profile, error) {
	p, err := c.profileOf(f.text("sub"))
	if err != nil {
		return p, err
	}
	return described(p, address(f, "email"), "linkedin.com", f.text("name"), f.text("picture")), nil
}

// localized returns a name in its preferred language, else in the first one by name: members of JSON have no order.
func localized(f fields) string {
	values := f.object("localized")
	prefer := f.object("preferredLocale")
	if v := values.text(prefer.text("language") + "_" + prefer.text("country")); v != "" {
		return v
	}
	names := make([]string, 0, len(values))
	for name := range values {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, name := range names {
		if v := values.text(name); v != "" {
			return v
		}
	}
	return ""
}

// linkedinPicture chooses among the sizes of a picture: 400 by 400 points, else the last.
func linkedinPicture(f fields) string {
	var all []string
	collect(f.object("profilePicture")["displayImage~"], "identifier", 0, &all)
	for _, a := range all {
		if strings.Contains(a, "400_400") {
			return a
		}
	}
	if len(all) == 0 {
		return ""
	}
	return all[len(all)-1]
}

const maxDepth = 20 // of what is searched in a profile

// collect gathers the texts of a member wherever it stands below a value.
func collect(v any, name string, depth int, out *[]string) {
	if depth > maxDepth {
		return
	}
	switch v := v.(type) {
	case []any:
		for _, item := range v {
			collect(item, name, depth+1, out)
		}
	case map[string]any:
		if text := textOf(v[name]); text != "" {
			*out = append(*out, text)
		}
		for _, member := range sortedNames(v) {
			collect(v[member], name, depth+1, out)
		}
	}
}

func sortedNames(m map[string]any) []string {
	names := make([]string, 0, len(m))
	for name := range m {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

func microsoft(ctx context.Context, s *Service, c client, t tokens) (signin.Profile, error) {
	f, err := s.getJSON(ctx, "https://graph.microsoft.com/v1.0/me", bearer(t.access)...)
	if err != nil {
		return signin.Profile{}, err
	}
	p, err := c.profileOf(f.text("id"))
	if err != nil {
		return p, err
	}
	mail, principal := f.text("mail"), f.text("userPrincipalName")
	if !strings.Contains(mail, "@") {
		mail = ""
	}
	if !strings.Contains(principal, "@") {
		principal = ""
	}
	email := mail
	if email == "" {
		email = principal
	}
	p = described(p, email, "windowslive.com", f.text("displayName"), gravatar(strings.ToLower(email), "?size=400&d=mm&r=pg"))
	if !c.oneTenant() && mail != "" && !strings.EqualFold(mail, principal) {
		// Whoever runs a tenant can write any address there; only the domain of the principal's name is verified.
		p.Email = ""
		if principal != "" {
			p.NewEmail = principal
		}
	}
	return p, nil
}

// microsoftClaims reads the claims of an ID token. Its address is one that anybody who runs a tenant can choose.
func microsoftClaims(c client, f fields) (signin.Profile, error) {
	p, err := c.profileOf(microsoftID(f.text("oid")))
	if err != nil {
		return p, err
	}
	email := f.text("email")
	p = described(p, email, "windowslive.com", f.text("name"), gravatar(strings.ToLower(email), "?size=400&d=mm&r=pg"))
	if !c.oneTenant() && f.text("xms_edov") != "1" && f["xms_edov"] != true {
		p.Email = ""
	}
	return p, nil
}

// microsoftID is the id that the profile of an object has: of personal accounts the last half of the object's id.
func microsoftID(oid string) string {
	if id, ok := strings.CutPrefix(oid, "00000000-0000-0000-"); ok {
		return strings.ReplaceAll(id, "-", "")
	}
	return oid
}

func slack(ctx context.Context, s *Service, c client, t tokens) (signin.Profile, error) {
	f, err := s.getJSON(ctx, "https://slack.com/api/users.identity", bearer(t.access)...)
	if err != nil {
		return signin.Profile{}, err
	}
	user, team := f.object("user"), f.object("team")
	p, err := slackProfile(c, user.text("id"), team.text("id"), team.text("name"))
	if err != nil {
		if code := errorCode(f); code != "" {
			return p, &statusError{"slack.com", http.StatusOK, code}
		}
		return p, err
	}
	p = described(p, user.text("email"), "slack.com", user.text("name"), cut(user.text("image_512")))
	p.Members = delegated(t.access)
	return p, nil
}

func slackClaims(c client, f fields) (signin.Profile, error) {
	const claim = "https://slack.com/"
	id := f.text(claim + "user_id")
	if id == "" {
		id = f.text("sub")
	}
	p, err := slackProfile(c, id, f.text(claim+"team_id"), f.text(claim+"team_name"))
	if err != nil {
		return p, err
	}
	return described(p, address(f, "email"), "slack.com", f.text("name"), cut(f.text("picture"))), nil
}

// slackProfile makes the identifier of a member of a team. New users get the short form, which later sign-ins find
// (A 7.3).
func slackProfile(c client, id, team, teamName string) (signin.Profile, error) {
	p, err := c.profileOf(id)
	if err != nil {
		return p, err
	}
	short := p.Identifier
	p.NewIdentifier = short
	switch {
	case team == "":
		p.Identifier = short + ":default"
		p.Aliases = []string{short}
	case teamName == "":
		p.Identifier = short + ":" + team
		p.Aliases = []string{short}
	default:
		p.Identifier = short + ":" + team + ":" + base64.StdEncoding.EncodeToString([]byte(teamName))
		p.Aliases = []string{short + ":" + team, short}
	}
	return p, nil
}

func amazon(ctx context.Context, s *Service, c client, t tokens) (signin.Profile, error) {
	f, err := s.getJSON(ctx, "https://api.amazon.com/user/profile", "x-amz-access-token", t.access, "Accept", "application/json")
	if err != nil {
		return signin.Profile{}, err
	}
	p, err := c.profileOf(f.text("user_id"))
	if err != nil {
		return p, err
	}
	email := f.text("email")
	p = described(p, email, "amazon.com", f.text("name"), gravatar(email, "?d=mm&size=400"))
	p.KeepPicture = true
	p.Members = delegated(t.access)
	return p, nil
}

// delegated keeps an access token with the user, in the form of a token whose middle part applications read (A 7.3).
func delegated(access string) map[string]string {
	var text strings.Builder
	e := json.NewEncoder(&text)
	e.SetEscapeHTML(false)
	if e.Encode(map[string]string{"access_token": access}) != nil {
		return nil
	}
	payload := base64.StdEncoding.EncodeToString([]byte(strings.TrimSpace(text.String())))
	return map[string]string{"idpAccessToken": "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9." + payload + ".Ss"}
}
