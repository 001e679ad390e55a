package config

import "strconv"

// Source is the kind of place a value came from, weakest first (C 1.1).
type Source int

// The sources of values.
const (
	FromDefault     Source = iota // the table of options
	FromPackaged                  // the packaged defaults of the server binary (C 1.5, D112)
	FromFile                      // the configuration file
	FromEnvironment               // an environment variable
	FromDefinition                // a -Dname=value definition
	FromFlag                      // a flag of the command line
)

// Origin says where a value came from.
type Origin struct {
	Source Source
	Name   string // file, environment variable, definition or flag
	Line   int    // in the file
	Column int
}

// String returns for example "application.conf:3:12", "environment variable PARA_PORT" or "default".
func (o Origin) String() string {
	switch o.Source {
	case FromPackaged:
		return "packaged default"
	case FromFile:
		if o.Line == 0 {
			return o.Name
		}
		return o.Name + ":" + strconv.Itoa(o.Line) + ":" + strconv.Itoa(o.Column)
	case FromEnvironment:
		return "environment variable " + o.Name
	case FromDefinition:
		return "definition -D" + o.Name
	case FromFlag:
		return "flag --" + o.Name
	}
	return "default"
}

// Problem is one wrong value, or one part of the configuration that has no effect.
type Problem struct {
	Origin  Origin
	Key     string // with the prefix "para."; empty when it is about no single key
	Message string // what is wrong and how to mend it; never holds a sensitive value
}

// Error returns "origin: key: message".
func (p *Problem) Error() string {
	s := p.Message
	if p.Key != "" {
		s = p.Key + ": " + s
	}
	if p.Origin.Source != FromDefault {
		s = p.Origin.String() + ": " + s
	}
	return s
}
