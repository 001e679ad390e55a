package markdown

import "github.com/yuin/goldmark/ast"

// Kinds of nodes that CommonMark does not have.
var (
	kindFencedQuote = ast.NewNodeKind("FencedQuote")
	kindEnumBlock   = ast.NewNodeKind("EnumeratedReferenceBlock")
	kindTable       = ast.NewNodeKind("Table")
	kindRow         = ast.NewNodeKind("TableRow")
	kindCell        = ast.NewNodeKind("TableCell")
	kindElement     = ast.NewNodeKind("Element")
	kindMath        = ast.NewNodeKind("InlineMath")
	kindChange      = ast.NewNodeKind("Change")
	kindEmoji       = ast.NewNodeKind("Emoji")
	kindTask        = ast.NewNodeKind("TaskBox")
	kindAttributes  = ast.NewNodeKind("Attributes")
	kindEnumRef     = ast.NewNodeKind("EnumeratedReference")
	kindMedia       = ast.NewNodeKind("Media")
	kindBareLink    = ast.NewNodeKind("BareLink")
)

// fencedQuote is a quotation between lines of three signs (GitLab).
type fencedQuote struct {
	ast.BaseBlock
	closed bool
}

func (*fencedQuote) Kind() ast.NodeKind      { return kindFencedQuote }
func (n *fencedQuote) Dump(s []byte, lv int) { ast.DumpHelper(n, s, lv, nil, nil) }

// enumBlock holds the text of the definition of an enumerated reference; it is not shown where it stands.
type enumBlock struct{ ast.BaseBlock }

func (*enumBlock) Kind() ast.NodeKind      { return kindEnumBlock }
func (n *enumBlock) Dump(s []byte, lv int) { ast.DumpHelper(n, s, lv, nil, nil) }

// table has rows, the first of which is its head.
type table struct{ ast.BaseBlock }

func (*table) Kind() ast.NodeKind      { return kindTable }
func (n *table) Dump(s []byte, lv int) { ast.DumpHelper(n, s, lv, nil, nil) }

type row struct{ ast.BaseBlock }

func (*row) Kind() ast.NodeKind      { return kindRow }
func (n *row) Dump(s []byte, lv int) { ast.DumpHelper(n, s, lv, nil, nil) }

type cell struct {
	ast.BaseBlock
	align string // left, center, right or empty
}

func (*cell) Kind() ast.NodeKind      { return kindCell }
func (n *cell) Dump(s []byte, lv int) { ast.DumpHelper(n, s, lv, nil, nil) }

// element is an inline element without attributes of its own: del, ins or span.
type element struct {
	ast.BaseInline
	tag string
}

func (*element) Kind() ast.NodeKind      { return kindElement }
func (n *element) Dump(s []byte, lv int) { ast.DumpHelper(n, s, lv, nil, nil) }

// inlineMath is a formula between $` and `$.
type inlineMath struct {
	ast.BaseInline
	formula string
}

func (*inlineMath) Kind() ast.NodeKind      { return kindMath }
func (n *inlineMath) Dump(s []byte, lv int) { ast.DumpHelper(n, s, lv, nil, nil) }

// change is text that was inserted or deleted, in braces or brackets (GitLab). While open it is only its opening marker.
type change struct {
	ast.BaseInline
	marker string // {+ {- [+ [-
	open   bool
}

func (*change) Kind() ast.NodeKind      { return kindChange }
func (n *change) Dump(s []byte, lv int) { ast.DumpHelper(n, s, lv, nil, nil) }

type emojiNode struct {
	ast.BaseInline
	name string
	text string // empty for those that are pictures
}

func (*emojiNode) Kind() ast.NodeKind      { return kindEmoji }
func (n *emojiNode) Dump(s []byte, lv int) { ast.DumpHelper(n, s, lv, nil, nil) }

// taskBox is the check box at the start of a list item.
type taskBox struct {
	ast.BaseInline
	checked bool
}

func (*taskBox) Kind() ast.NodeKind      { return kindTask }
func (n *taskBox) Dump(s []byte, lv int) { ast.DumpHelper(n, s, lv, nil, nil) }

// attributes is a pair of braces with attributes; it is removed when they have found their owner.
type attributesNode struct {
	ast.BaseInline
	start, end int // in the source
	list       []attribute
}

func (*attributesNode) Kind() ast.NodeKind      { return kindAttributes }
func (n *attributesNode) Dump(s []byte, lv int) { ast.DumpHelper(n, s, lv, nil, nil) }

// enumRef is an enumerated reference: a link to id, or the label itself.
type enumRef struct {
	ast.BaseInline
	id   string
	link bool
}

func (*enumRef) Kind() ast.NodeKind      { return kindEnumRef }
func (n *enumRef) Dump(s []byte, lv int) { ast.DumpHelper(n, s, lv, nil, nil) }

// media is a link that is shown as audio, embedded page, picture or video.
type media struct {
	ast.BaseInline
	letter byte // A E P V
	target []byte
}

func (*media) Kind() ast.NodeKind      { return kindMedia }
func (n *media) Dump(s []byte, lv int) { ast.DumpHelper(n, s, lv, nil, nil) }

// bareLink is an address in running text.
type bareLink struct {
	ast.BaseInline
	target, label string
}

func (*bareLink) Kind() ast.NodeKind      { return kindBareLink }
func (n *bareLink) Dump(s []byte, lv int) { ast.DumpHelper(n, s, lv, nil, nil) }
