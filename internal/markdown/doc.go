// Package markdown turns Markdown into HTML (O 20.12): CommonMark with tables, strikethrough, task lists, bare links,
// inserted text, emoji, anchors on headings, attributes in braces, the GitLab forms, enumerated references and media
// tags. Raw HTML is escaped, or kept and sanitised when the converter is made so.
//
// Text passes four stages: goldmark's parser with the block and inline parsers of this package; the passes over the tree
// in this package (media, bare links, attributes, references, anchors); rendering; and, with HTML, sanitising.
package markdown
