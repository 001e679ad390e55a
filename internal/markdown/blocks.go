package markdown

import (
	"bytes"
	"regexp"
	"strings"

	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/parser"
	"github.com/yuin/goldmark/text"
)

// maxDepth bounds how deep quotations and lists contain each other; what would go deeper is ordinary text.
const maxDepth = 64

// depthLimit refuses to open a block when too many are open.
type depthLimit struct{ parser.BlockParser }

func limitDepth(p parser.BlockParser) parser.BlockParser { return depthLimit{p} }

// Open opens the block unless the limit is reached.
func (d depthLimit) Open(parent ast.Node, reader text.Reader, pc parser.Context) (ast.Node, parser.State) {
	if len(pc.OpenedBlocks()) >= 2*maxDepth { // a list and its item count as two
		return nil, parser.NoChildren
	}
	return d.BlockParser.Open(parent, reader, pc)
}

// fencedQuoteParser reads quotations between lines of three signs; they can contain everything, also each other.
type fencedQuoteParser struct{}

func (fencedQuoteParser) Trigger() []byte { return []byte{'>'} }

func (fencedQuoteParser) Open(_ ast.Node, reader text.Reader, _ parser.Context) (ast.Node, parser.State) {
	line, _ := reader.PeekLine()
	if !isQuoteFence(line) {
		return nil, parser.NoChildren
	}
	advanceToLineEnd(reader)
	return &fencedQuote{}, parser.HasChildren
}

func (fencedQuoteParser) Continue(node ast.Node, reader text.Reader, _ parser.Context) parser.State {
	n := node.(*fencedQuote)
	if n.closed {
		return parser.Close
	}
	line, _ := reader.PeekLine()
	if !isQuoteFence(line) {
		return parser.Continue | parser.HasChildren
	}
	if inner, ok := n.LastChild().(*fencedQuote); ok && !inner.closed {
		return parser.Continue | parser.HasChildren // the fence is the inner one's
	}
	n.closed = true
	advanceToLineEnd(reader)
	return parser.Continue | parser.HasChildren
}

func (fencedQuoteParser) Close(ast.Node, text.Reader, parser.Context) {}
func (fencedQuoteParser) CanInterruptParagraph() bool                 { return true }
func (fencedQuoteParser) CanAcceptIndentedLine() bool                 { return false }

// advanceToLineEnd leaves only the line end, if there is one, to be read.
func advanceToLineEnd(reader text.Reader) {
	line, _ := reader.PeekLine()
	reader.Advance(len(bytes.TrimSuffix(line, []byte{'\n'})))
}

func isQuoteFence(line []byte) bool {
	return bytes.HasPrefix(line, []byte(">>>")) && len(bytes.TrimSpace(line[3:])) == 0
}

// enumDefinition is the text of one type of enumerated references.
type enumDefinition struct{ block *enumBlock }

var enumDefinitionsKey = parser.NewContextKey()

func definitionsOf(pc parser.Context) map[string]*enumDefinition {
	m, _ := pc.Get(enumDefinitionsKey).(map[string]*enumDefinition)
	return m
}

// enumDefinitionPattern is a definition such as "[@fig]: Figure [#].".
var enumDefinitionPattern = regexp.MustCompile(`^\[@[ \t]*([^0-9\]\n][^\]\n]*)?\]:[ \t]+`)

// enumDefinitionParser reads definitions of enumerated references, one line each.
type enumDefinitionParser struct{}

func (enumDefinitionParser) Trigger() []byte { return []byte{'['} }

func (enumDefinitionParser) Open(_ ast.Node, reader text.Reader, pc parser.Context) (ast.Node, parser.State) {
	line, segment := reader.PeekLine()
	offset := max(pc.BlockOffset(), 0)
	m := enumDefinitionPattern.FindSubmatchIndex(line[offset:])
	if m == nil {
		return nil, parser.NoChildren
	}
	kind := ""
	if m[2] >= 0 {
		kind = strings.TrimSpace(string(line[offset+m[2] : offset+m[3]]))
	}
	n := &enumBlock{}
	body := text.NewSegment(segment.Start+offset+m[1]-segment.Padding, segment.Stop)
	n.Lines().Append(body.TrimRightSpace(reader.Source()))
	definitions, _ := pc.ComputeIfAbsent(enumDefinitionsKey, func() any { return map[string]*enumDefinition{} }).(map[string]*enumDefinition)
	if definitions[kind] == nil {
		definitions[kind] = &enumDefinition{n}
	}
	advanceToLineEnd(reader)
	return n, parser.NoChildren
}

func (enumDefinitionParser) Continue(ast.Node, text.Reader, parser.Context) parser.State {
	return parser.Close
}
func (enumDefinitionParser) Close(ast.Node, text.Reader, parser.Context) {}
func (enumDefinitionParser) CanInterruptParagraph() bool                 { return true }
func (enumDefinitionParser) CanAcceptIndentedLine() bool                 { return false }
