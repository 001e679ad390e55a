package hocon

import (
	"slices"
	"strings"
)

// resolver turns nodes into values. A reference to a value that is being worked out sees only what was assigned before
// it, which makes self references work and cycles end (C 2.1, rule 12).
type resolver struct {
	root   *objectNode
	opts   Options
	active map[*cell][]int // indexes into the stacks that are being worked out
	depth  int
	steps  int
	bytes  int
}

func (r *resolver) spend(pos Position, text int) error {
	r.steps++
	r.bytes += text
	if r.steps > maxSteps || r.bytes > maxExpanded {
		return fail(pos, "use fewer substitutions of large values", "substitutions expand to more than the limit")
	}
	return nil
}

// visible returns how much of a stack may be seen now.
func (r *resolver) visible(c *cell) int {
	n := len(c.stack)
	for _, i := range r.active[c] {
		n = min(n, i)
	}
	return n
}

// cell works out stack[:n] of c; nil means undefined.
func (r *resolver) cell(c *cell, n int) (*Value, error) {
	for i := n - 1; i >= 0; i-- {
		v, err := r.entry(c, i)
		if err != nil {
			return nil, err
		}
		if v == nil {
			continue
		}
		if i == 0 {
			return v, nil
		}
		if v.kind != Map {
			v.hidden = r.hiddenObject(c, i)
			return v, nil
		}
		below, err := r.cell(c, i)
		if err != nil {
			return nil, err
		}
		return mergeValues(below, v), nil
	}
	return nil, nil
}

// hiddenObject finds the object that a scalar replaced. What fails to resolve there does not count.
func (r *resolver) hiddenObject(c *cell, n int) *Value {
	for i := n - 1; i >= 0; i-- {
		if c.stack[i].kind != objectKind {
			continue
		}
		v, err := r.entry(c, i)
		if err != nil {
			return nil
		}
		return v
	}
	return nil
}

func (r *resolver) entry(c *cell, i int) (*Value, error) {
	r.active[c] = append(r.active[c], i)
	r.depth++
	v, err := r.node(c.stack[i], c, i)
	r.depth--
	if a := r.active[c]; len(a) > 1 {
		r.active[c] = a[:len(a)-1]
	} else {
		delete(r.active, c)
	}
	return v, err
}

func (r *resolver) node(n *node, c *cell, i int) (*Value, error) {
	if r.depth > 2*maxNesting {
		return nil, fail(n.pos, "", "substitutions are nested deeper than %d levels", 2*maxNesting)
	}
	if err := r.spend(n.pos, 0); err != nil {
		return nil, err
	}
	switch n.kind {
	case scalarNode:
		return &Value{kind: n.scalar, raw: n.text, pos: n.pos}, nil
	case listNode:
		return r.listValue(n)
	case objectKind:
		return r.objectValue(n)
	case substitutionNode:
		return r.substitution(n)
	case concatNode:
		return r.concat(n)
	}
	return r.appended(n, c, i)
}

func (r *resolver) listValue(n *node) (*Value, error) {
	list := &Value{kind: List, pos: n.pos}
	for _, item := range n.items {
		v, err := r.item(item)
		if err != nil {
			return nil, err
		}
		if v != nil {
			list.items = append(list.items, v)
		}
	}
	return list, nil
}

// item works out a node that is not in a stack by itself: an element of a list or a part of a concatenation.
func (r *resolver) item(n *node) (*Value, error) {
	r.depth++
	defer func() { r.depth-- }()
	return r.node(n, nil, 0)
}

func (r *resolver) objectValue(n *node) (*Value, error) {
	o := newObject()
	for _, key := range n.object.keys {
		c := n.object.cells[key]
		v, err := r.cell(c, r.visible(c))
		if err != nil {
			return nil, err
		}
		if v != nil {
			o.set(key, v)
		}
	}
	return &Value{kind: Map, object: o, pos: n.pos}, nil
}

// appended works out a run of "+=" assignments together with the value they start from.
func (r *resolver) appended(n *node, c *cell, i int) (*Value, error) {
	first := i
	for first > 0 && c.stack[first-1].kind == appendNode {
		first--
	}
	before, err := r.cell(c, first)
	if err != nil {
		return nil, err
	}
	list := &Value{kind: List, pos: n.pos}
	if before != nil && before.kind != Null {
		if before.kind != List {
			return nil, fail(n.pos, "use = to replace it", "+= appends to a list, but the value so far is a %s", before.kind)
		}
		list.items = slices.Clone(before.items)
		if err := r.spend(n.pos, 8*len(list.items)); err != nil {
			return nil, err
		}
	}
	for _, added := range c.stack[first : i+1] {
		v, err := r.item(added.items[0])
		if err != nil {
			return nil, err
		}
		if v != nil {
			list.items = append(list.items, v)
		}
	}
	return list, nil
}

