package functions

import (
	"math"
	"strconv"
	"strings"
)

// Lengths of the units of HumanTime in milliseconds; months have 30 days and years 365 (O 20.7).
const (
	second = 1000
	minute = 60 * second
	hour   = 60 * minute
	day    = 24 * hour
	month  = 30 * day
	year   = 365 * day
)

type timeUnit struct {
	name   string
	length uint64
}

// HumanTime returns the largest unit that fits into ms milliseconds, rounded down, such as "15s" or "2n" (months). The
// sign does not count and 0 gives "" (O 20.7).
func HumanTime(ms int64) string {
	delta := magnitude(ms)
	if delta == 0 {
		return ""
	}
	for _, u := range [...]timeUnit{{"y", year}, {"n", month}, {"d", day}, {"h", hour}, {"m", minute}, {"s", second}} {
		if delta >= u.length {
			return strconv.FormatUint(delta/u.length, 10) + u.name
		}
	}
	return strconv.FormatUint(delta, 10) + "ms"
}

// HumanTimeExactly returns all units of ms milliseconds that are not zero, such as "1 h 30 m"; months are not used. The
// sign does not count and 0 gives "" (O 20.7).
func HumanTimeExactly(ms int64) string {
	delta := magnitude(ms)
	var parts []string
	for _, u := range [...]timeUnit{{"y", year}, {"d", day}, {"h", hour}, {"m", minute}, {"s", second}, {"ms", 1}} {
		if n := delta / u.length; n > 0 {
			parts = append(parts, strconv.FormatUint(n, 10)+" "+u.name)
			delta -= n * u.length
		}
	}
	return strings.Join(parts, " ")
}

// ParseHumanTime adds up the amounts in text such as "2m8d2h4m" and returns milliseconds. Letters count in any case,
// everything that is neither digit nor unit is ignored, a unit without number adds nothing, and sums beyond the range of
// int64 stop at its maximum (O 20.7).
func ParseHumanTime(text string) int64 {
	var total, n uint64
	s := strings.ToLower(text)
	for i := 0; i < len(s); i++ {
		c := s[i]
		if c >= '0' && c <= '9' {
			n = saturatingAdd(saturatingMultiply(n, 10), uint64(c-'0'))
			continue
		}
		var unit uint64
		switch c {
		case 'm':
			unit = minute
			if i+1 < len(s) && s[i+1] == 's' {
				unit = 1
				i++
			}
		case 's':
			unit = second
		case 'h':
			unit = hour
		case 'd':
			unit = day
		case 'y':
			unit = year
		default:
			continue
		}
		total = saturatingAdd(total, saturatingMultiply(n, unit))
		n = 0
	}
	return int64(total)
}

func magnitude(ms int64) uint64 {
	if ms < 0 {
		return uint64(-(ms + 1)) + 1 // -ms would overflow for the smallest number
	}
	return uint64(ms)
}

func saturatingAdd(a, b uint64) uint64 {
	return min(a+b, math.MaxInt64)
}

func saturatingMultiply(a, b uint64) uint64 {
	if b != 0 && a > math.MaxInt64/b {
		return math.MaxInt64
	}
	return a * b
}
