// Package para is the domain language of the Para backend server: objects and their types, apps, the records a store
// keeps, the queries a search engine answers, and the interfaces that a backend implements. It does no I/O and imports
// the standard library only.
package para
