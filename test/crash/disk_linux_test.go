package crash

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// tracedDisk is what a disk that keeps only what was flushed would hold: it is fed with the system calls of the server.
// A flush of a file covers its content, a flush of a folder the names in it. Everything else may be lost, but names are
// never lost out of order.
type tracedDisk struct {
	root    string
	names   map[string]*tracedFile // as the server sees them, by path
	durable map[string]*tracedFile // names that were flushed
	changes []nameChange           // of names, not flushed
	seq     int
	syncs   map[*syscallEntry]int // running flushes: they cover effects up to this one
}

// tracedFile is the content of a file.
type tracedFile struct {
	data    []byte // flushed
	pending []effect
}

// effect is a write, or a truncation when data is nil.
type effect struct {
	seq  int
	off  int64
	data []byte
}

// nameChange puts a file under a name or, when file is nil, removes the name. Both halves of a renaming have one number.
type nameChange struct {
	seq  int
	path string
	file *tracedFile
}

func newTracedDisk(root string) *tracedDisk {
	return &tracedDisk{root: root, names: map[string]*tracedFile{}, durable: map[string]*tracedFile{}, syncs: map[*syscallEntry]int{}}
}

// take applies one event. Calls that change files in a way that is not known here are errors: the model would be wrong.
func (d *tracedDisk) take(e event) error {
	c := e.call
	if !e.end {
		if c.name == "fsync" || c.name == "fdatasync" {
			d.syncs[c] = d.seq
		}
		return nil
	}
	if c.result < 0 {
		return nil
	}
	switch c.name {
	case "open":
		d.open(c.text(0), c.args[1])
	case "openat":
		d.open(c.text(1), c.args[2])
	case "unlink":
		d.rename(c.text(0), "")
	case "unlinkat":
		d.rename(c.text(1), "")
	case "rename":
		d.rename(c.text(0), c.text(1))
	case "renameat", "renameat2":
		d.rename(c.text(1), c.text(3))
	case "pwrite64":
		off, err := c.number(3)
		if err != nil {
			return err
		}
		d.write(c.path(0), off, []byte(c.text(1))[:c.result])
	case "ftruncate":
		size, err := c.number(1)
		if err != nil {
			return err
		}
		d.write(c.path(0), size, nil)
	case "fsync", "fdatasync":
		d.flush(c.path(0), d.syncs[c])
		delete(d.syncs, c)
	case "read", "msync", "sync_file_range":
	default:
		for i := range c.args {
			if d.file(c.path(i)) != nil || d.ours(c.text(i)) {
				return fmt.Errorf("%s changes %v: teach tracedDisk about it", c.name, c.args[:1])
			}
		}
	}
	return nil
}

// ours tells files whose content counts: shared memory of SQLite is of no value after a crash and is not read.
func (d *tracedDisk) ours(path string) bool {
	return strings.HasPrefix(path, d.root+"/apps/") && !strings.HasSuffix(path, "-shm")
}

func (d *tracedDisk) file(path string) *tracedFile {
	if !d.ours(path) {
		return nil
	}
	return d.names[path]
}

func (d *tracedDisk) open(path, flags string) {
	if !d.ours(path) {
		return
	}
	f := d.names[path]
	if f == nil && strings.Contains(flags, "O_CREAT") {
		d.seq++
		f = &tracedFile{}
		d.name(path, f)
	}
	if f != nil && strings.Contains(flags, "O_TRUNC") {
		d.write(path, 0, nil)
	}
}

// name is one half of a change of names.
func (d *tracedDisk) name(path string, f *tracedFile) {
	if f == nil {
		delete(d.names, path)
	} else {
		d.names[path] = f
	}
	d.changes = append(d.changes, nameChange{d.seq, path, f})
}

// rename gives a file another name or, when that is empty, removes it.
func (d *tracedDisk) rename(from, to string) {
	f := d.file(from)
	if f == nil {
		return
	}
	d.seq++
	d.name(from, nil)
	if to != "" {
		d.name(to, f)
	}
}

func (d *tracedDisk) write(path string, off int64, data []byte) {
	f := d.file(path)
	if f == nil {
		return // removed, or not ours
	}
	d.seq++
	f.pending = append(f.pending, effect{d.seq, off, data})
}

// flush makes durable what happened to a file or to the names in a folder up to a moment.
func (d *tracedDisk) flush(path string, until int) {
	if f := d.file(path); f != nil {
		n := 0
		for ; n < len(f.pending) && f.pending[n].seq <= until; n++ {
			f.data = f.pending[n].apply(f.data)
		}
		f.pending = f.pending[n:]
		return
	}
	if path != d.root+"/apps" {
		return
	}
	for len(d.changes) > 0 && d.changes[0].seq <= until {
		d.changes[0].apply(d.durable)
		d.changes = d.changes[1:]
	}
}

func (n nameChange) apply(names map[string]*tracedFile) {
	if n.file == nil {
		delete(names, n.path)
	} else {
		names[n.path] = n.file
	}
}

func (e effect) apply(data []byte) []byte {
	size := e.off + int64(len(e.data))
	if e.data == nil {
		if size <= int64(len(data)) {
			return data[:size]
		}
		return append(data, make([]byte, size-int64(len(data)))...)
	}
	if grow := size - int64(len(data)); grow > 0 {
		data = append(data, make([]byte, grow)...)
	}
	copy(data[e.off:], e.data)
	return data
}

const sectorSize = 512

// keep chooses what of an effect that was not flushed reaches the disk: nothing, all, or the first sectors of it.
func (e effect) keep(rng *rand.Rand, data []byte) []byte {
	switch rng.IntN(4) {
	case 0:
		return e.apply(data)
	case 1:
		if sectors := len(e.data) / sectorSize; sectors > 1 {
			e.data = e.data[:sectorSize*(1+rng.IntN(sectors-1))]
			return e.apply(data)
		}
	}
	return data
}

// What a power cut leaves of the things that were not flushed.
type luck int

const (
	nothing    luck = iota // all of them are lost
	some                   // any of them are lost, some writes halfway
	everything             // none is lost
)

// cut writes the files as the disk could hold them when power fails now into a new folder and returns it.
func (d *tracedDisk) cut(t *testing.T, rng *rand.Rand, what luck) string {
	t.Helper()
	names := maps.Clone(d.durable)
	n := map[luck]int{nothing: 0, some: d.wholeChanges(rng.IntN(len(d.changes) + 1)), everything: len(d.changes)}[what]
	for _, c := range d.changes[:n] {
		c.apply(names)
	}
	dir := t.TempDir()
	if err := os.Mkdir(filepath.Join(dir, "apps"), 0o700); err != nil {
		t.Fatal(err)
	}
	for path, f := range names {
		data := slices.Clone(f.data)
		for _, e := range f.pending {
			switch what {
			case some:
				data = e.keep(rng, data)
			case everything:
				data = e.apply(data)
			}
		}
		if err := os.WriteFile(filepath.Join(dir, "apps", filepath.Base(path)), data, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// wholeChanges moves n so that it does not part the halves of a renaming.
func (d *tracedDisk) wholeChanges(n int) int {
	for n > 0 && n < len(d.changes) && d.changes[n-1].seq == d.changes[n].seq {
		n++
	}
	return n
}
