package match

import (
	"math"
	"testing"

	para "github.com/erudika/para-go"
)

// TestDistance has the vectors of S 14.
func TestDistance(t *testing.T) {
	center := para.Point{Lat: 40.60, Lng: -73.90}
	for _, test := range []struct {
		to     para.Point
		metres float64
	}{
		{para.Point{Lat: 40.67, Lng: -73.94}, 8483.99}, {para.Point{Lat: 40.69, Lng: -73.95}, 10860.34}, {center, 0},
		{para.Point{Lat: -40.60, Lng: 106.10}, math.Pi * 6371008.7714}, // the other side of the earth
	} {
		if got := Distance(center, test.to); math.Abs(got-test.metres) > 0.01 {
			t.Errorf("%v is %.3f m away, want %.2f", test.to, got, test.metres)
		}
	}
	if got := Distance(para.Point{Lat: 0, Lng: 179.9}, para.Point{Lat: 0, Lng: -179.9}); math.Abs(got-22239) > 1 {
		t.Errorf("across the date line: %.0f m", got)
	}
}

// TestWithinEdits is about insertions, deletions, substitutions and swaps of neighbours, each one edit (S 11.5).
func TestWithinEdits(t *testing.T) {
	for _, test := range []struct {
		a, b  string
		edits int
	}{
		{"whale", "whale", 0}, {"wahle", "whale", 1}, {"whle", "whale", 1}, {"whalee", "whale", 1}, {"whxle", "whale", 1},
		{"wxyle", "whale", 2}, {"hwael", "whale", 2}, {"hwaelx", "whale", 3}, {"ca", "abc", 3}, {"", "ab", 2}, {"ä", "a", 1}, {"東京", "京東", 1}, {"rian", "rain", 1},
	} {
		for edits := range 4 {
			if got := WithinEdits(test.a, test.b, edits); edits <= 2 && got != (edits >= test.edits) {
				t.Errorf("%q and %q within %d: %v", test.a, test.b, edits, got)
			}
			if edits <= 2 && WithinEdits(test.b, test.a, edits) != WithinEdits(test.a, test.b, edits) {
				t.Errorf("%q and %q within %d are not the same both ways", test.a, test.b, edits)
			}
		}
	}
}
