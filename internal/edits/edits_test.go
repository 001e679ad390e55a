package edits

import "testing"

func TestDistance(t *testing.T) {
	for _, v := range []struct {
		a, b string
		want int
	}{
		{"", "", 0}, {"a", "", 1}, {"abc", "abc", 0}, {"abc", "abd", 1}, {"abc", "acb", 1}, {"abc", "ab", 1}, {"abc", "xabc", 1},
		{"ca", "abc", 3}, {"kitten", "sitting", 3}, {"тип", "тпи", 1}, {"😀a", "a😀", 1}, {"abcdef", "fedcba", 5},
	} {
		for limit := range 8 {
			want := min(v.want, limit)
			if got := Distance(v.a, v.b, limit); got != want {
				t.Errorf("%q, %q, limit %d: %d, want %d", v.a, v.b, limit, got, want)
			}
			if got := Distance(v.b, v.a, limit); got != want {
				t.Errorf("%q, %q, limit %d: %d, want %d", v.b, v.a, limit, got, want)
			}
		}
	}
}

func BenchmarkDistance(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		Distance("vote_expires_after", "vote_expire_aftre", 3)
	}
}
