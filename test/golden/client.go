package golden

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"crypto/sha512"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"hash"
	"io"
	"net"
	"net/http"
	"net/url"
	"regexp"
	"sort"
	"strconv"
	"strings"
	"time"
)

// Client sends recorded requests byte for byte: request targets that an ordinary HTTP client refuses are part of the
// recordings.
type Client struct {
	addr       string // host:port
	rootSecret string
	conn       net.Conn
	reader     *bufio.Reader
}

// NewClient returns a client of the server at addr (host:port) whose root app has the given secret.
func NewClient(addr, rootSecret string) *Client { return &Client{addr: addr, rootSecret: rootSecret} }

// Close closes the connection.
func (c *Client) Close() {
	if c.conn != nil {
		_ = c.conn.Close()
		c.conn = nil
	}
}

type answer struct {
	status  int
	headers http.Header
	data    []byte
}

// send writes one request and reads its answer; a broken connection is tried once more, since servers close idle ones.
func (c *Client) send(method, target string, headers [][2]string, body []byte) (*answer, error) {
	a, err := c.sendOnce(method, target, headers, body)
	if err != nil {
		c.Close()
		a, err = c.sendOnce(method, target, headers, body)
	}
	if err != nil {
		c.Close()
	}
	return a, err
}

func (c *Client) sendOnce(method, target string, headers [][2]string, body []byte) (*answer, error) {
	if c.conn == nil {
		conn, err := (&net.Dialer{Timeout: 5 * time.Second}).DialContext(context.Background(), "tcp", c.addr)
		if err != nil {
			return nil, err
		}
		c.conn, c.reader = conn, bufio.NewReader(conn)
	}
	_ = c.conn.SetDeadline(time.Now().Add(60 * time.Second))
	var b bytes.Buffer
	fmt.Fprintf(&b, "%s %s HTTP/1.1\r\n", method, target)
	host := false
	for _, h := range headers {
		host = host || strings.EqualFold(h[0], "host")
	}
	if !host {
		fmt.Fprintf(&b, "Host: %s\r\n", c.addr)
	}
	for _, h := range headers {
		fmt.Fprintf(&b, "%s: %s\r\n", h[0], h[1])
	}
	if body != nil || method == "POST" || method == "PUT" || method == "PATCH" {
		fmt.Fprintf(&b, "Content-Length: %d\r\n", len(body))
	}
	b.WriteString("\r\n")
	b.Write(body)
	// A server that refuses a request early answers while it is still being written: the answer counts.
	_, writeErr := c.conn.Write(b.Bytes())
	r, err := http.ReadResponse(c.reader, &http.Request{Method: method})
	if err != nil {
		if writeErr != nil {
			return nil, writeErr
		}
		return nil, err
	}
	data, err := io.ReadAll(r.Body)
	_ = r.Body.Close()
	if err != nil {
		return nil, err
	}
	if r.Close || writeErr != nil {
		c.Close()
	}
	if r.Header.Get("Content-Encoding") == "gzip" && len(data) > 0 {
		z, err := gzip.NewReader(bytes.NewReader(data))
		if err != nil {
			return nil, err
		}
		if data, err = io.ReadAll(z); err != nil {
			return nil, err
		}
	}
	return &answer{r.StatusCode, r.Header, data}, nil
}

type keys struct{ access, secret string }

// setup creates the app of a recording.
func (c *Client) setup(app string) (keys, error) {
	path := "/v1/_setup/" + app
	a, err := c.send("GET", path, c.signed(signing{method: "GET", path: path, keys: keys{"app:para", c.rootSecret}}), nil)
	if err != nil {
		return keys{}, err
	}
	var made struct{ AccessKey, SecretKey string }
	if err := json.Unmarshal(a.data, &made); err != nil || made.SecretKey == "" {
		return keys{}, fmt.Errorf("app %s exists already or could not be made: %d %.200s; use an empty server", app, a.status, a.data)
	}
	return keys{made.AccessKey, made.SecretKey}, nil
}

