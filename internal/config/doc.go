// Package config is the server's configuration: one table of options, where each effective value came from, and the
// rules by which files, environment and command line override each other (C 1, C 3). It also writes the reference of
// options that clients read (C 3.8) and puts the root app's keys into a configuration file (D88).
//
// Option names leave out the prefix "para.".
package config
