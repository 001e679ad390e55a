package ldap

import (
	"bufio"
	"errors"
	"net"
	"strings"
	"testing"

	ber "github.com/go-asn1-ber/asn1-ber"
	goldap "github.com/go-ldap/ldap/v3"

	"github.com/erudika/para-go"
)

// conversation is a connection to a server that answers what a test wants: what Active Directory says, and what no sound
// directory says.
type conversation struct {
	conn net.Conn
	in   *bufio.Reader
}

// listen starts a server that calls answer for each connection, and returns its address.
func listen(t *testing.T, answer func(*conversation)) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	go func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			go func() {
				defer conn.Close()
				answer(&conversation{conn: conn, in: bufio.NewReader(conn)})
			}()
		}
	}()
	return "ldap://" + l.Addr().String()
}

// request reads what the client sends: the number of the message and the operation; nil when it has gone.
func (c *conversation) request() (id int64, op *ber.Packet) {
	p, err := ber.ReadPacket(c.in)
	if err != nil || len(p.Children) < 2 {
		return 0, nil
	}
	id, _ = p.Children[0].Value.(int64)
	return id, p.Children[1]
}

func (c *conversation) wait() {
	for {
		if _, op := c.request(); op == nil {
			return
		}
	}
}

func (c *conversation) send(id int64, op *ber.Packet) {
	p := ber.Encode(ber.ClassUniversal, ber.TypeConstructed, ber.TagSequence, nil, "")
	p.AppendChild(ber.NewInteger(ber.ClassUniversal, ber.TypePrimitive, ber.TagInteger, id, ""))
	p.AppendChild(op)
	_, _ = c.conn.Write(p.Bytes())
}

// result answers with a code and a text, and the servers to ask instead.
func (c *conversation) result(id int64, tag ber.Tag, code int64, text string, referrals ...string) {
	op := ber.Encode(ber.ClassApplication, ber.TypeConstructed, tag, nil, "")
	op.AppendChild(ber.NewInteger(ber.ClassUniversal, ber.TypePrimitive, ber.TagEnumerated, code, ""))
	op.AppendChild(octets(""))
	op.AppendChild(octets(text))
	if len(referrals) > 0 {
		list := ber.Encode(ber.ClassContext, ber.TypeConstructed, 3, nil, "")
		for _, r := range referrals {
			list.AppendChild(octets(r))
		}
		op.AppendChild(list)
	}
	c.send(id, op)
}

func (c *conversation) entry(id int64, dn string, attributes map[string][]string) {
	op := ber.Encode(ber.ClassApplication, ber.TypeConstructed, goldap.ApplicationSearchResultEntry, nil, "")
	op.AppendChild(octets(dn))
	list := ber.Encode(ber.ClassUniversal, ber.TypeConstructed, ber.TagSequence, nil, "")
	for name, values := range attributes {
		a := ber.Encode(ber.ClassUniversal, ber.TypeConstructed, ber.TagSequence, nil, "")
		a.AppendChild(octets(name))
		set := ber.Encode(ber.ClassUniversal, ber.TypeConstructed, ber.TagSet, nil, "")
		for _, v := range values {
			set.AppendChild(octets(v))
		}
		a.AppendChild(set)
		list.AppendChild(a)
	}
	op.AppendChild(list)
	c.send(id, op)
}

// identity tells who is bound.
func (c *conversation) identity(id int64, who string) {
	op := ber.Encode(ber.ClassApplication, ber.TypeConstructed, goldap.ApplicationExtendedResponse, nil, "")
	op.AppendChild(ber.NewInteger(ber.ClassUniversal, ber.TypePrimitive, ber.TagEnumerated, int64(0), ""))
	op.AppendChild(octets(""))
	op.AppendChild(octets(""))
	op.AppendChild(ber.NewString(ber.ClassContext, ber.TypePrimitive, 11, who, ""))
	c.send(id, op)
}

func octets(s string) *ber.Packet {
	return ber.NewString(ber.ClassUniversal, ber.TypePrimitive, ber.TagOctetString, s, "")
}

// activeDirectory answers binds with a code, searches with one entry, and who is bound, as Active Directory does.
func activeDirectory(t *testing.T, code int64, text, who string, asked chan<- string) string {
	return listen(t, func(c *conversation) {
		for {
			id, op := c.request()
			if op == nil {
				return
			}
			switch op.Tag {
			case goldap.ApplicationBindRequest:
				asked <- "bind " + op.Children[1].Value.(string)
				c.result(id, goldap.ApplicationBindResponse, code, text)
			case goldap.ApplicationSearchRequest:
				filter, err := goldap.DecompileFilter(op.Children[6])
				if err != nil {
					filter = err.Error()
				}
				asked <- "search " + op.Children[0].Value.(string) + " " + filter
				c.entry(id, "CN=Jane Doe,OU=Staff,DC=corp,DC=example,DC=com", map[string][]string{
					"cn": {"Jane Doe"}, "sAMAccountName": {"jane"}, "displayName": {"Doe, Jane"}, "mail": {"jane@example.com"},
					"memberOf": {"CN=Staff,OU=Groups,DC=corp,DC=example,DC=com", `CN=App\, Admins,OU=Groups,DC=corp,DC=example,DC=com`, "broken"},
				})
				c.result(id, goldap.ApplicationSearchResultDone, 0, "")
			case goldap.ApplicationExtendedRequest:
				if who == "" {
					c.result(id, goldap.ApplicationExtendedResponse, goldap.LDAPResultProtocolError, "unknown operation")
					continue
				}
				c.identity(id, who)
			default:
				return
			}
		}
	})
}

