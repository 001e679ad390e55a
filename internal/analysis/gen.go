//go:build ignore

// This program writes classes_table.go from the Unicode tables of the Go version that runs it. It is run by hand, as
// another version of Unicode changes the terms of existing indexes:
//
//	go run gen.go
package main

import (
	"bytes"
	"fmt"
	"go/format"
	"log"
	"os"
	"strings"
	"unicode"
)

// The names of the classes in classes.go, in the order of their bits.
var names = []string{"letter", "hebrew", "numeric", "katakana", "connector", "midLetter", "midNumber", "extend", "asian",
	"han", "hiragana", "emoji", "modifier", "flag"}

type span [2]rune

// What Unicode's properties for word breaks (UAX #29) add to or take from the general categories and scripts.
var (
	moreLetters = []span{{0x2c2, 0x2c5}, {0x2d2, 0x2d7}, {0x2de, 0x2df}, {0x2ed, 0x2ed}, {0x2ef, 0x2ff}, {0x55b, 0x55c},
		{0x55e, 0x55e}, {0x5f3, 0x5f3}, {0xa720, 0xa721}, {0xa789, 0xa78a}, {0xab5b, 0xab5b}}
	moreKatakana   = []span{{0x3031, 0x3035}, {0x309b, 0x309c}, {0x30a0, 0x30a0}, {0x30fc, 0x30fc}, {0xff70, 0xff70}}
	moreNumbers    = []span{{0x66b, 0x66b}}
	moreConnectors = []span{{0x202f, 0x202f}}
	modifiers      = []span{{0x1f3fb, 0x1f3ff}}
	flags          = []span{{0x1f1e6, 0x1f1ff}}

	midLetters = []span{{':', ':'}, {0xb7, 0xb7}, {0x387, 0x387}, {0x5f4, 0x5f4}, {0x2027, 0x2027}, {0xfe13, 0xfe13},
		{0xfe55, 0xfe55}, {0xff1a, 0xff1a}}
	midNumbers = []span{{',', ','}, {';', ';'}, {0x37e, 0x37e}, {0x589, 0x589}, {0x60c, 0x60d}, {0x66c, 0x66c}, {0x7f8, 0x7f8},
		{0x2044, 0x2044}, {0xfe10, 0xfe10}, {0xfe14, 0xfe14}, {0xfe50, 0xfe50}, {0xfe54, 0xfe54}, {0xff0c, 0xff0c}, {0xff1b, 0xff1b}}
	midBoth = []span{{'.', '.'}, {'\'', '\''}, {0x2018, 0x2019}, {0x2024, 0x2024}, {0xfe52, 0xfe52}, {0xff07, 0xff07}, {0xff0e, 0xff0e}}

	// Scripts whose words have no blanks between them (line break class Complex_Context) and their signs.
	asianScripts = []*unicode.RangeTable{unicode.Thai, unicode.Lao, unicode.Myanmar, unicode.Khmer, unicode.Tai_Le,
		unicode.New_Tai_Lue, unicode.Tai_Tham, unicode.Tai_Viet, unicode.Ahom}
	moreAsian = []span{{0x109e, 0x109f}, {0x19da, 0x19da}, {0x19de, 0x19df}, {0x1aa0, 0x1aa6}, {0x1aa8, 0x1aad},
		{0xaa77, 0xaa79}, {0xaade, 0xaadf}, {0x1173a, 0x1173b}, {0x1173f, 0x1173f}}

	// Extended_Pictographic of emoji-data.txt, which package unicode does not have, with the last block still reserved for
	// pictographs as in the reference.
	pictographs = []span{{0xa9, 0xa9}, {0xae, 0xae}, {0x203c, 0x203c}, {0x2049, 0x2049}, {0x2122, 0x2122}, {0x2139, 0x2139},
		{0x2194, 0x2199}, {0x21a9, 0x21aa}, {0x231a, 0x231b}, {0x2328, 0x2328}, {0x2388, 0x2388}, {0x23cf, 0x23cf},
		{0x23e9, 0x23f3}, {0x23f8, 0x23fa}, {0x24c2, 0x24c2}, {0x25aa, 0x25ab}, {0x25b6, 0x25b6}, {0x25c0, 0x25c0},
		{0x25fb, 0x25fe}, {0x2600, 0x2605}, {0x2607, 0x2612}, {0x2614, 0x2685}, {0x2690, 0x2705}, {0x2708, 0x2712},
		{0x2714, 0x2714}, {0x2716, 0x2716}, {0x271d, 0x271d}, {0x2721, 0x2721}, {0x2728, 0x2728}, {0x2733, 0x2734},
		{0x2744, 0x2744}, {0x2747, 0x2747}, {0x274c, 0x274c}, {0x274e, 0x274e}, {0x2753, 0x2755}, {0x2757, 0x2757},
		{0x2763, 0x2767}, {0x2795, 0x2797}, {0x27a1, 0x27a1}, {0x27b0, 0x27b0}, {0x27bf, 0x27bf}, {0x2934, 0x2935},
		{0x2b05, 0x2b07}, {0x2b1b, 0x2b1c}, {0x2b50, 0x2b50}, {0x2b55, 0x2b55}, {0x3030, 0x3030}, {0x303d, 0x303d},
		{0x3297, 0x3297}, {0x3299, 0x3299}, {0x1f000, 0x1f0ff}, {0x1f10d, 0x1f10f}, {0x1f12f, 0x1f12f}, {0x1f16c, 0x1f171},
		{0x1f17e, 0x1f17f}, {0x1f18e, 0x1f18e}, {0x1f191, 0x1f19a}, {0x1f1ad, 0x1f1e5}, {0x1f201, 0x1f20f}, {0x1f21a, 0x1f21a},
		{0x1f22f, 0x1f22f}, {0x1f232, 0x1f23a}, {0x1f23c, 0x1f23f}, {0x1f249, 0x1f3fa}, {0x1f400, 0x1f53d}, {0x1f546, 0x1f64f},
		{0x1f680, 0x1f6ff}, {0x1f774, 0x1f77f}, {0x1f7d5, 0x1f7ff}, {0x1f80c, 0x1f80f}, {0x1f848, 0x1f84f}, {0x1f85a, 0x1f85f},
		{0x1f888, 0x1f88f}, {0x1f8ae, 0x1f8ff}, {0x1f90c, 0x1f93a}, {0x1f93c, 0x1f945}, {0x1f947, 0x1fffd}}
)

