package hocon

// nodeKind is what a value is before substitutions are resolved.
type nodeKind int

const (
	scalarNode nodeKind = iota // text, number, boolean or null
	spaceNode                  // blanks between the parts of a concatenation
	listNode
	objectKind
	substitutionNode
	concatNode
	appendNode // key += value
)

type node struct {
	kind     nodeKind
	pos      Position
	scalar   Kind    // scalarNode
	text     string  // scalarNode, spaceNode
	items    []*node // elements of a list, parts of a concatenation, the one element of an append
	object   *objectNode
	path     []string // substitutionNode
	prefix   []string // substitutionNode in an included file: the object that the file was included into
	optional bool
}

// objectNode keeps, for each key, every value that was assigned to it. What counts is decided when it is resolved,
// because a substitution may turn out to be undefined and let an earlier value through.
type objectNode struct {
	keys  []string
	cells map[string]*cell
}

type cell struct{ stack []*node }

func newObjectNode() *objectNode { return &objectNode{cells: map[string]*cell{}} }

func (o *objectNode) cell(key string) *cell {
	c := o.cells[key]
	if c == nil {
		c = &cell{}
		o.cells[key] = c
		o.keys = append(o.keys, key)
	}
	return c
}

// child returns the object at key, adding one on top of what is there when that is not an object.
func (o *objectNode) child(key string, pos Position) *objectNode {
	c := o.cell(key)
	if n := len(c.stack); n > 0 && c.stack[n-1].kind == objectKind {
		return c.stack[n-1].object
	}
	child := newObjectNode()
	c.stack = append(c.stack, &node{kind: objectKind, object: child, pos: pos})
	return child
}

func (o *objectNode) put(path []string, n *node, pos Position) {
	for _, key := range path[:len(path)-1] {
		o = o.child(key, pos)
	}
	key := path[len(path)-1]
	if n.kind == objectKind {
		o.child(key, n.pos).merge(n.object)
		return
	}
	c := o.cell(key)
	c.stack = append(c.stack, n)
}

// merge lays the assignments of other over those of o.
func (o *objectNode) merge(other *objectNode) {
	for _, key := range other.keys {
		for _, n := range other.cells[key].stack {
			if n.kind == objectKind {
				o.child(key, n.pos).merge(n.object)
				continue
			}
			c := o.cell(key)
			c.stack = append(c.stack, n)
		}
	}
}
