package sqlite

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/erudika/para-go"
	"github.com/erudika/para-go/internal/match"
)

// TestMeridians: no position of a circle lies outside its bounds, wherever the circle is.
func TestMeridians(t *testing.T) {
	r := rand.New(rand.NewPCG(7, 8))
	narrow := 0
	for range 20_000 {
		center := para.Point{Lat: r.Float64()*180 - 90, Lng: r.Float64()*360 - 180}
		switch r.IntN(10) {
		case 0:
			center.Lat = 90
		case 1:
			center.Lng = 180
		case 2:
			center = para.Point{}
		}
		radius := math.Pow(10, r.Float64()*7) // up to 10 000 km
		west, east := meridians(center, radius/metresPerDegree+1e-6)
		if east-west < 10 {
			narrow++
		}
		for range 20 {
			reach := radius / metresPerDegree * 2
			p := para.Point{
				Lat: max(-90, min(90, center.Lat+(r.Float64()*2-1)*reach)),
				Lng: math.Remainder(center.Lng+(r.Float64()*2-1)*reach/max(0.01, math.Cos(center.Lat*math.Pi/180)), 360),
			}
			if match.Distance(center, p) <= radius && (p.Lng < west || p.Lng > east) {
				t.Fatalf("%v is within %g m of %v, but not between %g and %g", p, radius, center, west, east)
			}
		}
	}
	if narrow < 5000 {
		t.Errorf("only %d circles are narrow", narrow)
	}
}

func TestKeyIn(t *testing.T) {
	rows := encodeRows([]indexRow{{'k', 3, "a", ""}, {'k', 300, "parent", ""}, {'n', 300, "key", "1"}, {'n', 7, "x", "2"}, {'v', 8, "y", ""}})
	for path, want := range map[int64]string{3: "a", 300: "parent", 7: "", 8: "", 9: ""} {
		if got := keyIn(rows, path); string(got) != want {
			t.Errorf("the keyword of path %d is %q, want %q", path, got, want)
		}
	}
	for n := range rows { // torn ones
		if got := string(keyIn(rows[:n], 9)); got != "" {
			t.Errorf("%q in the first %d bytes", got, n)
		}
	}
}

// BenchmarkNearby looks for objects by the positions of their addresses, one for each ten objects, in an area like a country.
func BenchmarkNearby(b *testing.B) {
	s := benchStore(b)
	fill(b, s, *benchObjects)
	r := rand.New(rand.NewPCG(9, 10))
	place := func() para.Point { return para.Point{Lat: 41 + 3*r.Float64(), Lng: 22 + 6*r.Float64()} }
	for i := 0; i < *benchObjects/10; {
		var ops []para.Op
		for ; len(ops) < 256 && i < *benchObjects/10; i++ {
			p := place()
			ops = append(ops, putting(prepared(b, fmt.Sprintf(`{"id":"place%d","timestamp":%d,"type":"address","appid":"para","parentid":"%d","latlng":"%f,%f","indexed":true,"stored":true}`,
				i, i, 1_000_000_000+i*10, p.Lat, p.Lng))))
		}
		mustApply(b, s, "para", ops...)
	}
	address := para.Term{Scope: para.Scope{Name: "type"}, Text: "address"}
	for _, km := range []float64{1, 10, 100} {
		b.Run(fmt.Sprint(km, "km"), func(b *testing.B) {
			hits := int64(0)
			b.ReportAllocs()
			for b.Loop() {
				near := para.Near{Center: place(), Radius: km * 1000}
				page, err := s.Search(context.Background(), "para", &para.Query{Type: "post", Limit: 30, Sort: []para.SortKey{{Field: "timestamp", Desc: true}},
					Filter: para.And{Parts: []para.Filter{para.ParentOf{Part: para.And{Parts: []para.Filter{address, near}}}}}})
				must(b, err)
				hits += page.Total
			}
			b.ReportMetric(float64(hits)/float64(b.N), "hits")
		})
	}
}
