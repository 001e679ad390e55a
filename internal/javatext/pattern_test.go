package javatext

import (
	"os"
	"strconv"
	"strings"
	"testing"
	"time"
	"unicode/utf8"
)

// moment is the time of the vectors of O 20.8.
var moment = time.UnixMilli(1700000000123).UTC()

func format(t *testing.T, pattern string, at time.Time, l Locale) string {
	t.Helper()
	p, err := ParsePattern(pattern)
	if err != nil {
		t.Fatalf("ParsePattern(%q): %v", pattern, err)
	}
	return p.Format(at, l)
}

func TestFormatVectors(t *testing.T) {
	germany := Locale{"de", "DE"}
	for _, c := range []struct{ pattern, us, de string }{
		{"yyyy-MM-dd", "2023-11-14", "2023-11-14"},
		{"yyyy-MM-dd'T'HH:mm:ss.SSSZZ", "2023-11-14T22:13:20.123Z", "2023-11-14T22:13:20.123Z"},
		{"EEE, d MMM yyyy HH:mm:ss z", "Tue, 14 Nov 2023 22:13:20 UTC", "Di., 14 Nov. 2023 22:13:20 UTC"},
		{"EEEE MMMM", "Tuesday November", "Dienstag November"},
		{"h:mm a", "10:13 PM", "10:13 PM"},
		{"D w W F u k K G", "318 46 3 2 2 22 10 AD", "318 46 3 2 2 22 10 n. Chr."},
		{"YYYYMMdd_HHmmss", "20231114_221320", "20231114_221320"},
		{"yy | X XX XXX Z ZZ", "23 | Z Z Z +0000 Z", "23 | Z Z Z +0000 Z"},
		{"zzzz", "Coordinated Universal Time", "Coordinated Universal Time"},
		{"''yyyy''", "'2023'", "'2023'"},
		{"'it''s' d", "it's 14", "it's 14"},
		{"'open d", "open d", "open d"},
		{"日 d", "日 14", "日 14"},
	} {
		if got := format(t, c.pattern, moment, US); got != c.us {
			t.Errorf("%q in US English = %q, want %q", c.pattern, got, c.us)
		}
		if got := format(t, c.pattern, moment, germany); got != c.de {
			t.Errorf("%q in German = %q, want %q", c.pattern, got, c.de)
		}
	}
}

// TestFormatRecorded compares with the Java platform (CLDR 47), one line each: milliseconds, zone, locale, pattern, text.
func TestFormatRecorded(t *testing.T) {
	data, err := os.ReadFile("testdata/dates.tsv")
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	for line := range strings.Lines(string(data)) {
		f := strings.Split(strings.TrimSuffix(line, "\n"), "\t")
		ms, err := strconv.ParseInt(f[0], 10, 64)
		if err != nil {
			t.Fatal(err)
		}
		zone, err := time.LoadLocation(f[1])
		if err != nil {
			t.Fatal(err)
		}
		if got := format(t, f[3], time.UnixMilli(ms).In(zone), ParseLocale(f[2])); got != f[4] {
			t.Errorf("%s in %q at %s, %s: %q, want %q", f[3], f[2], f[0], f[1], got, f[4])
		}
		n++
	}
	if n < 400 {
		t.Errorf("only %d lines", n)
	}
}

func TestZones(t *testing.T) {
	at := moment.In(time.FixedZone("", -(3*3600 + 30*60)))
	for pattern, want := range map[string]string{
		"X": "-03", "XX": "-0330", "XXX": "-03:30", "Z": "-0330", "ZZ": "-03:30", "z": "GMT-03:30", "zzzz": "GMT-03:30",
	} {
		if got := format(t, pattern, at, US); got != want {
			t.Errorf("%s = %q, want %q", pattern, got, want)
		}
	}
	berlin := moment.In(time.FixedZone("CET", 3600))
	if got := format(t, "z ZZ", berlin, US); got != "CET +01:00" {
		t.Errorf("got %q", got)
	}
	if got := format(t, "yyyy G", time.Date(-4, 1, 1, 0, 0, 0, 0, time.UTC), US); got != "0005 BC" {
		t.Errorf("got %q", got)
	}
}

func TestBadPatterns(t *testing.T) {
	for _, c := range []struct{ pattern, want string }{
		{"b'", `'b' at position 1`}, {"yyyy-n", `'n' at position 6`}, {"XXXX", "one to three"},
		{strings.Repeat("d", 65), "64 at most"}, {strings.Repeat("-", 1025), "longer than 1024"}, {"\xff", "UTF-8"},
	} {
		if _, err := ParsePattern(c.pattern); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("ParsePattern(%.20q) error = %v, want one with %q", c.pattern, err, c.want)
		}
	}
}

func TestParseLocale(t *testing.T) {
	for _, c := range []struct {
		in   string
		want Locale
	}{
		{"en", Locale{"en", ""}}, {"en_US", US}, {"en-US", US}, {"pt_BR", Locale{"pt", "BR"}}, {"de_DE_X", Locale{"de", "DE"}},
		{"_US", Locale{"", "US"}}, {"", Locale{}}, {"english", US}, {"EN_us", US}, {"US", US}, {"_", US}, {"en_", US},
		{"en__POSIX", Locale{"en", ""}}, {"es_419", Locale{"es", "419"}}, {"en_US_", US}, {strings.Repeat("e", 100), US},
		{"fil", Locale{"fil", ""}}, {"x", US},
	} {
		if got := ParseLocale(c.in); got != c.want {
			t.Errorf("ParseLocale(%q) = %v, want %v", c.in, got, c.want)
		}
	}
}

func TestNamesTableIsComplete(t *testing.T) {
	for key := range tableOfNames() {
		if strings.HasPrefix(key, "#") {
			t.Fatalf("comment %q was read as a locale", key)
		}
		language, region, _ := strings.Cut(key, "_")
		n := Locale{language, region}.names()
		for i, c := range []struct {
			list []string
			want int
		}{{n.months, 12}, {n.shortMonths, 12}, {n.days, 7}, {n.shortDays, 7}, {n.halves, 2}, {n.eras, 2}} {
			if len(c.list) != c.want {
				t.Errorf("%s: column %d has %d names", key, i, len(c.list))
			}
		}
	}
}

func FuzzPattern(f *testing.F) {
	for _, s := range []string{"yyyy-MM-dd'T'HH:mm:ss.SSSZZ", "b'", "'", "''", "XXXX", "D w W F u k K G"} {
		f.Add(s, "de_DE", int64(1700000000123))
	}
	f.Fuzz(func(t *testing.T, pattern, locale string, ms int64) {
		p, err := ParsePattern(pattern)
		if err != nil {
			return
		}
		out := p.Format(time.UnixMilli(ms).UTC(), ParseLocale(locale))
		if !utf8.ValidString(out) {
			t.Errorf("%q gives invalid UTF-8 %q", pattern, out)
		}
	})
}

func BenchmarkFormat(b *testing.B) {
	b.ReportAllocs()
	p, err := ParsePattern("EEE, d MMM yyyy HH:mm:ss z")
	if err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		p.Format(moment, US)
	}
}
