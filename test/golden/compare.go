package golden

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"math"
	"net/http"
	"regexp"
	"sort"
	"strconv"
	"strings"
	"time"

	"github.com/dlclark/regexp2/v2"
)

// Difference is a step whose answer is not the expected one.
type Difference struct {
	Step  *Step
	Lines []string // what differs, by JSON pointer
}

// String names the step and lists what differs.
func (d Difference) String() string {
	as := "app"
	if d.Step.As != nil {
		as = *d.Step.As
	}
	s := fmt.Sprintf("%s · %s %s as %s", d.Step.Name, d.Step.Method, d.Step.Path, as)
	if d.Step.Why != "" {
		s += " · " + d.Step.Why
	}
	return s + "\n    " + strings.Join(d.Lines, "\n    ")
}

// Replay sends all steps of a recording, in order, and returns those answered differently.
func (c *Client) Replay(f *File) ([]Difference, error) {
	k, err := c.setup(f.App)
	if err != nil {
		return nil, err
	}
	vars := map[string]string{"access": k.access, "secret": k.secret}
	var out []Difference
	for i := range f.Steps {
		s := &f.Steps[i]
		a, err := c.exchange(s, vars, k)
		if err != nil {
			out = append(out, Difference{s, []string{"no answer: " + err.Error()}})
			continue
		}
		save(s, a, vars)
		if lines := compare(s, a, vars); len(lines) > 0 {
			out = append(out, Difference{s, lines})
		}
	}
	return out, nil
}

func compare(s *Step, a *answer, vars map[string]string) []string {
	want := map[string]any{}
	for k, v := range s.Reference {
		want[k] = v
	}
	if _, ok := s.Here["text"]; ok {
		delete(want, "json")
	}
	if _, ok := s.Here["json"]; ok {
		delete(want, "text")
	}
	for k, v := range s.Here {
		want[k] = v
	}
	var out []string
	if st := fmt.Sprint(want["status"]); st != strconv.Itoa(a.status) {
		out = append(out, fmt.Sprintf("status: want %s, got %d %.200q", st, a.status, a.data))
	}
	got, isJSON := decode(a.data)
	if w, ok := want["json"]; ok {
		if !isJSON {
			out = append(out, fmt.Sprintf("body: want JSON %.160s, got %.160q", dump(w), a.data))
		} else {
			w = stripNulls(without(substituteAny(clone(w), vars), s.Ignore))
			got = stripNulls(without(got, s.Ignore))
			out = append(out, differences(sortLists(w, s.Unordered), sortLists(got, s.Unordered), "")...)
		}
	} else if w, ok := want["text"].(string); ok {
		w = substitute(w, vars)
		if strings.HasPrefix(w, "«") {
			out = append(out, differences(w, string(a.data), "")...)
		} else if w != string(a.data) {
			out = append(out, fmt.Sprintf("text: want %.200q, got %.200q", w, a.data))
		}
	}
	headers, _ := want["headers"].(map[string]any)
	for _, h := range s.Check {
		out = append(out, compareHeader(h, headers, a.headers, vars)...)
	}
	tokens, _ := want["jwt"].(map[string]any)
	for p, w := range tokens {
		t, _ := pointer(got, p)
		text, _ := t.(string)
		out = append(out, differences(substituteAny(clone(w), vars), claimsOf(text), "token"+p)...)
	}
	return out
}

var comma = regexp.MustCompile(`\s*,\s*`)

func compareHeader(name string, want map[string]any, got http.Header, vars map[string]string) []string {
	w, wanted := want[name].(string)
	w = substitute(w, vars)
	values := got.Values(name)
	sep := ", "
	if name == "set-cookie" {
		sep = "\n"
	}
	g := strings.Join(values, sep)
	if name == "vary" && len(values) > 1 {
		g = values[len(values)-1] // the recordings keep the last line only
	}
	present := len(values) > 0
	if name == "allow" && wanted && present {
		w, g = set(w), set(g)
	}
	switch {
	case !wanted && !present, wanted && present && w == g, w == "«any»":
		return nil
	case wanted && present && strings.HasPrefix(w, "«") && len(differences(w, g, "")) == 0:
		return nil
	case !wanted:
		return []string{fmt.Sprintf("header %s: want none, got %q", name, g)}
	case !present:
		return []string{fmt.Sprintf("header %s: want %q, got none", name, w)}
	}
	return []string{fmt.Sprintf("header %s: want %q, got %q", name, w, g)}
}

