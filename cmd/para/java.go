package main

import (
	"slices"
	"strings"

	"github.com/erudika/para-go/internal/config"
)

// javaArguments takes what only the Java server understands out of a command line that is about the server: -Dname=value
// and --server.port=9000 are kept as definitions, options of the Java virtual machine and "-jar para.jar" are dropped
// (C 1.6). A command line of nothing else starts the server, so that scripts written for the Java server keep working.
func (t *tool) javaArguments(args []string) []string {
	d := config.ParseArgs(args)
	name := ""
	if i := slices.IndexFunc(d.Rest, func(arg string) bool { return !strings.HasPrefix(arg, "-") }); i >= 0 {
		name = d.Rest[i]
	}
	switch {
	case len(d.Rest) == 0 && len(args) > 0:
		d.Rest = []string{"serve"}
	case !slices.Contains(serverCommands, name):
		return args
	}
	t.definitions = d.Values
	return d.Rest
}
