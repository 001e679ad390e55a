//go:build race

package sqlite

// raceDetector: under the race detector every step of SQLite takes ten times as long and shows nothing about its own memory,
// which the detector does not watch. So tests that do a lot do less then: the same things, fewer times.
const raceDetector = true
