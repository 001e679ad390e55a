package markdown

import (
	"bytes"
	"regexp"
	"strings"

	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/parser"
	"github.com/yuin/goldmark/text"
	"github.com/yuin/goldmark/util"
)

// pairParser reads text between doubled signs: ~~deleted~~ and ++inserted++. Of an odd run one sign is text.
type pairParser struct{ sign byte }

func (p pairParser) Trigger() []byte         { return []byte{p.sign} }
func (p pairParser) IsDelimiter(b byte) bool { return b == p.sign }

func (p pairParser) CanOpenCloser(opener, closer *parser.Delimiter) bool {
	return opener.Char == closer.Char
}

func (p pairParser) OnMatch(int) ast.Node {
	if p.sign == '~' {
		return &element{tag: "del"}
	}
	return &element{tag: "ins"}
}

func (p pairParser) Parse(_ ast.Node, block text.Reader, pc parser.Context) ast.Node {
	before := block.PrecendingCharacter()
	line, segment := block.PeekLine()
	d := parser.ScanDelimiter(line, before, 2, p)
	if d == nil {
		return nil
	}
	length := d.OriginalLength
	if length%2 == 1 {
		if d.CanOpen { // the sign outside is the first one
			block.Advance(1)
			return ast.NewTextSegment(segment.WithStop(segment.Start + 1))
		}
		length--
	}
	d.Length, d.OriginalLength = length, length
	d.Segment = segment.WithStop(segment.Start + length)
	block.Advance(length)
	pc.PushDelimiter(d)
	return d
}

// mathParser reads formulas between $` and `$, which may extend over lines.
type mathParser struct{}

func (mathParser) Trigger() []byte { return []byte{'$'} }

func (mathParser) Parse(_ ast.Node, block text.Reader, _ parser.Context) ast.Node {
	line, _ := block.PeekLine()
	if len(line) < 2 || line[1] != '`' {
		return nil
	}
	block.Advance(2)
	var formula strings.Builder
	for {
		line, segment := block.PeekLine()
		if line == nil {
			return nil
		}
		if end := bytes.Index(line, []byte("`$")); end >= 0 {
			formula.Write(line[:end])
			block.Advance(end + 2)
			return &inlineMath{formula: formula.String()}
		}
		formula.Write(line)
		block.Advance(segment.Len())
	}
}

var openChangesKey = parser.NewContextKey()

// changeParser reads {+inserted+} and {-deleted-}, in braces or brackets.
type changeParser struct{}

func (changeParser) Trigger() []byte { return []byte{'{', '[', '+', '-'} }

func (changeParser) Parse(parent ast.Node, block text.Reader, pc parser.Context) ast.Node {
	line, _ := block.PeekLine()
	if len(line) < 2 {
		return nil
	}
	open, _ := pc.Get(openChangesKey).([]*change)
	switch two := string(line[:2]); two {
	case "{+", "{-", "[+", "[-":
		n := &change{marker: two, open: true}
		pc.Set(openChangesKey, append(open, n))
		block.Advance(2)
		return n
	case "+}", "-}", "+]", "-]":
		marker := "{" + two[:1]
		if two[1] == ']' {
			marker = "[" + two[:1]
		}
		for i := len(open) - 1; i >= 0; i-- {
			n := open[i]
			if n.marker != marker || n.Parent() != parent {
				continue
			}
			parser.ProcessDelimiters(n, pc)
			for c := n.NextSibling(); c != nil; {
				next := c.NextSibling()
				n.AppendChild(n, c)
				c = next
			}
			n.open = false
			pc.Set(openChangesKey, open[:i])
			block.Advance(2)
			return ast.NewString(nil) // the closing marker itself leaves nothing
		}
	}
	return nil
}

// CloseBlock turns what was never closed into text.
func (changeParser) CloseBlock(_ ast.Node, _ text.Reader, pc parser.Context) {
	open, _ := pc.Get(openChangesKey).([]*change)
	for _, n := range open {
		if p := n.Parent(); p != nil {
			p.ReplaceChild(p, n, ast.NewString([]byte(n.marker)))
		}
	}
	pc.Set(openChangesKey, nil)
}

// taskParser reads the box at the start of a list item.
type taskParser struct{}

func (taskParser) Trigger() []byte { return []byte{'['} }

func (taskParser) Parse(parent ast.Node, block text.Reader, _ parser.Context) ast.Node {
	if parent.HasChildren() || parent.Parent() == nil || parent.Parent().Kind() != ast.KindListItem || parent.PreviousSibling() != nil {
		return nil
	}
	line, segment := block.PeekLine()
	if first := parent.Lines(); first.Len() == 0 || segment.Start != first.At(0).Start {
		return nil
	}
	if len(line) < 3 || line[2] != ']' || !bytes.ContainsRune([]byte(" xX"), rune(line[1])) {
		return nil
	}
	block.Advance(3)
	block.SkipSpaces()
	return &taskBox{checked: line[1] != ' '}
}

// enumReferencePattern is a reference: [@type:name] links, [#type:name] shows.
var enumReferencePattern = regexp.MustCompile(`^\[[@#]([^0-9\[\]\n][^\[\]\n]*)?\]`)

// enumReferenceParser reads enumerated references.
type enumReferenceParser struct{}

func (enumReferenceParser) Trigger() []byte { return []byte{'['} }

func (enumReferenceParser) Parse(_ ast.Node, block text.Reader, _ parser.Context) ast.Node {
	before := block.PrecendingCharacter()
	line, _ := block.PeekLine()
	m := enumReferencePattern.FindSubmatchIndex(line)
	if m == nil || before == ']' || m[1] < len(line) && line[m[1]] == '(' {
		return nil
	}
	n := &enumRef{link: line[1] == '@'}
	if m[2] >= 0 {
		n.id = strings.TrimSpace(string(line[m[2]:m[3]]))
	}
	block.Advance(m[1])
	return n
}

var spacedTarget = regexp.MustCompile(`^\]\([ \t]*<[^<>\n]*[ \t][^<>\n]*>`)

// spacedTargetParser keeps [a](<b c>) from being a link: targets have no spaces.
type spacedTargetParser struct{}

func (spacedTargetParser) Trigger() []byte { return []byte{']'} }

func (spacedTargetParser) Parse(_ ast.Node, block text.Reader, _ parser.Context) ast.Node {
	line, segment := block.PeekLine()
	if !spacedTarget.Match(line) {
		return nil
	}
	block.Advance(2)
	return ast.NewTextSegment(segment.WithStop(segment.Start + 2))
}

// emojiParser reads shortcuts such as :smile:.
type emojiParser struct{}

func (emojiParser) Trigger() []byte { return []byte{':'} }

func (emojiParser) Parse(_ ast.Node, block text.Reader, _ parser.Context) ast.Node {
	line, _ := block.PeekLine()
	end := 1
	for end < len(line) && (util.IsAlphaNumeric(line[end]) || bytes.IndexByte([]byte("_+-"), line[end]) >= 0) {
		end++
	}
	if end == 1 || end == len(line) || line[end] != ':' {
		return nil
	}
	name := string(line[1:end])
	s, ok := emojiText(name)
	if !ok {
		return nil
	}
	block.Advance(end + 1)
	return &emojiNode{name: name, text: s}
}
