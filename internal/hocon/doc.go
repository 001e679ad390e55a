// Package hocon reads configuration text: the subset of HOCON that Para's files use (C 2.1), strict JSON and Java
// properties files (C 2.4). Every value knows the file and line it came from, so that whoever uses it can say where a
// wrong value stands. Input is bounded in size, nesting, includes and in what substitutions may expand to.
package hocon
