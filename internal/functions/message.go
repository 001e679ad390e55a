package functions

import (
	"strconv"
	"strings"
)

// maxMessageIndex bounds the placeholder numbers of FormatMessage.
const maxMessageIndex = 10000

// FormatMessage replaces {0}, {1} … in message by the parameters (O 20.6, D44). Quotes are ordinary characters, a number
// without parameter stays as {n}, nil becomes "null", and numbers are grouped with at most three decimals. A message that
// is no valid pattern ("{", "{a}", "{0,number}" with a text) is returned unchanged.
func FormatMessage(message string, params ...any) string {
	if isBlank(message) {
		return ""
	}
	if strings.IndexByte(message, '{') < 0 {
		return message
	}
	var b strings.Builder
	for rest := message; rest != ""; {
		open := strings.IndexByte(rest, '{')
		if open < 0 {
			b.WriteString(rest)
			break
		}
		b.WriteString(rest[:open])
		end := strings.IndexByte(rest, '}')
		for end >= 0 && end < open {
			next := strings.IndexByte(rest[end+1:], '}')
			if next < 0 {
				return message
			}
			end += next + 1
		}
		if end < 0 {
			return message
		}
		text, ok := messageParameter(rest[open+1:end], params)
		if !ok {
			return message
		}
		b.WriteString(text)
		rest = rest[end+1:]
	}
	return b.String()
}

// messageParameter returns what stands for one placeholder; false when the placeholder is not valid.
func messageParameter(placeholder string, params []any) (string, bool) {
	index, kind, typed := strings.Cut(placeholder, ",")
	n, err := strconv.Atoi(index)
	if err != nil || n < 0 || n >= maxMessageIndex {
		return "", false
	}
	kind = strings.TrimSpace(kind)
	if n >= len(params) {
		if typed && kind != "" && kind != "number" {
			return "", false
		}
		return "{" + strconv.Itoa(n) + "}", true
	}
	text, number := messageText(params[n])
	if typed && kind != "" && (kind != "number" || !number) {
		return "", false
	}
	return text, true
}

// messageText returns the text of a parameter and whether it is a number.
func messageText(v any) (text string, number bool) {
	switch v := v.(type) {
	case nil:
		return "null", false
	case string:
		return v, false
	case int:
		return groupDigits(strconv.Itoa(v)), true
	case int64:
		return groupDigits(strconv.FormatInt(v, 10)), true
	case float64:
		return formatDecimal(v, 0, 3), true
	case bool:
		return strconv.FormatBool(v), false
	case interface{ String() string }:
		return v.String(), false
	}
	return "", false
}
