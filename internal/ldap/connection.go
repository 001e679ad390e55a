package ldap

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"time"

	ber "github.com/go-asn1-ber/asn1-ber"
	goldap "github.com/go-ldap/ldap/v3"

	"github.com/erudika/para-go/internal/outbound"
)

// Limits of one sign-in at a directory.
const (
	dialTimeout    = 5 * time.Second
	sessionTimeout = 15 * time.Second // from the first byte to the last, whatever is asked
	searchSeconds  = 10               // the directory stops a search by then
	maxAnswer      = 4 << 20          // bytes that a directory may send in one session
	maxDepth       = 32               // nesting of an answer
)

// The decoder of answers has its limits in variables of its package; nothing else in this program uses it.
func init() {
	ber.MaxPacketLengthBytes = maxAnswer
	ber.MaxNestingDepth = maxDepth
}

// errFlood ends a session whose directory sends more than any user's entry can hold.
var errFlood = fmt.Errorf("the directory sent more than %d bytes", maxAnswer)

// boundedConn is a connection that delivers a limited number of bytes.
type boundedConn struct {
	net.Conn
	left int
}

func (c *boundedConn) Read(b []byte) (int, error) {
	if c.left <= 0 {
		return 0, errFlood
	}
	if len(b) > c.left {
		b = b[:c.left]
	}
	n, err := c.Conn.Read(b)
	c.left -= n
	return n, err
}

// connect opens a connection to the first of an app's servers that answers, with TLS where the settings say so. The
// certificate must be valid for the host. The caller closes it.
func (s *Settings) connect(ctx context.Context) (*goldap.Conn, error) {
	var failures []error
	for _, srv := range s.servers {
		conn, err := s.connectTo(ctx, srv)
		if err == nil {
			return conn, nil
		}
		failures = append(failures, fmt.Errorf("%s: %w", srv.address, err))
	}
	return nil, errors.Join(failures...)
}

func (s *Settings) connectTo(ctx context.Context, srv server) (*goldap.Conn, error) {
	conn, err := s.dial(ctx, srv)
	if err != nil {
		return nil, err
	}
	if srv.tls {
		secure := tls.Client(conn, s.tlsConfig(srv))
		if err := handshake(ctx, secure); err != nil {
			conn.Close()
			return nil, err
		}
		conn = secure
	}
	session := goldap.NewConn(conn, srv.tls)
	session.SetTimeout(sessionTimeout)
	session.Start()
	if s.startTLS {
		if err := session.StartTLS(s.tlsConfig(srv)); err != nil {
			_ = session.Close()
			return nil, fmt.Errorf("start TLS: %w", err)
		}
	}
	return session, nil
}

func (s *Settings) dial(ctx context.Context, srv server) (net.Conn, error) {
	conn, err := outbound.Dialer(dialTimeout).DialContext(ctx, "tcp", srv.address)
	if err != nil {
		return nil, err
	}
	deadline := time.Now().Add(sessionTimeout)
	if end, ok := ctx.Deadline(); ok && end.Before(deadline) {
		deadline = end
	}
	if err := conn.SetDeadline(deadline); err != nil {
		conn.Close()
		return nil, err
	}
	return &boundedConn{Conn: conn, left: maxAnswer}, nil
}

func (s *Settings) tlsConfig(srv server) *tls.Config {
	return &tls.Config{ServerName: srv.host, MinVersion: tls.VersionTLS12, RootCAs: s.authorities}
}

func handshake(ctx context.Context, conn *tls.Conn) error {
	ctx, cancel := context.WithTimeout(ctx, dialTimeout)
	defer cancel()
	if err := conn.HandshakeContext(ctx); err != nil {
		return fmt.Errorf("TLS: %w", err)
	}
	return nil
}