// TestActiveDirectory checks what Active Directory is asked, and what its answers mean (A 11.4).
func TestActiveDirectory(t *testing.T) {
	cases := []struct {
		name    string
		changes map[string]string
		user    string
		bind    string
		search  string
		want    Profile
	}{
		{"domain", map[string]string{"active_directory_domain": "Corp.Example.com", "base_dn": "", "admins_group_node": "CN=App, Admins"}, "jane",
			"bind jane@corp.example.com", "search dc=corp,dc=example,dc=com (&(objectClass=user)(userPrincipalName=jane@corp.example.com))",
			Profile{Identifier: "ldap:jane", Email: "jane@example.com", Name: "Jane Doe", Groups: "admins"}},
		{"name with another domain", map[string]string{"active_directory_domain": "corp.example.com", "base_dn": "", "mods_group_node": "cn=staff"}, "jane@evil.example",
			"bind jane@corp.example.com", "search dc=corp,dc=example,dc=com (&(objectClass=user)(userPrincipalName=jane@corp.example.com))",
			Profile{Identifier: "ldap:jane", Email: "jane@example.com", Name: "Jane Doe", Groups: "mods"}},
		{"no domain, name with one", map[string]string{"ad_mode_enabled": "true", "base_dn": ""}, "jane@corp.example.com",
			"bind jane@corp.example.com", "search dc=corp,dc=example,dc=com (&(objectClass=user)(userPrincipalName=jane@corp.example.com))",
			Profile{Identifier: "ldap:jane@corp.example.com", Email: "jane@example.com", Name: "Jane Doe", Groups: "users"}},
		{"base and filter as configured", map[string]string{"active_directory_domain": "corp.example.com", "base_dn": "OU=Staff,DC=corp", "user_search_filter": "(|(sAMAccountName={1})(userPrincipalName={0}))"}, "jane",
			"bind jane@corp.example.com", "search OU=Staff,DC=corp (|(sAMAccountName=jane)(userPrincipalName=jane@corp.example.com))",
			Profile{Identifier: "ldap:jane", Email: "jane@example.com", Name: "Jane Doe", Groups: "users"}},
		{"name that would change the filter", map[string]string{"active_directory_domain": "corp.example.com", "base_dn": ""}, "jane)(|(cn=*",
			"bind jane)(|(cn=*@corp.example.com", `search dc=corp,dc=example,dc=com (&(objectClass=user)(userPrincipalName=jane\29\28|\28cn=\2a@corp.example.com))`,
			Profile{Identifier: "ldap:jane)(|(cn=*", Email: "jane@example.com", Name: "Jane Doe", Groups: "users"}},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			asked := make(chan string, 8)
			url := activeDirectory(t, 0, "", `u:CORP\jane`, asked)
			p, err := authenticator().Authenticate(t.Context(), "myapp", settings(t, url, c.changes), c.user, "secret")
			if err != nil {
				t.Fatal(err)
			}
			if got := <-asked; got != c.bind {
				t.Errorf("asked %q, want %q", got, c.bind)
			}
			if got := <-asked; got != c.search {
				t.Errorf("asked %q, want %q", got, c.search)
			}
			if p.Identifier != c.want.Identifier || p.Email != c.want.Email || p.Name != c.want.Name || p.Groups != c.want.Groups {
				t.Errorf("got %+v, want %+v", p, c.want)
			}
			if strings.Join(p.MemberOf, "|") != "Staff|App, Admins" {
				t.Errorf("groups %q", p.MemberOf)
			}
		})
	}
}

// TestAnotherUserIsFound refuses the profile of somebody else than the one whose password it is.
func TestAnotherUserIsFound(t *testing.T) {
	for who, ok := range map[string]bool{
		`u:CORP\jane`: true, `u:CORP\JANE`: true, `u:CORP\mallory`: false, "u:mallory": false, "": true, "dn:": true, "x:y": true,
		"dn:cn=jane doe,ou=staff,dc=corp,dc=example,dc=com": true, "dn:cn=mallory,ou=staff,dc=corp,dc=example,dc=com": false,
	} {
		url := activeDirectory(t, 0, "", who, make(chan string, 8))
		_, err := authenticator().Authenticate(t.Context(), "myapp", settings(t, url, map[string]string{"active_directory_domain": "corp.example.com"}), "jane", "secret")
		if (err == nil) != ok {
			t.Errorf("%s: %v", who, err)
		}
	}
}

