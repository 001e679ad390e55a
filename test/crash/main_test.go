package crash

import (
	"context"
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

var (
	kills = flag.Int("kills", 5, "how often the server is killed")
	seed  = flag.Uint64("seed", 0, "seed of all random choices; 0 picks one")
)

// serverBinary is the server under test.
var serverBinary string

func TestMain(m *testing.M) {
	flag.Parse()
	if *seed == 0 {
		*seed = rand.Uint64()
	}
	code, err := run(m)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		code = 1
	}
	os.Exit(code)
}

func run(m *testing.M) (code int, err error) {
	fmt.Printf("seed %d (repeat with -seed)\n", *seed)
	serverBinary = os.Getenv("PARA_BIN")
	if serverBinary == "" {
		dir, err := os.MkdirTemp("", "para-crash")
		if err != nil {
			return 1, err
		}
		defer os.RemoveAll(dir)
		serverBinary = filepath.Join(dir, "para")
		build := exec.CommandContext(context.Background(), "go", "build", "-o", serverBinary, "github.com/erudika/para-go/cmd/para")
		build.Env = append(os.Environ(), "CGO_ENABLED=0")
		if out, err := build.CombinedOutput(); err != nil {
			return 1, fmt.Errorf("build the server: %w\n%s", err, out)
		}
	}
	if _, err := os.Stat(serverBinary); err != nil {
		return 1, fmt.Errorf("PARA_BIN: %w", err)
	}
	return m.Run(), nil
}

// newRand returns the random numbers of one test.
func newRand(t *testing.T) *rand.Rand {
	t.Helper()
	var name uint64
	for _, c := range []byte(t.Name()) {
		name = name*31 + uint64(c)
	}
	t.Logf("seed %d", *seed)
	return rand.New(rand.NewPCG(*seed, name))
}
