package ldap

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"

	para "github.com/erudika/para-go"
	goldap "github.com/go-ldap/ldap/v3"
)

// Refusal is a sign-in that did not succeed. Text is what browsers may be told (A 9.4, A 11).
type Refusal struct {
	Text  string
	cause error // for logs; nil when the text says all
}

func (r *Refusal) Error() string {
	if r.cause != nil {
		return r.Text + ": " + r.cause.Error()
	}
	return r.Text
}

// Unwrap returns what the directory answered, nil when that says no more than the text.
func (r *Refusal) Unwrap() error { return r.cause }

// Texts of refusals (A 11).
const (
	textBadCredentials = "Bad credentials."
	textNotFound       = "LDAP user not found."
	textNoConnection   = "Connection to LDAP server failed."
	textUnusable       = "LDAP configuration is not usable."
)

// How many sign-ins may talk to directories at the same time. One app has only a part of them, so that a directory that
// hangs keeps nobody out of the other apps.
const (
	defaultSessions = 64
	defaultPerApp   = 16
)

// Options of an Authenticator.
type Options struct {
	Sessions int // sign-ins that may talk to directories at the same time, more are refused; 0: 64
	PerApp   int // of these, for one app; 0: 16

	// Matches says whether a bcrypt hash was made from a password. It is called for the hashes that a directory keeps when
	// passwords are compared, with the bound of processor time that the caller finds right.
	Matches func(ctx context.Context, password, hash string) (bool, error)
}

// Authenticator asks directories whether a password is right. It is safe for concurrent use.
type Authenticator struct {
	opts Options

	mu       sync.Mutex
	sessions map[string]int // that run, by app
	running  int
}

// New makes an authenticator.
func New(opts Options) *Authenticator {
	if opts.Sessions <= 0 {
		opts.Sessions = defaultSessions
	}
	if opts.PerApp <= 0 {
		opts.PerApp = defaultPerApp
	}
	return &Authenticator{opts: opts, sessions: map[string]int{}}
}

// enter begins a session for an app. An error of code Busy when there are too many.
func (a *Authenticator) enter(app string) (leave func(), err error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.running >= a.opts.Sessions || a.sessions[app] >= a.opts.PerApp {
		return nil, para.Errorf(para.Busy, "Too Many Requests")
	}
	a.running++
	a.sessions[app]++
	return func() {
		a.mu.Lock()
		defer a.mu.Unlock()
		a.running--
		if a.sessions[app]--; a.sessions[app] == 0 {
			delete(a.sessions, app)
		}
	}, nil
}

// Authenticate returns the profile of the user that has a name and a password in an app's directory (A 11.3, A 11.4). A
// *Refusal when there is none or the directory cannot be asked, an error of code Busy when too many are being asked.
func (a *Authenticator) Authenticate(ctx context.Context, app string, s *Settings, username, password string) (*Profile, error) {
	username = strings.TrimSpace(username)
	switch {
	case username == "" || strings.TrimSpace(password) == "" || strings.HasPrefix(password, "\x00"):
		return nil, &Refusal{Text: textBadCredentials} // a bind without a password signs nobody in, and succeeds (A 25, 14)
	case !acceptable(username) || len(password) > maxPassword:
		return nil, &Refusal{Text: textBadCredentials}
	}
	leave, err := a.enter(app)
	if err != nil {
		return nil, err
	}
	defer leave()
	ctx, cancel := context.WithTimeout(ctx, sessionTimeout)
	defer cancel()
	conn, err := s.connect(ctx)
	if err != nil {
		return nil, &Refusal{Text: textNoConnection, cause: err}
	}
	defer func() { _ = conn.Close() }()
	defer context.AfterFunc(ctx, func() { _ = conn.Close() })()
	v := visit{ctx: ctx, auth: a, s: s, conn: conn}
	var found *goldap.Entry
	var groups []string
	switch {
	case s.directory:
		if s.domain != "" {
			username, _, _ = strings.Cut(username, "@")
		}
		if username == "" {
			return nil, &Refusal{Text: textBadCredentials}
		}
		found, groups, err = v.activeDirectory(username, password)
	case s.compare:
		found, err = v.comparison(username, password)
	default:
		found, err = v.bind(username, password)
	}
	if err != nil {
		return nil, err
	}
	return s.profile(username, found, groups), nil
}

