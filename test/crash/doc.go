// Package crash holds tests that end the real server in the midst of its work and look at what is left: it is killed at
// random points while clients write, its system calls are traced to see that commits are flushed before they are
// answered, power is cut by dropping everything that was not flushed, and its disk fills up and fails.
//
// The server is the binary that the environment variable PARA_BIN names, or one that the tests build. Flags:
//
//	-kills N   how often the server is killed (5; `make crash` uses 50)
//	-seed N    repeats the random choices of a run, which prints its seed
//
// The tests of system calls and disks need Linux, strace and the right to mount a tmpfs, and fail without.
package crash