func set(s string) string {
	parts := comma.Split(s, -1)
	sort.Strings(parts)
	return strings.Join(parts, ",")
}

func save(s *Step, a *answer, vars map[string]string) {
	for name, where := range s.Save {
		v := "missing-" + name
		switch {
		case where == "text":
			v = string(a.data)
		case strings.HasPrefix(where, "header:"):
			if a.headers.Get(where[7:]) != "" {
				v = a.headers.Get(where[7:])
			}
		case strings.HasPrefix(where, "cookie:"):
			for _, c := range (&http.Response{Header: a.headers}).Cookies() {
				if c.Name == where[7:] {
					v = c.Value
				}
			}
		default:
			if body, ok := decode(a.data); ok {
				if x, ok := pointer(body, where); ok && x != nil {
					v = fmt.Sprint(x)
				}
			}
		}
		vars[name] = v
	}
}

var event = regexp.MustCompile(`^(id|event|data):`)
var blankLine = regexp.MustCompile(`\r?\n\r?\n`)

// decode returns the JSON of an answer; an event stream becomes a list of events.
func decode(data []byte) (any, bool) {
	if event.Match(data) && strings.Contains(string(data), "data:") {
		if events, ok := decodeEvents(string(data)); ok {
			return events, true
		}
	}
	if len(data) == 0 {
		return nil, false
	}
	v, err := parse(data)
	return v, err == nil
}

func decodeEvents(text string) (any, bool) {
	var events []any
	for _, block := range blankLine.Split(strings.TrimSpace(text), -1) {
		e := map[string]any{}
		for _, line := range strings.Split(strings.ReplaceAll(block, "\r\n", "\n"), "\n") {
			k, v, _ := strings.Cut(line, ":")
			old, _ := e[k].(string)
			e[k] = old + strings.TrimPrefix(v, " ")
		}
		if d, ok := e["data"].(string); ok {
			v, err := parse([]byte(d))
			if err != nil {
				return nil, false
			}
			e["data"] = v
		}
		events = append(events, e)
	}
	return events, true
}

func clone(v any) any { return substituteAny(v, nil) }

func stripNulls(v any) any {
	switch v := v.(type) {
	case map[string]any:
		for k, x := range v {
			if x == nil {
				delete(v, k)
			} else {
				v[k] = stripNulls(x)
			}
		}
	case []any:
		for i, x := range v {
			v[i] = stripNulls(x)
		}
	}
	return v
}

func pointer(v any, p string) (any, bool) {
	for _, part := range strings.Split(p, "/") {
		if part == "" {
			continue
		}
		switch x := v.(type) {
		case map[string]any:
			y, ok := x[part]
			if !ok {
				return nil, false
			}
			v = y
		case []any:
			i, err := strconv.Atoi(part)
			if err != nil || i < 0 || i >= len(x) {
				return nil, false
			}
			v = x[i]
		default:
			return nil, false
		}
	}
	return v, true
}

func without(v any, pointers []string) any {
	for _, p := range pointers {
		i := strings.LastIndexByte(p, '/')
		parent, ok := pointer(v, p[:max(i, 0)])
		if m, isMap := parent.(map[string]any); ok && isMap {
			delete(m, p[i+1:])
		}
	}
	return v
}

func sortLists(v any, pointers []string) any {
	key := func(x any) string {
		if m, ok := x.(map[string]any); ok {
			if id, ok := m["id"]; ok {
				return dump(id)
			}
		}
		return dump(x)
	}
	for _, p := range pointers {
		l, ok := pointer(v, p)
		if list, isList := l.([]any); ok && isList {
			sort.SliceStable(list, func(i, j int) bool { return key(list[i]) < key(list[j]) })
		}
	}
	return v
}