// visit is one sign-in at a directory.
type visit struct {
	ctx  context.Context
	auth *Authenticator
	s    *Settings
	conn *goldap.Conn
}

// bind finds the user whose name and password open the directory: by the patterns of names, then by a search (A 11.3).
// One text for unknown users and for wrong passwords, so that nobody learns who is in the directory.
func (v *visit) bind(username, password string) (*goldap.Entry, error) {
	for _, p := range v.s.patterns {
		dn := below(expandDN(p, username), v.s.base)
		switch err := v.conn.Bind(dn, password); {
		case err == nil:
			return v.own(dn)
		case !isRefusal(err):
			return nil, broken(err)
		}
	}
	entry, err := v.search(username, username)
	if err != nil {
		return nil, err
	}
	if err := v.isOnly(entry, username); err != nil {
		return nil, err
	}
	switch err := v.conn.Bind(entry.DN, password); {
	case err == nil:
		return v.own(entry.DN)
	case !isRefusal(err):
		return nil, broken(err)
	default:
		return nil, &Refusal{Text: textNotFound, cause: err}
	}
}

// isOnly refuses an entry that the search has found when the name is also that of another entry by the patterns: whoever has
// somebody's name in an attribute that the filter looks at would sign in as that person.
func (v *visit) isOnly(found *goldap.Entry, username string) error {
	for _, p := range v.s.patterns {
		other, err := v.read(below(expandDN(p, username), v.s.base))
		if err != nil {
			return err
		}
		if other != nil && !sameName(other.DN, found.DN) {
			return &Refusal{Text: textNotFound, cause: errors.New("the search filter and the patterns of names find different entries")}
		}
	}
	return nil
}

// sameName says whether two texts are the name of one entry.
func sameName(a, b string) bool {
	x, err := goldap.ParseDN(a)
	if err != nil {
		return false
	}
	y, err := goldap.ParseDN(b)
	return err == nil && x.EqualFold(y)
}

// own reads the entry of the user that has just been bound; as the search account if the user may not read it.
func (v *visit) own(dn string) (*goldap.Entry, error) {
	entry, err := v.read(dn)
	if err != nil || entry != nil {
		return entry, err
	}
	if v.s.bindDN != "" {
		if err := v.asSearcher(); err != nil {
			return nil, err
		}
		if entry, err = v.read(dn); err != nil || entry != nil {
			return entry, err
		}
	}
	return nil, &Refusal{Text: textNotFound, cause: errors.New("the password is right, but the entry cannot be read")}
}

// comparison finds the user and compares the password that the directory keeps (A 11.3).
func (v *visit) comparison(username, password string) (*goldap.Entry, error) {
	if err := v.asSearcher(); err != nil {
		return nil, err
	}
	var entry *goldap.Entry
	for _, p := range v.s.patterns {
		var err error
		if entry, err = v.read(below(expandDN(p, username), v.s.base), v.s.passwordAttr); err != nil {
			return nil, err
		}
		if entry != nil {
			break
		}
	}
	if entry == nil {
		var err error
		if entry, err = v.find(username, username, v.s.passwordAttr); err != nil {
			return nil, err
		}
	}
	ok, err := v.matches(entry, password)
	if err != nil {
		return nil, err
	}
	if !ok {
		return nil, &Refusal{Text: textNotFound}
	}
	return entry, nil
}

// matches compares a password with the ones of an entry, and lets the directory compare when none of them matches.
func (v *visit) matches(entry *goldap.Entry, password string) (bool, error) {
	for _, stored := range entry.GetEqualFoldAttributeValues(v.s.passwordAttr) {
		ok, err := v.auth.matches(v.ctx, password, stored)
		if err != nil || ok {
			return ok, err
		}
	}
	ok, err := v.conn.Compare(entry.DN, v.s.passwordAttr, password)
	if err != nil && !isRefusal(err) {
		return false, broken(err)
	}
	return ok && err == nil, nil
}

