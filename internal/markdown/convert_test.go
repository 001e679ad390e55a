package markdown

import (
	"errors"
	"strings"
	"testing"
	"unicode/utf8"
)

// TestForms shows what the recording does not: combinations and borders of the forms.
func TestForms(t *testing.T) {
	const box = `<input type="checkbox" class="task-list-item-checkbox" disabled="disabled" readonly="readonly" />&nbsp;`
	for _, c := range []struct{ name, in, want string }{
		{"table without rows", "|a|b|\n|---|---|", "<table>\n<thead>\n<tr><th>a</th><th>b</th></tr>\n</thead>\n<tbody></tbody>\n</table>\n"},
		{"table ends at a line without bar", "a|b\n---|---\nx|y\nfoo", "<table>\n<thead>\n<tr><th>a</th><th>b</th></tr>\n</thead>\n<tbody>\n<tr><td>x</td><td>y</td></tr>\n</tbody>\n</table>\n<p>foo</p>\n"},
		{"table needs matching columns", "|a|b|\n|---|---|---|", "<p>|a|b|<br>|---|---|---|</p>\n"},
		{"table bars in code", "|a|b|\n|:--|--:|\n|x \\| z|`y|y`|", "<table>\n<thead>\n<tr><th align=\"left\">a</th><th align=\"right\">b</th></tr>\n</thead>\n<tbody>\n<tr><td align=\"left\">x | z</td><td align=\"right\"><code>y|y</code></td></tr>\n</tbody>\n</table>\n"},
		{"table is not inside a paragraph", "foo\n|a|\n|---|", "<p>foo<br>|a|<br>|---|</p>\n"},
		{"attributes in a list", "- a {.x}\n- b", "<ul>\n<li class=\"x\">a</li>\n<li>b</li>\n</ul>\n"},
		{"attributes of inline elements", "[a](b){.c} *x*{.d} text{.e}", "<p><a href=\"b\" rel=\"nofollow noreferrer\" class=\"c\">a</a> <em class=\"d\">x</em><span class=\"e\"> text</span></p>\n"},
		{"attributes before", "{.c}\ntext", "<p class=\"c\">text</p>\n"},
		{"attributes after", "text\n{.c}", "<p class=\"c\">text</p>\n"},
		{"attributes alone", "{.c}", ""},
		{"attributes in a row", "text {.a}{#b}", "<p><span class=\"a\" id=\"b\">text </span></p>\n"},
		{"attributes of a heading", "# H {#x .y a=b}", "<h1 class=\"y\" a=\"b\"><a href=\"#x\" id=\"x\">H</a></h1>\n"},
		{"empty heading", "#", "<h1><a href=\"#\"></a></h1>\n"},
		{"task in loose list", "- [ ] a\n\n- b", "<ul>\n<li class=\"task-list-item\">\n<p>" + box + "a</p>\n</li>\n<li>\n<p>b</p>\n</li>\n</ul>\n"},
		{"pairs", "++a++ +++b+++ a++b++c ++ a ++", "<p><ins>a</ins> +<ins>b</ins>+ a<ins>b</ins>c ++ a ++</p>\n"},
		{"single tilde", "~a~ ~~~a~~~ x", "<p>~a~ ~<del>a</del>~ x</p>\n"},
		{"open change", "{-a [+b", "<p>{-a [+b</p>\n"},
		{"change before brackets", "[+a+](b)", "<p><ins>a</ins>(b)</p>\n"},
		{"math over lines", "$`a\nb`$", "<p><span class=\"katex\">a\nb</span></p>\n"},
		{"open math", "$`x", "<p>$`x</p>\n"},
		{"quote in quote", ">>>\n> a\n\n- b\n>>>\nc", "<blockquote>\n<blockquote>\n<p>a</p>\n</blockquote>\n<ul>\n<li>b</li>\n</ul>\n</blockquote>\n<p>c</p>\n"},
		{"media lists", "!V[v](a.mp4|b.ogg) !P[p](a|b)", "<p><video title=\"v\" controls=\"\"><source src=\"a.mp4\" type=\"video/mp4\" /><source src=\"b.ogg\" />Your browser does not support the video element.</video> <picture><source srcset=\"a\" /><img src=\"b\" alt=\"p\" /></picture></p>\n"},
		{"escaped media", "\\!V[v](a.mp4)", "<p>!V<a href=\"a.mp4\" rel=\"nofollow noreferrer\">v</a></p>\n"},
		{"references", "[@fig]: Figure [#].\n\n![x](y){#fig:a}\n[#fig:a] cat\n\n![x](y){#fig:b}\n[#fig:b] dog [@fig:a] [@tab:c]",
			"<p><img src=\"y\" alt=\"x\" rel=\"nofollow noreferrer\" id=\"fig:a\" /><br>Figure 1. cat</p>\n<p><img src=\"y\" alt=\"x\" rel=\"nofollow noreferrer\" id=\"fig:b\" /><br>Figure 2. dog <a href=\"#fig:a\" title=\"Figure 1.\">Figure 1.</a> <a href=\"#tab:c\" title=\"tab 0\">tab 0</a></p>\n"},
		{"definitions of each other", "[@a]: [#b:x]\n\n[@b]: [#a:x]\n\n[#a:x]", "<p>a 0</p>\n"},
		{"bare links", "xhttp://a.co foo://bar http:// www.x xwww.a.co a@b x:a@b.co", "<p><a href=\"xhttp://a.co\" rel=\"nofollow noreferrer\">xhttp://a.co</a> <a href=\"foo://bar\" rel=\"nofollow noreferrer\">foo://bar</a> <a href=\"http://\" rel=\"nofollow noreferrer\">http://</a> www.x xwww.a.co a@b x:<a href=\"mailto:a@b.co\" rel=\"nofollow noreferrer\">a@b.co</a></p>\n"},
		{"bare link in quotes", "see \"https://a.co/x\" end", "<p>see &quot;<a href=\"https://a.co/x\" rel=\"nofollow noreferrer\">https://a.co/x</a>&quot; end</p>\n"},
		{"no bare link in a link", "[see www.a.co](b)", "<p><a href=\"b\" rel=\"nofollow noreferrer\">see www.a.co</a></p>\n"},
		{"spaces in code", "`  a   b\nc `", "<p><code>a b c</code></p>\n"},
		{"heading of two lines", "a\nb\n===", "<h1><a href=\"#ab\" id=\"ab\">a<br>b</a></h1>\n"},
		{"heading in a list", "- # H {.x}", "<ul>\n<li>\n<h1 class=\"x\"><a href=\"#h\" id=\"h\">H</a></h1>\n</li>\n</ul>\n"},
		{"attributes of a bare link", "https://a.co{.c}", "<p><a href=\"https://a.co\" rel=\"nofollow noreferrer\" class=\"c\">https://a.co</a></p>\n"},
		{"attributes of code", "```go\nx\n```\n{.c}", "<pre class=\"c\"><code class=\"language-go c\">x\n</code></pre>\n"},
		{"escaped HTML block", "<div>\n  *x*\n</div>", "<p>&lt;div&gt;\n*x*\n&lt;/div&gt;</p>\n"},
		{"line ends", "a\r\nb\rc", "<p>a<br>b<br>c</p>\n"},
		{"invalid characters", "a\x00b\xffc", "<p>a\ufffdb\ufffdc</p>\n"},
		{"escaped entity", "\\&amp; &bad; &#x41; &#0;", "<p>&amp;amp; &amp;bad; A \ufffd</p>\n"},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := convert(t, standard(), c.in); got != c.want {
				t.Errorf("%q\n got %q\nwant %q", c.in, got, c.want)
			}
		})
	}
}