func TestActiveDirectoryReasons(t *testing.T) {
	for code, want := range map[string]string{
		"52e": textBadCredentials, "525": textBadCredentials, "532": "User credentials have expired", "533": "User is disabled",
		"701": "User account has expired", "775": "User account is locked", "773": textBadCredentials, "": textBadCredentials,
	} {
		text := "80090308: LdapErr: DSID-0C09042A, comment: AcceptSecurityContext error, data " + code + ", v3839"
		url := activeDirectory(t, goldap.LDAPResultInvalidCredentials, text, "", make(chan string, 8))
		_, err := authenticator().Authenticate(t.Context(), "myapp", settings(t, url, map[string]string{"active_directory_domain": "corp.example.com"}), "jane", "wrong")
		var r *Refusal
		if !errors.As(err, &r) || r.Text != want {
			t.Errorf("data %s: %v, want %q", code, err, want)
		}
	}
}

// TestStrangeAnswers checks that what no sound directory says signs nobody in, and ends.
func TestStrangeAnswers(t *testing.T) {
	cases := map[string]func(*conversation){
		"closes at once": func(*conversation) {},
		"speaks HTTP":    func(c *conversation) { _, _ = c.conn.Write([]byte("HTTP/1.1 400 Bad Request\r\n\r\n")) },
		"claims a gigabyte": func(c *conversation) {
			c.request()
			_, _ = c.conn.Write([]byte{0x30, 0x84, 0x40, 0, 0, 0, 2, 1, 1})
			c.wait()
		},
		"nests for ever": func(c *conversation) {
			c.request()
			_, _ = c.conn.Write([]byte(strings.Repeat("\x30\x80", 1<<16)))
		},
		"refers elsewhere": func(c *conversation) {
			for {
				id, op := c.request()
				if op == nil {
					return
				}
				c.result(id, op.Tag+1, goldap.LDAPResultReferral, "", "ldap://127.0.0.1:1/")
			}
		},
		"floods": func(c *conversation) {
			for {
				id, op := c.request()
				if op == nil {
					return
				}
				if op.Tag == goldap.ApplicationBindRequest {
					c.result(id, goldap.ApplicationBindResponse, 0, "")
					continue
				}
				for range 64 {
					c.entry(id, "uid=bob", map[string][]string{"cn": {strings.Repeat("x", 1<<20)}})
				}
			}
		},
		"finds many": func(c *conversation) {
			for {
				id, op := c.request()
				if op == nil {
					return
				}
				if op.Tag == goldap.ApplicationBindRequest {
					c.result(id, goldap.ApplicationBindResponse, 0, "")
					continue
				}
				for range 3 {
					c.entry(id, "uid=bob", nil)
				}
				c.result(id, goldap.ApplicationSearchResultDone, 0, "")
			}
		},
	}
	for name, answer := range cases {
		t.Run(name, func(t *testing.T) {
			if p, err := authenticator().Authenticate(t.Context(), "myapp", settings(t, listen(t, answer), nil), "bob", "bobspassword"); err == nil {
				t.Errorf("signed in as %+v", p)
			}
		})
	}
}

// TestBusy refuses sign-ins beyond the bound instead of letting them wait.
func TestBusy(t *testing.T) {
	arrived, leave := make(chan struct{}), make(chan struct{})
	url := listen(t, func(c *conversation) {
		c.request()
		arrived <- struct{}{}
		<-leave
	})
	a := New(Options{Sessions: 2, PerApp: 1})
	done := make(chan error, 1)
	go func() {
		_, err := a.Authenticate(t.Context(), "myapp", settings(t, url, nil), "bob", "bobspassword")
		done <- err
	}()
	<-arrived
	if _, err := a.Authenticate(t.Context(), "myapp", settings(t, url, nil), "bob", "bobspassword"); para.CodeOf(err) != para.Busy {
		t.Errorf("error %v, want one of code Busy", err)
	}
	go func() {
		_, err := a.Authenticate(t.Context(), "other", settings(t, url, nil), "bob", "bobspassword")
		done <- err
	}()
	<-arrived
	if _, err := a.Authenticate(t.Context(), "third", settings(t, url, nil), "bob", "bobspassword"); para.CodeOf(err) != para.Busy {
		t.Errorf("error %v, want one of code Busy", err)
	}
	close(leave)
	if err := <-done; err == nil {
		t.Error("signed in at a server that hangs up")
	}
	if err := <-done; err == nil {
		t.Error("signed in at a server that hangs up")
	}
}