func in(r rune, spans []span) bool {
	for _, s := range spans {
		if s[0] <= r && r <= s[1] {
			return true
		}
	}
	return false
}

func extend(r rune) bool {
	const zeroWidthSpace = 0x200b
	return r != zeroWidthSpace && (in(r, modifiers) || unicode.In(r, unicode.M, unicode.Other_Grapheme_Extend, unicode.Cf))
}

func asian(r rune) bool {
	const cryptogrammicDot = 0x1a7f // a mark of Tai Tham that is none of theirs
	return in(r, moreAsian) || r != cryptogrammicDot && unicode.In(r, asianScripts...) && unicode.In(r, unicode.L, unicode.M)
}

func katakana(r rune) bool { return in(r, moreKatakana) || unicode.Is(unicode.Katakana, r) }

func letter(r rune) bool {
	if unicode.In(r, unicode.Ideographic, unicode.Hiragana) || katakana(r) || asian(r) || extend(r) {
		return false
	}
	return in(r, moreLetters) || unicode.In(r, unicode.L, unicode.Nl, unicode.Other_Alphabetic)
}

func classes(r rune) string {
	var c []string
	for _, name := range names {
		var has bool
		switch name {
		case "letter":
			has = letter(r)
		case "hebrew":
			has = letter(r) && unicode.Is(unicode.Hebrew, r) && unicode.Is(unicode.Lo, r)
		case "numeric":
			has = in(r, moreNumbers) || unicode.Is(unicode.Nd, r) && !in(r, pictographs)
		case "katakana":
			has = katakana(r)
		case "connector":
			has = in(r, moreConnectors) || unicode.Is(unicode.Pc, r)
		case "midLetter":
			has = in(r, midLetters) || in(r, midBoth)
		case "midNumber":
			has = in(r, midNumbers) || in(r, midBoth)
		case "extend":
			has = extend(r)
		case "asian":
			has = asian(r)
		case "han":
			has = unicode.Is(unicode.Han, r)
		case "hiragana":
			has = unicode.Is(unicode.Hiragana, r)
		case "emoji":
			has = in(r, pictographs)
		case "modifier":
			has = in(r, modifiers)
		case "flag":
			has = in(r, flags)
		}
		if has {
			c = append(c, name)
		}
	}
	return strings.Join(c, "|")
}

func main() {
	var out bytes.Buffer
	fmt.Fprintf(&out, "// Code generated by gen.go from Unicode %s. DO NOT EDIT.\n\npackage analysis\n\n", unicode.Version)
	out.WriteString("// classRanges are the characters that have a class, in ascending order.\nvar classRanges = [...]classRange{\n")
	column := 0
	for first := rune(0); first <= unicode.MaxRune; {
		last, class := first, classes(first)
		for last < unicode.MaxRune && classes(last+1) == class {
			last++
		}
		if class != "" {
			if column++; column%4 == 1 {
				out.WriteString("\t")
			}
			fmt.Fprintf(&out, "{%#x, %#x, %s},", first, last, class)
			if column%4 == 0 {
				out.WriteString("\n")
			} else {
				out.WriteString(" ")
			}
		}
		first = last + 1
	}
	out.WriteString("\n}\n")
	text, err := format.Source(out.Bytes())
	if err != nil {
		log.Fatal(err)
	}
	if err := os.WriteFile("classes_table.go", text, 0o644); err != nil {
		log.Fatal(err)
	}
}
