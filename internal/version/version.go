// Package version says which build this is.
package version

// Compatibility is the level of the Para API that the server offers; clients compare it (D17).
const Compatibility = "1.54.8"

// Number is the version of this project.
const Number = "0.1.0"

// Revision is the build's source revision, set by the linker.
var Revision = "unknown"
