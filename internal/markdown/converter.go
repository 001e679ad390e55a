package markdown

import (
	"bytes"
	"errors"
	"strings"

	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/parser"
	"github.com/yuin/goldmark/text"
	"github.com/yuin/goldmark/util"
)

// MaxInput is the longest Markdown text a Converter accepts, in bytes.
const MaxInput = 256 << 10

// ErrTooLong is returned by ToHTML for text over MaxInput.
var ErrTooLong = errors.New("the Markdown text is longer than 256 KiB")

// Options of a Converter. The zero value is the default configuration with soft breaks left out; see DefaultSoftBreak.
type Options struct {
	SoftBreak     string   // HTML for a line end inside a paragraph (option markdown_soft_break)
	FollowDomains []string // hosts whose links get no rel attribute, in any order (option markdown_allowed_follow_domains)
	AllowHTML     bool     // keep raw HTML and sanitise the result, as for e-mails of forms; otherwise raw HTML is escaped
}

// DefaultSoftBreak is the default of the option markdown_soft_break.
const DefaultSoftBreak = "<br>"

// Converter turns Markdown into HTML. It is immutable and safe for concurrent use.
type Converter struct {
	parser    parser.Parser
	softBreak string
	follow    map[string]bool
	allowHTML bool
}

// New returns a Converter with the given options.
func New(o Options) *Converter {
	c := &Converter{parser: newParser(), softBreak: o.SoftBreak, allowHTML: o.AllowHTML, follow: map[string]bool{}}
	for _, d := range o.FollowDomains {
		if d = strings.ToLower(strings.TrimSpace(d)); d != "" {
			c.follow[d] = true
		}
	}
	return c
}

// ToHTML returns the HTML of a Markdown text (O 20.12, D45); blank text gives "". Text over MaxInput bytes gives
// ErrTooLong.
func (c *Converter) ToHTML(markdown string) (string, error) {
	if len(markdown) > MaxInput {
		return "", ErrTooLong
	}
	if strings.TrimSpace(markdown) == "" {
		return "", nil
	}
	source := prepare(markdown)
	pc := parser.NewContext()
	root := c.parser.Parse(text.NewReader(source), parser.WithContext(pc))
	d := document{source: source, definitions: definitionsOf(pc)}
	d.findMedia(root)
	d.linkBareAddresses(root)
	d.assignAttributes(root)
	d.nameHeadings(root)
	r := renderer{Converter: c, document: &d}
	r.blocks(root)
	if c.allowHTML {
		return sanitize(r.out.String()), nil
	}
	return r.out.String(), nil
}

// prepare makes line ends uniform and replaces what must not be in a text: NUL and invalid UTF-8.
func prepare(s string) []byte {
	s = strings.NewReplacer("\r\n", "\n", "\r", "\n", "\x00", "\ufffd").Replace(s)
	return bytes.ToValidUTF8([]byte(s), []byte("\ufffd"))
}

// document is one text on its way from the tree to HTML.
type document struct {
	source      []byte
	definitions map[string]*enumDefinition // of enumerated references, by type
	ordinals    map[string][]int           // of enumerated references, by id
	anchors     map[ast.Node]string        // ids of headings
}

func newParser() parser.Parser {
	return parser.NewParser(
		parser.WithBlockParsers(
			util.Prioritized(parser.NewSetextHeadingParser(), 100),
			util.Prioritized(parser.NewThematicBreakParser(), 200),
			util.Prioritized(limitDepth(parser.NewListParser()), 300),
			util.Prioritized(parser.NewListItemParser(), 400),
			util.Prioritized(parser.NewCodeBlockParser(), 500),
			util.Prioritized(parser.NewATXHeadingParser(), 600),
			util.Prioritized(parser.NewFencedCodeBlockParser(), 700),
			util.Prioritized(limitDepth(fencedQuoteParser{}), 790),
			util.Prioritized(limitDepth(parser.NewBlockquoteParser()), 800),
			util.Prioritized(parser.NewHTMLBlockParser(), 900),
			util.Prioritized(enumDefinitionParser{}, 950),
			util.Prioritized(parser.NewParagraphParser(), 1000),
		),
		parser.WithInlineParsers(
			util.Prioritized(mathParser{}, 80),
			util.Prioritized(changeParser{}, 90),
			util.Prioritized(parser.NewCodeSpanParser(), 100),
			util.Prioritized(taskParser{}, 110),
			util.Prioritized(enumReferenceParser{}, 120),
			util.Prioritized(spacedTargetParser{}, 130),
			util.Prioritized(budgetedLinks{parser.NewLinkParser()}, 200),
			util.Prioritized(parser.NewAutoLinkParser(), 300),
			util.Prioritized(parser.NewRawHTMLParser(), 400),
			util.Prioritized(parser.NewEmphasisParser(), 500),
			util.Prioritized(pairParser{'~'}, 510),
			util.Prioritized(pairParser{'+'}, 520),
			util.Prioritized(emojiParser{}, 530),
			util.Prioritized(attributesParser{}, 540),
		),
		parser.WithParagraphTransformers(
			util.Prioritized(tableTransformer{}, 90),
			util.Prioritized(parser.LinkReferenceParagraphTransformer, 100),
		),
	)
}