// exchange sends one step.
func (c *Client) exchange(s *Step, vars map[string]string, k keys) (*answer, error) {
	if s.Wait != nil {
		d, err := time.ParseDuration(fmt.Sprint(s.Wait) + "s")
		if err != nil {
			return nil, err
		}
		time.Sleep(d)
	}
	vars["root_secret"], vars["hostport"] = c.rootSecret, c.addr
	for _, m := range s.Make {
		v, err := makeValue(substituteAny(map[string]any(m.Value), vars).(map[string]any))
		if err != nil {
			return nil, err
		}
		vars[m.Name] = v
	}
	path := substitute(s.Path, vars)
	query := substituteQuery(s.Query, vars)
	headers := map[string]string{}
	for name, v := range s.Headers {
		headers[substitute(name, vars)] = substitute(v, vars)
	}
	var body []byte
	switch {
	case s.Body != nil:
		body = []byte(substitute(string(s.Body), vars))
	case s.Text != nil:
		body = []byte(substitute(*s.Text, vars))
	case s.Base64 != nil:
		b, err := base64.StdEncoding.DecodeString(*s.Base64)
		if err != nil {
			return nil, err
		}
		body = b
	}
	if body != nil && headers["Content-Type"] == "" {
		headers["Content-Type"] = "application/json; charset=UTF-8"
	}
	as := "app"
	if s.As != nil {
		as = *s.As
	}
	var auth [][2]string
	plain := signing{method: s.Method, path: path, query: query, body: body, keys: k}
	switch {
	case as == "app":
		auth = c.signed(plain)
	case as == "root":
		plain.keys = keys{"app:para", c.rootSecret}
		auth = c.signed(plain)
	case as == "guest":
		auth = [][2]string{{"Authorization", "Anonymous " + k.access}}
	case strings.HasPrefix(as, "keys:"):
		access, secret, _ := strings.Cut(substitute(as[len("keys:"):], vars), " ")
		plain.keys = keys{access, secret}
		auth = c.signed(plain)
	case strings.HasPrefix(as, "jwt:"):
		auth = [][2]string{{"Authorization", "Bearer " + substitute(as[len("jwt:"):], vars)}}
	case as == "signed":
		auth = c.signed(s.Sign.apply(plain, vars))
	case as != "none":
		return nil, fmt.Errorf("unknown principal %q", as)
	}
	for _, h := range auth {
		headers[h[0]] = h[1]
	}
	if as == "signed" {
		for _, name := range s.Sign.Drop {
			delete(headers, name)
		}
		for name, v := range s.Sign.Then {
			headers[name] = substitute(v, vars)
		}
	}
	target := path
	if len(query) > 0 {
		var q strings.Builder
		for i, p := range query {
			if i > 0 {
				q.WriteByte('&')
			}
			q.WriteString(url.QueryEscape(p[0]) + "=" + url.QueryEscape(p[1]))
		}
		target += "?" + q.String()
	}
	if s.Target != nil {
		target = substitute(*s.Target, vars)
	}
	var list [][2]string
	for name, v := range headers {
		list = append(list, [2]string{name, v})
	}
	sort.Slice(list, func(i, j int) bool { return list[i][0] < list[j][0] })
	return c.send(s.Method, target, list, body)
}

// signing is what a signature covers.
type signing struct {
	method, path    string
	query           [][2]string
	body            []byte
	host            string
	keys            keys
	at              time.Time
	headers         map[string]*string // further signed headers; nil leaves one out
	region, service string
	form            string
}