// TestScripts makes sure that no text gets a script into a page (D45).
func TestScripts(t *testing.T) {
	for _, in := range []string{
		"[x](javascript:alert(1))", "[x](java&Tab;script:alert(1))", "[x](&#1;javascript:alert(1))", "[x](JAVASCRIPT&colon;alert(1))",
		"![x](javascript:alert(1))", "<javascript:alert(1)>", "!V[x](javascript:alert(1))", "!A[x](a.mp3|javascript:alert(1))",
		"!E[x](javascript:alert(1))", "!P[x](javascript:alert(1)|b)", "[x](y){href=javascript:alert(1)}", "[x](y){HREF=' javascript:alert(1)'}",
		"[x](y){onclick=alert(1)}", "[x](y){OnClick=alert(1)}", "[x](y){STYLE='color:red'}", "# H {onclick=alert(1)}", "x {onload=alert(1)}",
		"[r]\n\n[r]: javascript:alert(1)", "[x](y \"\\\" onclick=\\\"alert(1)\")", "<script>alert(1)</script>", "<img src=x onerror=alert(1)>",
		"![\"onerror=alert(1) x=\"](y)", "```\"onclick=alert(1)\nx\n```", "![' onclick=alert(1)](a.mp4)", "javascript:alert(1)", "javascript://a.co/%0aalert(1)",
	} {
		for _, c := range []*Converter{standard(), New(Options{AllowHTML: true})} {
			out := convert(t, c, in)
			if tag := dangerousTag(out); tag != "" {
				t.Errorf("%q gives %q", in, tag)
			}
		}
	}
}

