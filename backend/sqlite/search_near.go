package sqlite

import (
	"encoding/binary"
	"math"

	"github.com/erudika/para-go"
	"github.com/erudika/para-go/internal/match"
)

// metresPerDegree is a little less than the length of a degree of latitude.
const metresPerDegree = 111_000

// near finds positions within a circle: a band of latitudes from the index, of these what lies between two meridians, then the
// exact distance.
func (e *evaluation) near(f para.Near) (set, error) {
	band := f.Radius/metresPerDegree + 1e-6
	west, east := meridians(f.Center, band)
	s, err := e.c.prepare("SELECT docid, lat, lng FROM points WHERE lat BETWEEN ? AND ? AND lng BETWEEN ? AND ?")
	if err != nil {
		return nil, err
	}
	defer s.reset()
	s.bind(f.Center.Lat-band, f.Center.Lat+band, west, east)
	return s.documents(func() bool {
		return match.Distance(f.Center, para.Point{Lat: s.float(1), Lng: s.float(2)}) <= f.Radius
	})
}

// meridians are the bounds of a circle with a radius in degrees of latitude; all there are when it holds a pole or crosses the
// meridian at which longitudes begin again.
func meridians(center para.Point, radius float64) (west, east float64) {
	const degree = math.Pi / 180
	if math.Abs(center.Lat)+radius < 90 {
		width := math.Asin(math.Min(1, math.Sin(radius*degree)/math.Cos(center.Lat*degree)))/degree + 1e-6
		if west, east = center.Lng-width, center.Lng+width; west >= -180 && east <= 180 {
			return west, east
		}
	}
	return math.Inf(-1), math.Inf(1)
}

// parents finds the objects that matching documents of any type name as their parent.
func (e *evaluation) parents(f para.ParentOf) (set, error) {
	children, err := e.anyType().eval(f.Part)
	if err != nil {
		return nil, err
	}
	seen := map[string]bool{}
	var ids []string
	err = e.lookUp("SELECT type, rows FROM docs WHERE docid=?", children, func(i int, s *stmt) error {
		p := e.all.byName[pathName{e.c.name(s.view(0)), "parentid"}]
		if p == nil {
			return nil
		}
		if p.kinds == kindKeyword {
			if id := keyIn(s.view(1), p.id); len(id) > 0 && !seen[string(id)] {
				seen[string(id)] = true
				ids = append(ids, string(id))
			}
			return nil
		}
		id, err := e.parent(children[i]) // not only texts: what counts as the name of a parent, the object says
		if id != "" {
			ids = append(ids, id)
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	return e.byIDs(ids)
}

// parent reads the parent's id from an object.
func (e *evaluation) parent(docID int64) (string, error) {
	s, err := e.c.prepare("SELECT data FROM objects WHERE docid=?")
	if err != nil {
		return "", err
	}
	defer s.reset()
	s.bindInt64(1, docID)
	row, err := s.step()
	if err != nil || !row {
		return "", err
	}
	o, err := para.DecodeObject(s.blob(0))
	if err != nil {
		return "", nil //nolint:nilerr // what cannot be read has no parent
	}
	return o.ParentID(), nil
}

// keyIn returns the first keyword of a path in what encodeRows made, nil when there is none.
func keyIn(rows []byte, path int64) []byte {
	text := func() []byte {
		n, k := binary.Uvarint(rows)
		if k <= 0 || n > uint64(len(rows)-k) {
			rows = nil
			return nil
		}
		s := rows[k : k+int(n)]
		rows = rows[k+int(n):]
		return s
	}
	for len(rows) > 0 {
		table := rows[0]
		p, k := binary.Uvarint(rows[1:])
		if k <= 0 {
			return nil
		}
		rows = rows[1+k:]
		value := text()
		if table == 'k' && int64(p) == path {
			return value
		}
		if table == 'n' {
			text()
		}
	}
	return nil
}
