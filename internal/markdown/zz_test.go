package markdown
import ("testing";"time";"os")
func FuzzZZ(f *testing.F) {
	for _, s := range []string{"# a {#b .c}\n\n> q\n\n- [ ] t", "| a | b |\n|---|:-:|\n| 1 | 2 |", ">>>\nx\n>>>", "{+a+} [-b-] $`x`$ :smile:",
		"[@fig]: Figure [#].\n\n[#fig:a]{#fig:a}", "!V[a](b.mp4) ![c](d.mp4){onclick=x}", "<b>x</b>\n<!-- c -->", "www.a.co a@b.co http://x"} { f.Add(s) }
	strict, loose := standard(), New(Options{AllowHTML:true})
	f.Fuzz(func(t *testing.T, s string) { if len(s)>4096 {return}
		tm:=time.AfterFunc(2*time.Second, func(){ os.WriteFile("/tmp/hang.txt",[]byte(s),0644); panic("hang") }); defer tm.Stop()
		strict.ToHTML(s); loose.ToHTML(s) })
}