// asSearcher binds as the account that searches; anonymously when there is none.
func (v *visit) asSearcher() error {
	if v.s.bindDN == "" {
		if err := v.conn.UnauthenticatedBind(""); err != nil {
			return broken(fmt.Errorf("anonymous bind: %w", err))
		}
		return nil
	}
	if err := v.conn.Bind(v.s.bindDN, v.s.bindPassword); err != nil {
		return broken(fmt.Errorf("bind as %q: %w", v.s.bindDN, err))
	}
	return nil
}

// search finds one user as the account that searches.
func (v *visit) search(zero, one string) (*goldap.Entry, error) {
	if err := v.asSearcher(); err != nil {
		return nil, err
	}
	return v.find(zero, one)
}

// find searches below the search base. Exactly one entry must match.
func (v *visit) find(zero, one string, more ...string) (*goldap.Entry, error) {
	return v.findBelow(below(v.s.searchBase, v.s.base), zero, one, more...)
}

func (v *visit) findBelow(base, zero, one string, more ...string) (*goldap.Entry, error) {
	result, err := v.conn.Search(request(base, goldap.ScopeWholeSubtree, 2, expandFilter(v.s.filter, zero, one), more))
	switch {
	case errors.Is(err, goldap.ErrSizeLimitExceeded), goldap.IsErrorWithCode(err, goldap.LDAPResultSizeLimitExceeded):
		return nil, &Refusal{Text: textNotFound, cause: errors.New("several entries match the search filter")}
	case goldap.IsErrorWithCode(err, goldap.LDAPResultNoSuchObject):
		return nil, &Refusal{Text: textNotFound, cause: fmt.Errorf("the search base %q does not exist", base)}
	case err != nil && isRefusal(err):
		return nil, &Refusal{Text: textNotFound, cause: err}
	case err != nil:
		return nil, broken(fmt.Errorf("search: %w", err))
	case len(result.Entries) == 0:
		return nil, &Refusal{Text: textNotFound}
	case len(result.Entries) > 1:
		return nil, &Refusal{Text: textNotFound, cause: errors.New("several entries match the search filter")}
	}
	return result.Entries[0], nil
}

// read returns an entry, nil when there is none or it may not be read.
func (v *visit) read(dn string, more ...string) (*goldap.Entry, error) {
	result, err := v.conn.Search(request(dn, goldap.ScopeBaseObject, 1, "(objectClass=*)", more))
	switch {
	case err != nil && isRefusal(err):
		return nil, nil
	case err != nil:
		return nil, broken(fmt.Errorf("read the entry: %w", err))
	case len(result.Entries) != 1:
		return nil, nil
	}
	return result.Entries[0], nil
}

// request makes a search of bounded size and time that follows no aliases.
func request(base string, scope, limit int, filter string, more []string) *goldap.SearchRequest {
	attributes := append([]string{"cn", "displayName", "uid", "sn", "mail", "memberOf", "sAMAccountName"}, more...)
	r := goldap.NewSearchRequest(base, scope, goldap.NeverDerefAliases, limit, searchSeconds, false, filter, attributes, nil)
	r.EnforceSizeLimit = true
	return r
}

// isRefusal says whether an answer concerns the question rather than the directory's health.
func isRefusal(err error) bool {
	return goldap.IsErrorAnyOf(err,
		goldap.LDAPResultInvalidCredentials, goldap.LDAPResultNoSuchObject, goldap.LDAPResultInvalidDNSyntax,
		goldap.LDAPResultInappropriateAuthentication, goldap.LDAPResultInsufficientAccessRights, goldap.LDAPResultUnwillingToPerform,
		goldap.LDAPResultNoSuchAttribute, goldap.LDAPResultUndefinedAttributeType, goldap.LDAPResultInvalidAttributeSyntax,
		goldap.LDAPResultInappropriateMatching, goldap.LDAPResultConstraintViolation, goldap.LDAPResultReferral)
}

// broken is the refusal because of a directory that could not answer: the connection, or a rule that the administrator has
// to look at. The browser learns which of the two.
func broken(err error) error {
	if goldap.IsErrorAnyOf(err, goldap.ErrorNetwork, goldap.LDAPResultBusy, goldap.LDAPResultUnavailable, goldap.LDAPResultTimeLimitExceeded) {
		return &Refusal{Text: textNoConnection, cause: err}
	}
	return &Refusal{Text: textUnusable, cause: err}
}
