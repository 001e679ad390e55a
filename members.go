package para

import "slices"

// member is a name with the JSON text of its value.
type member struct {
	name string
	raw  []byte
}

// fewMembers is up to where walking the list beats a map.
const fewMembers = 32

// members is a list of members with distinct names that stays quick with any number of them.
type members struct {
	list   []member
	places map[string]int // name → place in list; nil while there are few
}

// newMembers takes a list; of equal names the last value counts, at the place of the first.
func newMembers(list []member) members {
	m := members{list: list[:0]}
	for _, x := range list {
		m.set(x.name, x.raw)
	}
	return m
}

func (m *members) index(name string) int {
	if m.places != nil {
		if i, ok := m.places[name]; ok {
			return i
		}
		return -1
	}
	for i := range m.list {
		if m.list[i].name == name {
			return i
		}
	}
	return -1
}

func (m *members) get(name string) ([]byte, bool) {
	if i := m.index(name); i >= 0 {
		return m.list[i].raw, true
	}
	return nil, false
}

func (m *members) set(name string, raw []byte) {
	if i := m.index(name); i >= 0 {
		m.list[i].raw = raw
		return
	}
	m.list = append(m.list, member{name, raw})
	if m.places != nil {
		m.places[name] = len(m.list) - 1
	} else if len(m.list) > fewMembers {
		m.place()
	}
}

// place makes the map anew.
func (m *members) place() {
	m.places = nil
	if len(m.list) <= fewMembers {
		return
	}
	places := make(map[string]int, len(m.list))
	for i := range m.list {
		places[m.list[i].name] = i
	}
	m.places = places
}

func (m *members) remove(name string) {
	if i := m.index(name); i >= 0 {
		m.list = slices.Delete(m.list, i, i+1)
		m.place()
	}
}

// keep drops the members for which wanted is false.
func (m *members) keep(wanted func(member) bool) {
	n := len(m.list)
	if m.list = slices.DeleteFunc(m.list, func(x member) bool { return !wanted(x) }); len(m.list) != n {
		m.place()
	}
}

func (m *members) clone() members {
	c := members{list: slices.Clone(m.list)}
	c.place()
	return c
}
