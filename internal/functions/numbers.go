package functions

import (
	"math"
	"math/big"
	"strconv"
	"strings"
)

// RoundHalfUp rounds d to scale decimals, ties away from zero, judging the decimal number that d is written as:
// 2.345 becomes 2.35 (O 20.9). scale is kept within 0 and 15.
func RoundHalfUp(d float64, scale int) float64 {
	scale = min(max(scale, 0), 15)
	r, ok := new(big.Rat).SetString(strconv.FormatFloat(d, 'g', -1, 64))
	if !ok { // not a number, or infinite
		return d
	}
	f, err := strconv.ParseFloat(r.FloatString(scale), 64)
	if err != nil {
		return d
	}
	return f
}

// Round returns the integer nearest to d, ties towards positive infinity: 2.5 becomes 3, -2.5 becomes -2 (O 20.9).
func Round(d float64) int64 {
	f := math.Floor(d + 0.5)
	switch {
	case math.IsNaN(f):
		return 0
	case f >= math.MaxInt64:
		return math.MaxInt64
	case f <= math.MinInt64:
		return math.MinInt64
	}
	return int64(f)
}

// FormatPrice writes d with grouped thousands and two decimals: 1234.5 becomes "1,234.50" (O 20.9).
func FormatPrice(d float64) string {
	return formatDecimal(d, 2, 2)
}

// AbbreviateInt writes n with decimals digits after the point and the letter K, M, B or T of the largest power of 1000
// that fits: 1500 becomes "2K" (O 20.9).
func AbbreviateInt(n int64, decimals int) string {
	scale := math.Pow10(min(max(decimals, 0), 15))
	f := float64(n)
	for _, u := range [...]struct {
		letter string
		unit   float64
	}{{"T", 1e12}, {"B", 1e9}, {"M", 1e6}, {"K", 1e3}} {
		if math.Abs(f) >= u.unit {
			return strconv.FormatFloat(math.Round(f/u.unit*scale)/scale, 'f', -1, 64) + u.letter
		}
	}
	return strconv.FormatInt(n, 10)
}

// formatDecimal writes d in English form: grouped, with at least least and at most most decimals, ties to even.
func formatDecimal(d float64, least, most int) string {
	switch {
	case math.IsNaN(d):
		return "NaN"
	case math.IsInf(d, 0):
		return strings.NewReplacer("+Inf", "∞", "-Inf", "-∞").Replace(strconv.FormatFloat(d, 'f', -1, 64))
	}
	s := strconv.FormatFloat(d, 'f', most, 64)
	whole, fraction, _ := strings.Cut(s, ".")
	for len(fraction) > least && fraction[len(fraction)-1] == '0' {
		fraction = fraction[:len(fraction)-1]
	}
	whole = groupDigits(whole)
	if fraction == "" {
		return whole
	}
	return whole + "." + fraction
}

// groupDigits puts a comma before every third digit of an integer, counted from the right.
func groupDigits(s string) string {
	sign := ""
	if strings.HasPrefix(s, "-") {
		sign, s = "-", s[1:]
	}
	if len(s) <= 3 {
		return sign + s
	}
	first := len(s) % 3
	groups := make([]string, 0, len(s)/3+1)
	if first > 0 {
		groups = append(groups, s[:first])
	}
	for ; first < len(s); first += 3 {
		groups = append(groups, s[first:first+3])
	}
	return sign + strings.Join(groups, ",")
}
