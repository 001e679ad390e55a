package analysis

import (
	"strings"
	"unicode/utf8"
)

const (
	joiner     = "\u200D" // joins pictographs to one
	textStyle  = "\uFE0E" // asks for a plain form
	emojiStyle = "\uFE0F" // asks for a coloured form
	keycap     = "\u20E3"
)

// emojiEnd returns the end of the emoji at s[i], with modifiers, joined ones and tags (UTS #51); i when there is none.
func emojiEnd(s string, i int) int {
	end := i
	for first := true; ; first = false {
		for strings.HasPrefix(s[i:], joiner) {
			i += len(joiner)
		}
		if i >= len(s) {
			return end
		}
		c, width := classAt(s, i)
		if c&emoji == 0 && (c&modifier == 0 || first && i > end) {
			return end
		}
		i = skipPlain(s, i+width)
		end = i
		if c&emoji != 0 && strings.HasPrefix(s[i:], emojiStyle) {
			i += len(emojiStyle)
			end = i
			if tagged := tagsEnd(s, i); tagged > i {
				return tagged
			}
			if !strings.HasPrefix(s[i:], joiner) {
				return end
			}
			continue
		}
		if !strings.HasSuffix(s[:i], joiner) {
			return end
		}
	}
}

// skipPlain is skip without the characters that choose a style.
func skipPlain(s string, i int) int {
	for i < len(s) && s[i] >= utf8.RuneSelf && !strings.HasPrefix(s[i:], textStyle) && !strings.HasPrefix(s[i:], emojiStyle) {
		c, width := classAt(s, i)
		if c&extend == 0 {
			break
		}
		i += width
	}
	return i
}

// tagsEnd returns the end of the tags at s[i], which make flags of regions; i when they are not closed.
func tagsEnd(s string, i int) int {
	for j := i; j < len(s); {
		r, width := utf8.DecodeRuneInString(s[j:])
		switch {
		case r == 0xE007F && j > i:
			return j + width
		case r < 0xE0020 || r > 0xE007E:
			return i
		}
		j += width
	}
	return i
}

// keycapEnd returns the end of the keycap sign at s[i], whose base is # or *; digits are words anyway.
func keycapEnd(s string, i int) int {
	if s[i] != '#' && s[i] != '*' {
		return i
	}
	end := skipPlain(s, i+1)
	if strings.HasPrefix(s[end:], emojiStyle+keycap) {
		return skipPlain(s, end+len(emojiStyle+keycap))
	}
	if strings.Contains(s[i:end], keycap) {
		return end
	}
	return i
}

// flagEnd returns the end of the flag at s[i], a pair of regional indicators; i when there is only one.
func flagEnd(s string, i int) int {
	_, width := classAt(s, i)
	if end := after(s, skip(s, i+width), flag); end > 0 {
		return end
	}
	return i
}
