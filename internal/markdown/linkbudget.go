package markdown

import (
	"bytes"

	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/parser"
	"github.com/yuin/goldmark/text"
)

// Failed attempts to read the target of a link may look at the rest of the line each time. On long lines they are paid for
// from a budget, so that hostile text costs no more than a multiple of its length.
const (
	longLine   = 1024    // bytes; attempts on shorter lines are free
	linkBudget = 4 << 20 // bytes that failed attempts of one text may look at
)

var linkCostKey = parser.NewContextKey()

// budgetedLinks is the link parser within the budget.
type budgetedLinks struct{ parser.InlineParser }

// Parse reads a link, or takes the bracket as text when the budget is spent.
func (p budgetedLinks) Parse(parent ast.Node, block text.Reader, pc parser.Context) ast.Node {
	line, segment := block.PeekLine()
	if len(line) <= longLine || !bytes.HasPrefix(line, []byte("](")) {
		return p.InlineParser.Parse(parent, block, pc)
	}
	cost, _ := pc.Get(linkCostKey).(int)
	if cost > linkBudget {
		block.Advance(1)
		return ast.NewTextSegment(segment.WithStop(segment.Start + 1))
	}
	n := p.InlineParser.Parse(parent, block, pc)
	if n == nil {
		pc.Set(linkCostKey, cost+len(line))
	}
	return n
}

// CloseBlock lets the link parser clean up.
func (p budgetedLinks) CloseBlock(parent ast.Node, block text.Reader, pc parser.Context) {
	if c, ok := p.InlineParser.(parser.CloseBlocker); ok {
		c.CloseBlock(parent, block, pc)
	}
}