// dangerousTag returns a tag of the HTML that could run a script.
func dangerousTag(html string) string {
	for {
		_, rest, found := strings.Cut(html, "<")
		if !found {
			return ""
		}
		tag := rest
		for quoted, i := false, 0; i < len(rest); i++ {
			if rest[i] == '"' {
				quoted = !quoted
			} else if rest[i] == '>' && !quoted {
				tag = rest[:i]
				break
			}
		}
		html = rest[len(tag):]
		lower := strings.ToLower(tag)
		if strings.HasPrefix(lower, "script") || strings.HasPrefix(lower, "iframe") {
			return tag
		}
		for i, part := range strings.Split(lower, `"`) {
			if i%2 == 0 && (strings.Contains(part, " on") || strings.Contains(part, " style=")) {
				return tag
			}
			if i%2 == 1 && isScript(part) && !strings.HasSuffix(strings.Split(lower, `"`)[i-1], "title=") {
				return tag
			}
		}
	}
}

func TestOptions(t *testing.T) {
	c := New(Options{SoftBreak: "\n", FollowDomains: []string{" B.co", "a.co", ""}})
	for _, x := range []struct{ in, want string }{
		{"a\nb", "<p>a\nb</p>\n"},
		{"[x](https://a.co/y)", "<p><a href=\"https://a.co/y\">x</a></p>\n"},
		{"https://b.co:80 ![i](http://a.co/i.png)", "<p><a href=\"https://b.co:80\">https://b.co:80</a> <img src=\"http://a.co/i.png\" alt=\"i\" /></p>\n"},
		{"[x](https://x.a.co)", "<p><a href=\"https://x.a.co\" rel=\"nofollow noreferrer\">x</a></p>\n"},
	} {
		if got := convert(t, c, x.in); got != x.want {
			t.Errorf("%q\n got %q\nwant %q", x.in, got, x.want)
		}
	}
}

func TestSanitized(t *testing.T) {
	c := New(Options{SoftBreak: DefaultSoftBreak, AllowHTML: true})
	for _, x := range []struct{ in, want string }{
		{"<b>x</b><script>1</script>", "<p><b>x</b></p>"},
		{"<center/>", "<center></center>"},
		{`<img src="x.png" onerror="y">`, "<img>"},
		{"a\n\nb", "<p>a</p>\n<p>b</p>"},
		{`<a href="javascript:x">y</a> <a href="#z">z</a> <a href="/r">r</a> <a href="https://a.co" rel="x" onclick="y">q</a>`,
			`<p><a rel="nofollow noreferrer">y</a> <a href="#z" rel="nofollow noreferrer">z</a> <a rel="nofollow noreferrer">r</a> <a href="https://a.co" rel="nofollow noreferrer">q</a></p>`},
		{`<div class="c" style="x"><p>a</p>` + "\n" + `<p>b</p></div>`, "<div class=\"c\"><p>a</p>\n<p>b</p></div>"},
		{"<iframe src=x>abc</iframe><style>p{}</style>", ""},
		{"<details open><summary>s</summary>t</details>", "<details open><summary>s</summary>t</details>"},
		{"<unknown>text</unknown> <del>d</del>", "<p>text <del>d</del></p>"},
		{"<table><tr><td align=left onclick=x>a</td></tr></table>", `<table><tbody><tr><td align="left">a</td></tr></tbody></table>`},
		{"![a](https://a.co/i.png)", `<p><img src="https://a.co/i.png" alt="a"></p>`},
		{`<video><source src="javascript:x"><source src="a.mp4"></video>`, `<p><video><source><source src="a.mp4"></video></p>`},
		{"a & b < c &nbsp; \"d\"", "<p>a &amp; b &lt; c &nbsp; \"d\"</p>"},
		{"<math><mi href='javascript:x'>a</mi></math> <svg><a href='https://x'>b</a></svg>", "<p>a b</p>"},
	} {
		if got := convert(t, c, x.in); got != x.want {
			t.Errorf("%q\n got %q\nwant %q", x.in, got, x.want)
		}
	}
	deep := convert(t, c, strings.Repeat("<div>", 2000)+"<script>x</script>")
	if strings.Contains(deep, "<script") {
		t.Error("deeply nested HTML was let through")
	}
}