var (
	reJWT    = regexp.MustCompile(`^eyJ[\w-]+\.[\w-]+\.[\w-]*$`)
	reBcrypt = regexp.MustCompile(`^\$2[aby]\$\d\d\$.{53}$`)
	reID     = regexp.MustCompile(`^\d{15,20}$`)
)

// placeholder says whether got fits the placeholder kind.
func placeholder(kind string, got any) bool {
	text, isText := got.(string)
	_, isNumber := got.(json.Number)
	switch kind {
	case "any", "maybe":
		return true
	case "time", "number":
		return isNumber
	case "text":
		return isText && text != ""
	case "id":
		return isText && reID.MatchString(text)
	case "jwt":
		return isText && reJWT.MatchString(text)
	case "bcrypt":
		return isText && reBcrypt.MatchString(text)
	}
	if p, ok := strings.CutPrefix(kind, "re:"); ok && isText {
		re, err := regexp2.Compile(`^(?:`+p+`)$`, regexp2.None) // the recordings use look-ahead
		if err != nil {
			return false
		}
		ok, err := re.MatchString(text)
		return err == nil && ok
	}
	return false
}

func differences(want, got any, at string) []string {
	here := at
	if here == "" {
		here = "/"
	}
	if w, ok := want.(string); ok && strings.HasPrefix(w, "«") && strings.HasSuffix(w, "»") {
		if placeholder(strings.TrimSuffix(strings.TrimPrefix(w, "«"), "»"), got) {
			return nil
		}
		return []string{fmt.Sprintf("%s: want %s, got %.200s", here, w, dump(got))}
	}
	switch w := want.(type) {
	case map[string]any:
		g, ok := got.(map[string]any)
		if !ok {
			break
		}
		var out []string
		for k, x := range w {
			if y, ok := g[k]; ok {
				out = append(out, differences(x, y, at+"/"+k)...)
			} else if x != "«maybe»" {
				out = append(out, fmt.Sprintf("%s/%s: missing (want %.160s)", at, k, dump(x)))
			}
		}
		for k, y := range g {
			if _, ok := w[k]; !ok {
				out = append(out, fmt.Sprintf("%s/%s: unexpected %.160s", at, k, dump(y)))
			}
		}
		sort.Strings(out)
		return out
	case []any:
		g, ok := got.([]any)
		if !ok {
			break
		}
		if len(w) != len(g) {
			return []string{fmt.Sprintf("%s: want %d elements, got %d: want %.200s got %.200s", here, len(w), len(g), dump(w), dump(g))}
		}
		var out []string
		for i := range w {
			out = append(out, differences(w[i], g[i], at+"/"+strconv.Itoa(i))...)
		}
		return out
	default:
		if want == got {
			return nil
		}
	}
	return []string{fmt.Sprintf("%s: want %.200s, got %.200s", here, dump(want), dump(got))}
}

// claimsOf returns header and claims of a token, nil when it is none; times are relative to iat, rounded to 10 seconds.
func claimsOf(token string) any {
	parts := strings.Split(token, ".")
	if len(parts) != 3 {
		return nil
	}
	var read [2]map[string]any
	for i := range read {
		raw, err := base64.RawURLEncoding.DecodeString(strings.TrimRight(parts[i], "="))
		if err != nil {
			return nil
		}
		v, err := parse(raw)
		m, ok := v.(map[string]any)
		if err != nil || !ok {
			return nil
		}
		read[i] = m
	}
	claims := read[1]
	iat, err := strconv.ParseFloat(fmt.Sprint(claims["iat"]), 64)
	if err != nil {
		return nil
	}
	for name, unit := range map[string]float64{"exp": 1, "nbf": 1, "refresh": 1000} {
		if v, ok := claims[name]; ok {
			f, err := strconv.ParseFloat(fmt.Sprint(v), 64)
			if err != nil {
				return nil
			}
			claims[name] = fmt.Sprintf("iat%+d", int(math.RoundToEven((f/unit-iat)/10))*10)
		}
	}
	claims["iat"] = json.Number(strconv.Itoa(int(iat))).String()
	if math.Abs(float64(time.Now().Unix())-iat) < 30 {
		claims["iat"] = "now"
	}
	return map[string]any{"header": read[0], "claims": claims}
}