// substitution looks for a value among the overrides, in the source, in the fallback and in the environment.
func (r *resolver) substitution(n *node) (*Value, error) {
	name := JoinPath(n.path)
	paths := [][]string{n.path}
	if len(n.prefix) > 0 {
		paths = [][]string{append(slices.Clone(n.prefix), n.path...), n.path}
	}
	for _, path := range paths {
		if text, ok := r.opts.Overrides[strings.Join(path, ".")]; ok {
			return &Value{kind: String, raw: text, pos: n.pos}, nil
		}
		v, err := r.lookup(r.root, path)
		if err != nil {
			return nil, err
		}
		if v != nil {
			found := *v
			found.pos = n.pos // people look for a value where its key is assigned
			found.hidden = nil
			return &found, nil
		}
	}
	if r.opts.Fallback != nil {
		if v := r.opts.Fallback.get(n.path); v != nil {
			found := *v
			return &found, nil
		}
	}
	if r.opts.Env != nil {
		if text, ok := r.opts.Env(strings.Join(n.path, ".")); ok {
			return &Value{kind: String, raw: text, pos: n.pos}, nil
		}
	}
	if n.optional || r.opts.AllowUnresolved {
		return nil, nil
	}
	return nil, fail(n.pos, "define it, or write ${?"+name+"} if it may be missing",
		"substitution ${%s} has no value: it is neither defined before this in the configuration nor in the environment", name)
}

// lookup follows a path through the source, working out no more than needed, so that values that refer to their
// neighbours do not count as cycles.
func (r *resolver) lookup(o *objectNode, path []string) (*Value, error) {
	c := o.cells[path[0]]
	if c == nil {
		return nil, nil
	}
	rest := path[1:]
	if len(rest) == 0 {
		return r.cell(c, r.visible(c))
	}
	var upper *Value
	for i := len(c.stack) - 1; i >= 0; i-- {
		v, hides, err := r.lookupEntry(c, i, rest)
		if err != nil {
			return nil, err
		}
		if v != nil {
			upper = mergeValues(v, upper)
		}
		if hides || upper != nil && upper.kind != Map {
			break
		}
	}
	return upper, nil
}

// lookupEntry follows path into one entry of a stack; hides means that earlier entries do not count.
func (r *resolver) lookupEntry(c *cell, i int, path []string) (v *Value, hides bool, err error) {
	n := c.stack[i]
	if err := r.spend(n.pos, 0); err != nil {
		return nil, false, err
	}
	switch n.kind {
	case scalarNode, listNode, appendNode:
		return nil, true, nil
	case objectKind:
		v, err = r.lookup(n.object, path)
		return v, false, err
	}
	if slices.Contains(r.active[c], i) {
		return nil, false, nil
	}
	whole, err := r.entry(c, i)
	if err != nil || whole == nil {
		return nil, false, err
	}
	if whole.kind != Map {
		return nil, true, nil
	}
	return whole.object.get(path), false, nil
}

// concat joins values that stand side by side: text with text, lists with lists, objects with objects.
func (r *resolver) concat(n *node) (*Value, error) {
	var values []*Value
	var b strings.Builder
	var text, lists, maps int
	for _, part := range n.items {
		if part.kind == spaceNode {
			b.WriteString(part.text)
			continue
		}
		v, err := r.item(part)
		if err != nil {
			return nil, err
		}
		if v == nil {
			continue
		}
		values = append(values, v)
		switch v.kind {
		case List:
			lists++
		case Map:
			maps++
		case Null:
			text++
			b.WriteString("null")
		default:
			text++
			b.WriteString(v.raw)
		}
		if err := r.spend(n.pos, len(v.raw)+8*len(v.items)); err != nil {
			return nil, err
		}
	}
	switch {
	case len(values) == 0:
		return nil, nil
	case lists == len(values):
		list := &Value{kind: List, pos: n.pos}
		for _, v := range values {
			list.items = append(list.items, v.items...)
		}
		return list, nil
	case maps == len(values):
		merged := values[0]
		for _, v := range values[1:] {
			merged = mergeValues(merged, v)
		}
		return merged, nil
	case text == len(values):
		return &Value{kind: String, raw: b.String(), pos: n.pos}, nil
	}
	return nil, fail(n.pos, "put a comma or a new line between them, or quote the text",
		"text, lists and objects cannot be joined to one value")
}
