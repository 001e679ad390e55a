// Package ziparchive reads zip archives strictly and in constant memory: the directory is walked and not kept, whatever
// the number of entries, and an archive that is cut off, extended or changed after it was made is an error. It is for
// archives that others send; writing is left to archive/zip.
package ziparchive

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"fmt"
	"io"
	"iter"
)

// FormatError says what is wrong with an archive.
type FormatError struct{ Problem string }

// Error returns the problem, a clause about the archive.
func (e *FormatError) Error() string { return e.Problem }

func wrong(format string, args ...any) error {
	return &FormatError{Problem: fmt.Sprintf(format, args...)}
}

// Signatures and sizes of the records of a zip file (APPNOTE.TXT 4.3).
const (
	localSignature     = 0x04034b50
	directorySignature = 0x02014b50
	endSignature       = 0x06054b50
	end64Signature     = 0x06064b50
	locatorSignature   = 0x07064b50

	localSize     = 30
	directorySize = 46
	endSize       = 22
	end64Size     = 56
	locatorSize   = 20
	maxComment    = 1<<16 - 1

	saturated16 = 1<<16 - 1
	saturated32 = 1<<32 - 1

	flagEncrypted = 1

	stored   = 0
	deflated = 8
)

var le = binary.LittleEndian

// Reader reads an archive. It is for one goroutine, and for one open entry at a time.
type Reader struct {
	r         io.ReaderAt
	directory int64 // offset
	size      int64 // of the directory
	count     int64
	content   content
}

// NewReader finds the directory of an archive of size bytes. An archive without one, or with anything behind it, is a
// *FormatError; other errors come from r.
func NewReader(r io.ReaderAt, size int64) (*Reader, error) {
	tail := make([]byte, min(size, endSize+maxComment))
	if err := readAt(r, tail, size-int64(len(tail))); err != nil {
		return nil, err
	}
	at := findEnd(tail)
	if at < 0 {
		return nil, wrong("it is no zip archive, or one that was cut off")
	}
	end := tail[at:]
	z := &Reader{
		r:         r,
		count:     int64(le.Uint16(end[10:])),
		size:      int64(le.Uint32(end[12:])),
		directory: int64(le.Uint32(end[16:])),
	}
	if le.Uint16(end[8:]) != le.Uint16(end[10:]) {
		return nil, wrong("it is one of several volumes")
	}
	directoryEnd := size - int64(len(tail)-at)
	if z.count == saturated16 || z.size == saturated32 || z.directory == saturated32 {
		found, err := z.readEnd64(directoryEnd)
		if err != nil {
			return nil, err
		}
		if found >= 0 {
			directoryEnd = found
		}
	}
	if z.directory < 0 || z.size < 0 || z.directory > directoryEnd || z.size != directoryEnd-z.directory {
		return nil, wrong("its directory is not where it should be")
	}
	if z.count < 0 || z.count > z.size/directorySize {
		return nil, wrong("its directory is too short for the number of its entries")
	}
	return z, nil
}

// findEnd returns the place of the end record: the last one whose comment reaches exactly to the end; -1 for none.
func findEnd(tail []byte) int {
	for i := len(tail) - endSize; i >= 0; i-- {
		if le.Uint32(tail[i:]) == endSignature && int(le.Uint16(tail[i+20:])) == len(tail)-i-endSize {
			return i
		}
	}
	return -1
}

// readEnd64 reads the end record of large archives, which stands before the ordinary one, and returns its place; -1 when
// there is none, since the numbers of the ordinary record may be what they seem.
func (z *Reader) readEnd64(end int64) (int64, error) {
	if end < locatorSize+end64Size {
		return -1, nil
	}
	var b [end64Size]byte
	if err := readAt(z.r, b[:locatorSize], end-locatorSize); err != nil {
		return 0, err
	}
	if le.Uint32(b[:]) != locatorSignature {
		return -1, nil
	}
	at := int64(le.Uint64(b[8:]))
	if at < 0 || at > end-locatorSize-end64Size {
		return 0, wrong("its directory is not where it should be")
	}
	if err := readAt(z.r, b[:], at); err != nil {
		return 0, err
	}
	if le.Uint32(b[:]) != end64Signature {
		return 0, wrong("its end record is damaged")
	}
	z.count, z.size, z.directory = int64(le.Uint64(b[32:])), int64(le.Uint64(b[40:])), int64(le.Uint64(b[48:]))
	return at, nil
}

// Len returns the number of entries.
func (z *Reader) Len() int64 { return z.count }

// Entry is one file of an archive.
type Entry struct {
	Name string
	Size int64 // of its content

	method             uint16
	crc                uint32
	compressed, offset int64
}

