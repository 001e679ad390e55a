package ziparchive

import (
	"bufio"
	"compress/flate"
	"errors"
	"hash/crc32"
	"io"
)

// content is the content of an entry while it is read. Its buffers serve one entry after the other.
type content struct {
	entry  Entry
	raw    *bufio.Reader // the bytes of the archive
	flate  io.ReadCloser // nil until an entry needs it
	source io.Reader
	read   int64
	crc    uint32
	err    error
}

func (c *content) reset(e Entry, section io.Reader) {
	c.entry, c.read, c.crc, c.err = e, 0, 0, nil
	if c.raw == nil {
		c.raw = bufio.NewReaderSize(section, 1<<16)
	} else {
		c.raw.Reset(section)
	}
	c.source = c.raw
	if e.method != deflated {
		return
	}
	if c.flate == nil {
		c.flate = flate.NewReader(c.raw)
	} else if err := c.flate.(flate.Resetter).Reset(c.raw, nil); err != nil {
		c.err = err
	}
	c.source = c.flate
}

// Read reads on. At the end it returns io.EOF only if the size and the checksum are those of the directory.
func (c *content) Read(p []byte) (int, error) {
	if c.err != nil {
		return 0, c.err
	}
	n, err := c.source.Read(p)
	c.crc = crc32.Update(c.crc, crc32.IEEETable, p[:n])
	c.read += int64(n)
	if c.read > c.entry.Size {
		err = damaged(c.entry)
	} else if err != nil {
		err = c.end(err)
	}
	c.err = err
	return n, err
}

// end decides how the content ends after an error of its source.
func (c *content) end(err error) error {
	var corrupt flate.CorruptInputError
	switch {
	case errors.As(err, &corrupt), err == io.ErrUnexpectedEOF:
		return damaged(c.entry)
	case err != io.EOF:
		return err
	}
	if _, more := c.raw.Peek(1); c.read != c.entry.Size || c.crc != c.entry.crc || more != io.EOF {
		return damaged(c.entry)
	}
	return io.EOF
}
