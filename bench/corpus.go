package main

import (
	"bytes"
	"fmt"
	"math/rand/v2"
)

// vocabulary is the number of different words; they follow Zipf's law, as words of people do.
const vocabulary = 20_000

// corpus makes objects of about 50 words, always the same ones for a seed.
type corpus struct {
	rnd  *rand.Rand
	zipf *rand.Zipf
}

func newCorpus(seed uint64) *corpus {
	r := rand.New(rand.NewPCG(seed, 7))
	return &corpus{rnd: r, zipf: rand.NewZipf(r, 1.1, 3, vocabulary-1)}
}

// word names the n-th most frequent word.
func word(n uint64) string {
	const consonants, vowels = "bcdfghjklmnprstvwz", "aeiou"
	var b []byte
	for n++; n > 0; n /= uint64(len(consonants) * len(vowels)) {
		i := n % uint64(len(consonants)*len(vowels))
		b = append(b, consonants[i/uint64(len(vowels))], vowels[i%uint64(len(vowels))])
	}
	return string(b) + "x"
}

// middle is a word of middle frequency: it stands in about one object of a hundred.
func (c *corpus) middle() string { return word(150 + c.rnd.Uint64N(200)) }

// frequent is one of the ten most frequent words.
func (c *corpus) frequent() string { return word(c.rnd.Uint64N(10)) }

func (c *corpus) text(words int) string {
	var b bytes.Buffer
	for i := range words {
		if i > 0 {
			b.WriteByte(' ')
		}
		b.WriteString(word(c.zipf.Uint64()))
	}
	return b.String()
}

// object appends the JSON of an object; with an id when id is not empty.
func (c *corpus) object(b *bytes.Buffer, id string) {
	b.WriteByte('{')
	if id != "" {
		fmt.Fprintf(b, `"id":%q,`, id)
	}
	fmt.Fprintf(b, `"type":"article","name":%q,"tags":["t%d","t%d"],"text":%q,"author":%q,"rank":%d,"price":%d.%02d}`,
		c.text(3), c.rnd.IntN(50), c.rnd.IntN(500), c.text(44), word(c.rnd.Uint64N(500)), c.rnd.IntN(100_000), c.rnd.IntN(1000), c.rnd.IntN(100))
}

// place is a position in an area like a country.
func (c *corpus) place() string {
	return fmt.Sprintf("%.5f,%.5f", 41+3*c.rnd.Float64(), 22+6*c.rnd.Float64())
}

// address appends the JSON of the address of an object.
func (c *corpus) address(b *bytes.Buffer, id, parent string) {
	fmt.Fprintf(b, `{"id":%q,"type":"address","parentid":%q,"address":"1 %s street","city":%q,"country":"BG","latlng":%q}`,
		id, parent, c.text(1), c.text(1), c.place())
}
