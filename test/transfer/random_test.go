package transfer

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"strconv"
	"strings"
)

// source makes random objects in the form of exports.
type source struct{ *rand.Rand }

var letters = []rune("abcXYZ019 _-.:/\\\"'\t\n<>&é日本🙂\u2028")

func (s source) text() string {
	var b strings.Builder
	for range s.IntN(12) {
		b.WriteRune(letters[s.IntN(len(letters))])
	}
	return b.String()
}

func quote(text string) string {
	b, err := json.Marshal(text)
	if err != nil {
		panic(err) // texts always encode
	}
	return string(b)
}

var numbers = []string{"0", "-0", "1", "1.0", "1.10", "1e3", "-1E-7", "12345678901234567890123", "0.1", "9007199254740993"}

// value makes any JSON value that an object can keep: null only inside of arrays.
func (s source) value(depth int) string {
	n := 7
	if depth <= 0 {
		n = 5
	}
	switch s.IntN(n) {
	case 0, 1:
		return quote(s.text())
	case 2:
		return numbers[s.IntN(len(numbers))]
	case 3:
		return strconv.FormatBool(s.IntN(2) == 0)
	case 4:
		return "[]"
	case 5:
		var list []string
		for range s.IntN(4) {
			if s.IntN(5) == 0 {
				list = append(list, "null")
			} else {
				list = append(list, s.value(depth-1))
			}
		}
		return "[" + strings.Join(list, ",") + "]"
	}
	return "{" + strings.Join(s.members(depth-1, "m"), ",") + "}"
}

// members makes members with distinct names.
func (s source) members(depth int, prefix string) []string {
	var out []string
	for i := range s.IntN(4) {
		name := fmt.Sprintf("%s%d%s", prefix, i, s.text())
		out = append(out, quote(name)+":"+s.value(depth))
	}
	return out
}

// object makes an object of any type, and says its id.
func (s source) object(n int) (id string, data json.RawMessage) {
	id = fmt.Sprintf("%d-%s", n, strings.ReplaceAll(s.text(), "/", "_"))
	typ := []string{"cat", "Dog House", "sysprop", "user", "address", "linker", "webhook", "translation", "form", "vote", "tag"}[s.IntN(11)]
	own := []string{}
	add := func(name, value string) { own = append(own, quote(name)+":"+value) }
	switch typ {
	case "user":
		add("identifier", quote(s.text()+"@example.com"))
		add("email", quote(fmt.Sprintf("u%d@example.com", n)))
		add("tokenSecret", quote(s.text()+"secret"))
		add("groups", quote([]string{"users", "admins", "mods"}[s.IntN(3)]))
		add("active", strconv.FormatBool(s.IntN(2) == 0))
		add("twoFAkey", quote(s.text()+"k"))
		add("password", "null")
	case "address":
		add("address", quote(s.text()))
		add("latlng", quote("1.5,2.5"))
	case "linker":
		add("id1", quote(s.text()))
		add("id2", quote(s.text()))
		add("type1", `"cat"`)
		add("type2", `"dog"`)
		add("nstd", `[{"id":"1","type":"cat","name":`+quote(s.text())+`}]`)
	case "webhook":
		add("targetUrl", quote("https://example.com/"+strconv.Itoa(n)))
		add("secret", quote(s.text()+"s"))
		add("active", strconv.FormatBool(s.IntN(2) == 0))
		add("create", "true")
	case "translation":
		add("locale", `"en"`)
		add("thekey", quote(s.text()))
		add("value", quote(s.text()))
	case "form":
		add("captchaSecretKey", quote(s.text()))
		add("notifyEmails", `["a@example.com","b@example.com"]`)
	case "vote":
		id = fmt.Sprintf("vote:%d:%d", n, s.IntN(1000))
		add("value", `"up"`)
	case "tag":
		id = fmt.Sprintf("tag:t-%d", n)
		add("tag", quote(fmt.Sprintf("t-%d", n)))
		add("count", strconv.Itoa(s.IntN(100)))
	}
	add("id", quote(id))
	add("type", quote(typ))
	add("timestamp", strconv.Itoa(1+s.IntN(1<<40)))
	add("name", quote("n"+strconv.Itoa(n)))
	for _, name := range []string{"parentid", "creatorid"} {
		if s.IntN(2) == 0 {
			add(name, quote(s.text()))
		}
	}
	if s.IntN(2) == 0 {
		add("updated", strconv.Itoa(1+s.IntN(1<<40)))
	}
	if typ != "vote" && s.IntN(3) == 0 {
		add("votes", strconv.Itoa(s.IntN(100)-50))
		add("tags", "["+quote(s.text())+`,"b"]`)
	}
	if s.IntN(4) == 0 {
		add("version", strconv.Itoa(s.IntN(9)))
		add([]string{"stored", "indexed", "cached"}[s.IntN(3)], "false")
	}
	if typ == "cat" || typ == "Dog House" || typ == "sysprop" || typ == "webhook" {
		switch s.IntN(5) {
		case 0: // a custom property of that name: flat, as the API has it
			add("properties", quote("x"+s.text()))
			add("p0", s.value(2))
		default:
			add("properties", "{"+strings.Join(s.members(3, "p"), ",")+"}")
		}
	}
	// What the Java server adds: members that are computed, and nulls.
	add("objectURI", quote("/junk"))
	add("plural", quote("junk"))
	add("anything", "null")
	s.Shuffle(len(own), func(i, j int) { own[i], own[j] = own[j], own[i] })
	return id, json.RawMessage("{" + strings.Join(own, ",") + "}")
}
