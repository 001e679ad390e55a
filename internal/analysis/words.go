package analysis

// What the last character of a word was, as far as the next one depends on it.
type last uint8

const (
	nothing last = iota
	afterLetter
	afterHebrew // a letter that a quotation mark may follow
	afterDigit
	afterKatakana
	afterConnector
	afterQuote // a Hebrew letter with one quotation mark, or two with a double one between them: nothing joins it
)

// wordEnd returns the end of the longest word at s[i]: letters, digits and connectors, what joins two letters or two
// digits, or Katakana; i when there is none, as for connectors alone.
func wordEnd(s string, i int) int {
	end, prev, content := i, nothing, false
	for i < len(s) {
		c, width := classAt(s, i)
		next := skip(s, i+width)
		switch {
		case c&letter != 0:
			if prev == afterKatakana {
				return end
			}
			if prev = afterLetter; c&hebrew != 0 {
				prev = afterHebrew
			}
			content = true
		case c&numeric != 0:
			if prev == afterKatakana {
				return end
			}
			prev, content = afterDigit, true
		case c&katakana != 0:
			if prev != nothing && prev != afterConnector && prev != afterKatakana {
				return end
			}
			prev, content = afterKatakana, true
		case c&connector != 0:
			prev = afterConnector
		case prev == afterHebrew && s[i] == '\'':
			prev = afterQuote
		case prev == afterHebrew && s[i] == '"':
			if next = after(s, next, hebrew); next < 0 {
				return end
			}
			prev = afterQuote
		case c&midLetter != 0 && (prev == afterLetter || prev == afterHebrew):
			if next = after(s, next, letter); next < 0 {
				return end
			}
			prev = afterLetter
		case c&midNumber != 0 && prev == afterDigit:
			if next = after(s, next, numeric); next < 0 {
				return end
			}
		default:
			return end
		}
		if i = next; content {
			end = i
		}
	}
	return end
}

// after returns the end of the character at s[i], with its marks, if it is of class c, -1 otherwise.
func after(s string, i int, c class) int {
	if i >= len(s) {
		return -1
	}
	k, width := classAt(s, i)
	if k&c == 0 {
		return -1
	}
	return skip(s, i+width)
}

// asianEnd returns the end of the run of characters at s[i] of scripts that do not separate words.
func asianEnd(s string, i int) int {
	for i < len(s) {
		c, width := classAt(s, i)
		if c&asian == 0 {
			break
		}
		i = skip(s, i+width)
	}
	return i
}