func (s *signature) apply(p signing, vars map[string]string) signing {
	set := func(dst *string, src *string) {
		if src != nil {
			*dst = substitute(*src, vars)
		}
	}
	set(&p.method, s.Method)
	set(&p.path, s.Path)
	set(&p.host, s.Host)
	set(&p.keys.access, s.Access)
	set(&p.keys.secret, s.Secret)
	set(&p.region, s.Region)
	set(&p.service, s.Service)
	set(&p.form, s.Form)
	if s.Query != nil {
		p.query = substituteQuery(*s.Query, vars)
	}
	if s.Text != nil {
		p.body = []byte(substitute(*s.Text, vars))
	}
	if s.Ahead != nil {
		n, _ := strconv.Atoi(fmt.Sprint(s.Ahead))
		p.at = time.Now().Add(time.Duration(n) * time.Second)
	}
	p.headers = map[string]*string{}
	for name, v := range s.Headers {
		if v == nil {
			p.headers[strings.ToLower(name)] = nil
			continue
		}
		x := substitute(*v, vars)
		p.headers[strings.ToLower(name)] = &x
	}
	return p
}

// signed computes the headers of a signed request (A 3), by the book and independent of the project's own signer.
func (c *Client) signed(s signing) [][2]string {
	def := func(p *string, v string) {
		if *p == "" {
			*p = v
		}
	}
	def(&s.host, c.addr)
	def(&s.region, "us-east-1")
	def(&s.service, "para")
	def(&s.form, "AWS4-HMAC-SHA256 Credential={credential}, SignedHeaders={signed}, Signature={signature}")
	if s.at.IsZero() {
		s.at = time.Now()
	}
	date := s.at.UTC().Format("20060102T150405Z")
	day := date[:8]
	first := map[string]string{}
	var names []string
	for _, p := range s.query {
		if _, ok := first[p[0]]; !ok {
			first[p[0]] = p[1]
			names = append(names, p[0])
		}
	}
	sort.Strings(names)
	var q []string
	for _, n := range names {
		q = append(q, escape(n, "-_.~")+"="+escape(first[n], "-_.~"))
	}
	hs := map[string]*string{"host": &s.host, "x-amz-date": &date}
	for n, v := range s.headers {
		hs[n] = v
	}
	var signed []string
	for n, v := range hs {
		if v != nil {
			signed = append(signed, n)
		}
	}
	sort.Strings(signed)
	lines := []string{s.method, escape(s.path, "/-_.~"), strings.Join(q, "&")}
	for _, n := range signed {
		lines = append(lines, n+":"+*hs[n])
	}
	sum := sha256.Sum256(s.body)
	list := strings.Join(signed, ";")
	lines = append(lines, "", list, hex.EncodeToString(sum[:]))
	creq := sha256.Sum256([]byte(strings.Join(lines, "\n")))
	scope := day + "/" + s.region + "/" + s.service + "/aws4_request"
	toSign := strings.Join([]string{"AWS4-HMAC-SHA256", date, scope, hex.EncodeToString(creq[:])}, "\n")
	key := mac(sha256.New, mac(sha256.New, mac(sha256.New, mac(sha256.New, []byte("AWS4"+s.keys.secret), day), s.region), s.service), "aws4_request")
	sig := hex.EncodeToString(mac(sha256.New, key, toSign))
	header := strings.NewReplacer("{credential}", s.keys.access+"/"+scope, "{signed}", list, "{signature}", sig,
		"{day}", day, "{access}", s.keys.access).Replace(s.form)
	return [][2]string{{"X-Amz-Date", date}, {"Authorization", header}}
}

func mac(h func() hash.Hash, key []byte, text string) []byte {
	m := hmac.New(h, key)
	m.Write([]byte(text))
	return m.Sum(nil)
}

// escape percent-encodes everything but letters, digits and the characters of safe.
func escape(s, safe string) string {
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		c := s[i]
		if c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || strings.IndexByte(safe, c) >= 0 {
			b.WriteByte(c)
		} else {
			fmt.Fprintf(&b, "%%%02X", c)
		}
	}
	return b.String()
}

var variable = regexp.MustCompile(`\$\{(\w+)\}`)

func substitute(s string, vars map[string]string) string {
	if !strings.Contains(s, "${") {
		return s
	}
	return variable.ReplaceAllStringFunc(s, func(m string) string {
		if v, ok := vars[m[2:len(m)-1]]; ok {
			return v
		}
		return m
	})
}

