package signin

import (
	"fmt"
	"testing"
	"time"
)

func TestAttemptLimit(t *testing.T) {
	now := time.Unix(6000, 0)
	l := newAttemptLimit(3, func() time.Time { return now })
	admitted := func(key string, tries int) (n int) {
		for range tries {
			if l.admit(key) {
				n++
			}
		}
		return n
	}
	if a, b := admitted("a", 10), admitted("b", 2); a != 3 || b != 2 {
		t.Errorf("%d of a, %d of b", a, b)
	}
	now = now.Add(59 * time.Second)
	if n := admitted("a", 1); n != 0 {
		t.Error("the minute is not over")
	}
	now = now.Add(31 * time.Second) // half of the first minute still counts
	if n := admitted("a", 9); n != 2 {
		t.Errorf("%d admitted", n)
	}
	now = now.Add(2 * time.Minute)
	if n := admitted("a", 9); n != 3 {
		t.Errorf("after a pause: %d", n)
	}
	now = now.Add(-time.Hour) // a clock that is set back locks nobody out
	if n := admitted("a", 9); n != 3 {
		t.Errorf("after a clock was set back: %d", n)
	}
	if off := newAttemptLimit(0, time.Now); !off.admit("x") || off.current != nil {
		t.Error("no limit takes no memory")
	}
}

// Others are not locked out by a flood of different keys.
func TestAttemptLimitUnderManyKeys(t *testing.T) {
	now := time.Unix(6000, 0)
	l := newAttemptLimit(20, func() time.Time { return now })
	for i := range 50_000 {
		l.admit(fmt.Sprint("flood ", i))
	}
	refused := 0
	for i := range 1000 {
		if !l.admit(fmt.Sprint("user ", i)) {
			refused++
		}
	}
	if refused > 0 {
		t.Errorf("%d of 1000 were refused", refused)
	}
}

func BenchmarkAttemptLimit(b *testing.B) {
	l := newAttemptLimit(1000, time.Now)
	b.ReportAllocs()
	for b.Loop() {
		l.admit("203.0.113.7")
	}
}

// TestNetworkOf: whoever has an IPv6 network, as every connection gets one, has one count and not 2^64.
func TestNetworkOf(t *testing.T) {
	for address, want := range map[string]string{
		"192.0.2.7": "192.0.2.7", "::ffff:192.0.2.7": "192.0.2.7", "2001:db8:1:2::7": "2001:db8:1:2::/64", "2001:db8:1:2:ffff::9": "2001:db8:1:2::/64",
		"2001:db8:1:3::7": "2001:db8:1:3::/64", "fe80::1%eth0": "fe80::/64", "nonsense": "nonsense", "": "",
	} {
		if got := networkOf(address); got != want {
			t.Errorf("%s: %s", address, got)
		}
	}
}
