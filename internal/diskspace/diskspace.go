// Package diskspace tells how much a file system can still take.
package diskspace

import "math"

// Unlimited is the answer of systems that cannot be asked.
const Unlimited = math.MaxInt64