func TestTooLong(t *testing.T) {
	if _, err := standard().ToHTML(strings.Repeat("a", MaxInput+1)); !errors.Is(err, ErrTooLong) {
		t.Errorf("error = %v, want ErrTooLong", err)
	}
}

// TestHostileInput makes sure that patterns known to make Markdown parsers slow or deep are converted.
func TestHostileInput(t *testing.T) {
	for _, c := range hostileInputs() {
		out := convert(t, standard(), c)
		if !utf8.ValidString(out) {
			t.Errorf("%.20q… gives invalid UTF-8", c)
		}
	}
}

func hostileInputs() []string {
	const n = 20000
	var out []string
	for _, s := range []string{"*a **a ", "[", "![", "[a](", "[a](b \"", "[a](<b", "[a](b)(", "<", "<a b=\"", "<!", "<?", "{a=", "{a=\"b ", "[a]: ", "[a]: b \"", "> ", ">>>\n", "- ", "`a``", "{+", "[-", "+}", "$`", "{.a", "|", "a|", "&", "\\", "_a ",
		"~~a ", "++a", ":a", "www.", "a@", "http://a(", "[@a", "[#a:b]", "{#a:b} ", "<!--", "<a ", "]", "](", "* \n", "![a](a.mp4)", "*_"} {
		out = append(out, strings.Repeat(s, n/len(s)))
	}
	return append(out, strings.Repeat("*", n)+"x"+strings.Repeat("*", n), strings.Repeat("[a]: b\n", n/7), strings.Repeat("a\n", n/2)+"---",
		strings.Repeat("[", n)+"a"+strings.Repeat("](b)", n/4), "[@a]: "+strings.Repeat("[#a:b]", 1000)+"\n\n[#a:b]")
}

func FuzzToHTML(f *testing.F) {
	for _, s := range []string{"# a {#b .c}\n\n> q\n\n- [ ] t", "| a | b |\n|---|:-:|\n| 1 | 2 |", ">>>\nx\n>>>", "{+a+} [-b-] $`x`$ :smile:",
		"[@fig]: Figure [#].\n\n[#fig:a]{#fig:a}", "!V[a](b.mp4) ![c](d.mp4){onclick=x}", "<b>x</b>\n<!-- c -->", "www.a.co a@b.co http://x"} {
		f.Add(s)
	}
	strict, loose := standard(), New(Options{AllowHTML: true})
	f.Fuzz(func(t *testing.T, s string) {
		if len(s) > 4096 {
			return
		}
		for _, c := range []*Converter{strict, loose} {
			out, err := c.ToHTML(s)
			if err != nil {
				t.Fatal(err)
			}
			if !utf8.ValidString(out) {
				t.Errorf("%q gives invalid UTF-8", s)
			}
			if tag := dangerousTag(out); tag != "" {
				t.Errorf("%q gives %q", s, tag)
			}
		}
	})
}

func BenchmarkToHTML(b *testing.B) {
	b.ReportAllocs()
	c := standard()
	const text = "# Title\n\nSome *text* with [a link](https://a.co), `code` and https://b.co.\n\n- one\n- two {.c}\n\n| a | b |\n|---|---|\n| 1 | 2 |\n"
	b.SetBytes(int64(len(text)))
	for b.Loop() {
		if _, err := c.ToHTML(text); err != nil {
			b.Fatal(err)
		}
	}
}
