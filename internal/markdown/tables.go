package markdown

import (
	"bytes"

	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/parser"
	"github.com/yuin/goldmark/text"
)

// minSeparator is the least width of a column in the line below the head, colons included.
const minSeparator = 3

// tableTransformer makes tables of paragraphs whose second line separates a head from rows. Head and separator must have
// the same number of columns; in rows missing cells are added and extra ones dropped. The first line without a bar ends
// the table; what follows stays a paragraph.
type tableTransformer struct{}

func (tableTransformer) Transform(node *ast.Paragraph, reader text.Reader, _ parser.Context) {
	lines := node.Lines()
	if lines.Len() < 2 {
		return
	}
	source := reader.Source()
	second := lines.At(1)
	aligns := separatorColumns(second.Value(source))
	if aligns == nil {
		return
	}
	head := cells(lines.At(0), source)
	if len(head) != len(aligns) {
		return
	}
	t := &table{}
	t.AppendChild(t, newRow(head, aligns))
	i := 2
	for ; i < lines.Len(); i++ {
		line := lines.At(i)
		if bytes.IndexByte(line.Value(source), '|') < 0 {
			break
		}
		t.AppendChild(t, newRow(cells(line, source), aligns))
	}
	parent := node.Parent()
	parent.InsertBefore(parent, node, t)
	if i == lines.Len() {
		parent.RemoveChild(parent, node)
		return
	}
	lines.SetSliced(i, lines.Len())
}

// separatorColumns returns the alignment of each column of a separator line; nil when it is none.
func separatorColumns(line []byte) []string {
	line = bytes.TrimSpace(line)
	if bytes.IndexByte(line, '|') < 0 {
		return nil
	}
	line = bytes.TrimPrefix(line, []byte{'|'})
	line = bytes.TrimSuffix(line, []byte{'|'})
	var aligns []string
	for _, column := range bytes.Split(line, []byte{'|'}) {
		column = bytes.TrimSpace(column)
		left, right := bytes.HasPrefix(column, []byte{':'}), bytes.HasSuffix(column, []byte{':'})
		if len(column) < minSeparator || len(bytes.Trim(column[1:len(column)-1], "-")) > 0 ||
			!left && column[0] != '-' || !right && column[len(column)-1] != '-' {
			return nil
		}
		switch {
		case left && right:
			aligns = append(aligns, "center")
		case left:
			aligns = append(aligns, "left")
		case right:
			aligns = append(aligns, "right")
		default:
			aligns = append(aligns, "")
		}
	}
	return aligns
}

// cells splits a line at its bars, but not at escaped ones and those in code.
func cells(line text.Segment, source []byte) []text.Segment {
	line = line.TrimLeftSpace(source)
	line = line.TrimRightSpace(source)
	from, to := line.Start, line.Stop
	if from < to && source[from] == '|' {
		from++
	}
	var out []text.Segment
	start := from
	add := func(stop int) {
		s := text.NewSegment(start, stop)
		s = s.TrimLeftSpace(source)
		out = append(out, s.TrimRightSpace(source))
	}
	noClosing := map[int]bool{} // lengths of backtick runs that have no partner in the rest of the line
	for i := from; i < to; {
		switch source[i] {
		case '\\':
			i += 2
		case '`':
			n := runLength(source[i:to])
			if !noClosing[n] {
				if end := closingRun(source[i+n:to], n); end >= 0 {
					i += n + end
					continue
				}
				noClosing[n] = true
			}
			i += n
		case '|':
			add(i)
			i++
			start = i
		default:
			i++
		}
	}
	if start < to {
		add(to)
	}
	return out
}

func runLength(s []byte) int {
	n := 1
	for n < len(s) && s[n] == s[0] {
		n++
	}
	return n
}

// closingRun returns the position after the next run of exactly n backticks, -1 when there is none.
func closingRun(s []byte, n int) int {
	for i := 0; i < len(s); i++ {
		if s[i] != '`' {
			continue
		}
		m := runLength(s[i:])
		i += m
		if m == n {
			return i
		}
	}
	return -1
}

func newRow(segments []text.Segment, aligns []string) *row {
	r := &row{}
	for i, align := range aligns {
		c := &cell{align: align}
		if i < len(segments) && segments[i].Len() > 0 {
			c.Lines().Append(segments[i])
		}
		r.AppendChild(r, c)
	}
	return r
}
