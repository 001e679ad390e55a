package analysis

import (
	"sync"
	"unicode/utf8"
)

// class is a set of the properties that word breaks depend on (S 4.2, UAX #29).
type class uint16

const (
	letter    class = 1 << iota // of any script with blanks between words, Hangul too
	hebrew                      // letters that may have a quotation mark between them
	numeric                     // decimal digits
	katakana                    // letters that join each other only
	connector                   // _ and its like: join letters, digits and Katakana
	midLetter                   // join two letters
	midNumber                   // join two digits
	extend                      // combining marks and format characters: stick to what is before them
	asian                       // Thai, Lao, Khmer, Myanmar: runs are one token
	han                         // each is a token
	hiragana                    // each is a token
	emoji                       // pictographs
	modifier                    // skin tones, also extend
	flag                        // regional indicators: two are a token

	word = letter | numeric | katakana | connector
)

type classRange struct {
	first, last rune
	class       class
}

const pageSize = 256

// page holds the classes of the characters that differ only in their last byte.
type page [pageSize]class

// pages expands classRanges for fast look-up when the first character beyond ASCII is met.
var pages = sync.OnceValue(func() *[(utf8.MaxRune + 1) / pageSize]*page {
	all := new([(utf8.MaxRune + 1) / pageSize]*page)
	empty := new(page)
	for i := range all {
		all[i] = empty
	}
	uniform := map[class]*page{} // most pages with ideographs are equal
	for _, r := range classRanges {
		for first := r.first; first <= r.last; {
			n := first / pageSize
			last := min(r.last, (n+1)*pageSize-1)
			if last-first == pageSize-1 {
				if uniform[r.class] == nil {
					uniform[r.class] = new(page)
					for i := range uniform[r.class] {
						uniform[r.class][i] = r.class
					}
				}
				all[n] = uniform[r.class]
				first = last + 1
				continue
			}
			if all[n] == empty {
				all[n] = new(page)
			}
			for c := first; c <= last; c++ {
				all[n][c%pageSize] = r.class
			}
			first = last + 1
		}
	}
	return all
})

// ascii are the classes of the first 128 characters.
var ascii = func() (t [utf8.RuneSelf]class) {
	for _, r := range classRanges {
		for c := r.first; c <= r.last && c < utf8.RuneSelf; c++ {
			t[c] = r.class
		}
	}
	return t
}()

// classAt returns the class of the character at s[i] and its width in bytes. i is less than len(s).
func classAt(s string, i int) (class, int) {
	if c := s[i]; c < utf8.RuneSelf {
		return ascii[c], 1
	}
	r, width := utf8.DecodeRuneInString(s[i:])
	return pages()[r/pageSize][r%pageSize], width
}
