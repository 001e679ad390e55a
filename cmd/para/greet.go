package main

import (
	"fmt"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"github.com/erudika/para-go/client"
	"github.com/erudika/para-go/internal/version"
	"github.com/erudika/para-go/server"
)

const logo = `
   ____  ___  _________ _
  / __ \/ _ '/ __/ _  '/
 / /_/ / /_/ / / / /_/ /
/ .___/\__,_/_/  \__,_/   %s
/_/
`

// greet tells where things are and what to try: a person on the terminal, a program in the log.
func greet(t *tool, s *server.Server, log *slog.Logger) {
	if t.quiet {
		return
	}
	try := firstCommands(s)
	if !t.human() {
		log.Info("Para is ready", "address", s.URL(), "storage", s.DataDir(), "rootKeys", whereKeysLie(s), "try", try)
		return
	}
	if s.Config().Bool("print_logo") {
		fmt.Fprintf(t.out, logo, "v"+version.Number)
	}
	fmt.Fprintf(t.out, `
  Para %s is ready.

  Address    %s
  Storage    SQLite, in %s
  Root keys  %s

  Try in another terminal, in this folder:

    %s

`, version.Number, s.URL(), s.DataDir(), whereKeysLie(s), strings.Join(try, "\n    "))
}

func whereKeysLie(s *server.Server) string {
	switch file := s.KeysFile(); {
	case file != "":
		return file
	case s.Config().String("root_secret_override") != "":
		return "set by the option para.root_secret_override"
	}
	return "not saved; they were printed when the root app was made"
}

// firstCommands are three commands that work as they stand, in the folder of the server.
func firstCommands(s *server.Server) []string {
	para := ownName()
	setup := para + " setup"
	dir := s.Config().WorkDir()
	if named := s.Config().Path(); named != filepath.Join(dir, "para-application.conf") {
		setup += " --config " + quote(named)
	}
	if s.DataDir() != filepath.Join(dir, "data") {
		setup += " --data " + quote(s.DataDir())
	}
	if s.URL() != client.DefaultEndpoint {
		setup += " --endpoint " + s.URL()
	}
	return []string{
		setup,
		`echo '{"type":"todo", "name": "buy milk"}' > todo.json && ` + para + " create todo.json --id todo1 --encodeId false",
		para + ` search "type:todo"`,
	}
}

// ownName is how this program is called: by its name when the shell finds it, else as it was called now.
func ownName() string {
	self, err := os.Executable()
	if err != nil {
		return "para"
	}
	if found, err := exec.LookPath("para"); err == nil && sameFile(found, self) {
		return "para"
	}
	return quote(os.Args[0])
}

func sameFile(a, b string) bool {
	x, err := os.Stat(a)
	if err != nil {
		return false
	}
	y, err := os.Stat(b)
	return err == nil && os.SameFile(x, y)
}

// quote makes one word of the shell of a text.
func quote(text string) string {
	if strings.ContainsAny(text, " \t\n'\"\\$&|;<>()*?[]{}~#!`") {
		return "'" + strings.ReplaceAll(text, "'", `'\''`) + "'"
	}
	return text
}