// Entries walks the directory in its order. It ends with an error when the directory is damaged, or when entries share
// bytes, so that the content of all entries is at most a thousand times as large as the archive.
func (z *Reader) Entries() iter.Seq2[Entry, error] {
	return func(yield func(Entry, error) bool) {
		directory := bufio.NewReaderSize(io.NewSectionReader(z.r, z.directory, z.size), 1<<16)
		var used int64
		for range z.count {
			e, err := readEntry(directory)
			if err == nil {
				used += localSize + int64(len(e.Name)) + e.compressed
				if e.compressed > z.directory || used > z.directory {
					err = wrong("its entries overlap")
				}
			}
			if !yield(e, err) || err != nil {
				return
			}
		}
		if _, err := directory.ReadByte(); err == nil {
			yield(Entry{}, wrong("its directory holds more than its entries"))
		} else if err != io.EOF {
			yield(Entry{}, err)
		}
	}
}

func readEntry(r *bufio.Reader) (Entry, error) {
	var b [directorySize]byte
	if _, err := io.ReadFull(r, b[:]); err != nil {
		return Entry{}, truncated(err)
	}
	if le.Uint32(b[:]) != directorySignature {
		return Entry{}, wrong("its directory is damaged")
	}
	names := make([]byte, int(le.Uint16(b[28:]))+int(le.Uint16(b[30:])))
	if _, err := io.ReadFull(r, names); err != nil {
		return Entry{}, truncated(err)
	}
	if _, err := r.Discard(int(le.Uint16(b[32:]))); err != nil {
		return Entry{}, truncated(err)
	}
	name, extra := names[:le.Uint16(b[28:])], names[le.Uint16(b[28:]):]
	e := Entry{
		Name:       string(name),
		method:     le.Uint16(b[10:]),
		crc:        le.Uint32(b[16:]),
		compressed: int64(le.Uint32(b[20:])),
		Size:       int64(le.Uint32(b[24:])),
		offset:     int64(le.Uint32(b[42:])),
	}
	if err := e.readExtra(extra); err != nil {
		return e, err
	}
	switch {
	case le.Uint16(b[8:])&flagEncrypted != 0:
		return e, wrong("its entry %q is encrypted", e.Name)
	case e.method != stored && e.method != deflated:
		return e, wrong("its entry %q is compressed by a method that is not known here", e.Name)
	case e.Size < 0 || e.compressed < 0 || e.offset < 0 || e.method == stored && e.Size != e.compressed:
		return e, wrong("its entry %q has impossible sizes", e.Name)
	}
	return e, nil
}

// readExtra takes the numbers of large entries, each of which is there only when the ordinary one is saturated.
func (e *Entry) readExtra(extra []byte) error {
	const large = 1
	for len(extra) >= 4 {
		id, n := le.Uint16(extra), int(le.Uint16(extra[2:]))
		if extra = extra[4:]; n > len(extra) {
			break // padding that some programs write
		}
		field := extra[:n]
		extra = extra[n:]
		if id != large {
			continue
		}
		for _, v := range []*int64{&e.Size, &e.compressed, &e.offset} {
			if *v != saturated32 {
				continue
			}
			if len(field) < 8 {
				return wrong("its entry %q has impossible sizes", e.Name)
			}
			*v, field = int64(le.Uint64(field)), field[8:]
		}
		return nil
	}
	return nil
}

// Open returns the content of an entry. Reading it to its end checks its size and checksum. The next Open invalidates it.
func (z *Reader) Open(e Entry) (io.Reader, error) {
	header := make([]byte, localSize+len(e.Name))
	if e.offset > z.directory-int64(len(header)) {
		return nil, damaged(e)
	}
	if err := readAt(z.r, header, e.offset); err != nil {
		return nil, err
	}
	same := le.Uint32(header) == localSignature && le.Uint16(header[8:]) == e.method &&
		int(le.Uint16(header[26:])) == len(e.Name) && bytes.Equal(header[localSize:], []byte(e.Name))
	start := e.offset + int64(len(header)) + int64(le.Uint16(header[28:]))
	if !same || start > z.directory-e.compressed {
		return nil, damaged(e)
	}
	z.content.reset(e, io.NewSectionReader(z.r, start, e.compressed))
	return &z.content, nil
}

func damaged(e Entry) error { return wrong("its entry %q is damaged", e.Name) }

func truncated(err error) error {
	if err == io.EOF || err == io.ErrUnexpectedEOF {
		return wrong("its directory ends too early")
	}
	return err
}

// readAt fills b; an archive that ends before is an error of its form.
func readAt(r io.ReaderAt, b []byte, offset int64) error {
	n, err := r.ReadAt(b, offset)
	if n == len(b) {
		return nil
	}
	if err == io.EOF || err == nil {
		return wrong("it ends too early")
	}
	return err
}