func substituteAny(v any, vars map[string]string) any {
	switch v := v.(type) {
	case string:
		return substitute(v, vars)
	case map[string]any:
		out := make(map[string]any, len(v))
		for k, x := range v {
			out[substitute(k, vars)] = substituteAny(x, vars)
		}
		return out
	case []any:
		out := make([]any, len(v))
		for i, x := range v {
			out[i] = substituteAny(x, vars)
		}
		return out
	}
	return v
}

func substituteQuery(q [][2]any, vars map[string]string) [][2]string {
	out := make([][2]string, 0, len(q))
	for _, p := range q {
		out = append(out, [2]string{substitute(fmt.Sprint(p[0]), vars), substitute(fmt.Sprint(p[1]), vars)})
	}
	return out
}

// makeValue makes a value that depends on the time or on earlier values.
func makeValue(r map[string]any) (string, error) {
	text := func(name string) string {
		if r[name] == nil {
			return ""
		}
		return fmt.Sprint(r[name])
	}
	b64u := base64.RawURLEncoding.EncodeToString
	switch {
	case r["token"] != nil:
		return makeToken(r["token"].(map[string]any))
	case r["repeat"] != nil:
		n, err := strconv.Atoi(text("times"))
		return strings.Repeat(text("repeat"), n), err
	case r["base64"] != nil:
		return base64.StdEncoding.EncodeToString([]byte(text("base64"))), nil
	case r["base64url"] != nil:
		return b64u([]byte(text("base64url"))), nil
	case r["now"] != nil:
		n, _ := strconv.Atoi(text("ahead"))
		t := time.Now().UTC().Add(time.Duration(n) * time.Second)
		return strings.NewReplacer("%Y", t.Format("2006"), "%m", t.Format("01"), "%d", t.Format("02"), "%H", t.Format("15"),
			"%M", t.Format("04"), "%S", t.Format("05")).Replace(text("now")), nil
	case r["mask"] != nil:
		t := []byte(text("mask"))
		out := make([]byte, 2*len(t))
		for i := range t {
			out[i] = byte(i * 7)
			out[len(t)+i] = out[i] ^ t[i]
		}
		return b64u(out), nil
	}
	return "", fmt.Errorf("unknown recipe %v", r)
}

func makeToken(t map[string]any) (string, error) {
	alg := "HS256"
	if a, ok := t["alg"].(string); ok {
		alg = a
	}
	head := map[string]any{"alg": alg}
	if h, ok := t["header"].(map[string]any); ok {
		for k, v := range h {
			head[k] = v
		}
	}
	claims, ok := t["claims"].(string)
	if !ok {
		claims = dump(moments(t["claims"]))
	}
	b64u := base64.RawURLEncoding.EncodeToString
	text := b64u([]byte(dump(head))) + "." + b64u([]byte(claims))
	key, _ := t["key"].(string)
	var sig []byte
	switch alg {
	case "HS256":
		sig = mac(sha256.New, []byte(key), text)
	case "HS384":
		sig = mac(sha512.New384, []byte(key), text)
	case "HS512":
		sig = mac(sha512.New, []byte(key), text)
	}
	return text + "." + b64u(sig), nil
}

var moment = regexp.MustCompile(`^now(ms)?([+-]\d+)?$`)

// moments replaces now, now+60, nowms-5 by numbers, at any depth.
func moments(v any) any {
	switch v := v.(type) {
	case map[string]any:
		out := map[string]any{}
		for k, x := range v {
			out[k] = moments(x)
		}
		return out
	case []any:
		out := make([]any, len(v))
		for i, x := range v {
			out[i] = moments(x)
		}
		return out
	case string:
		m := moment.FindStringSubmatch(v)
		if m == nil {
			return v
		}
		n, _ := strconv.Atoi(m[2])
		t := time.Now().Add(time.Duration(n) * time.Second)
		if m[1] != "" {
			return t.UnixMilli()
		}
		return t.Unix()
	}
	return v
}
