package decode

import (
	"errors"
	"fmt"
	"io"
	"math/bits"
)

// unknown is the size of an element that is written while it is recorded.
const unknown = -1

// maxElement is how large an element may be that is read into memory.
const maxElement = 1 << 20

var errEBML = errors.New("malformed WebM")

// element is an EBML element (RFC 8794).
type element struct {
	id   uint32
	body []byte
}

// readID reads the identifier of an element. io.EOF is the end of the file.
func readID(r io.ByteReader) (uint32, error) {
	first, err := r.ReadByte()
	if err != nil {
		return 0, err
	}
	n := bits.LeadingZeros8(first)
	if n > 3 {
		return 0, fmt.Errorf("%w: an identifier begins with %#x", errEBML, first)
	}
	id := uint32(first)
	for range n {
		b, err := r.ReadByte()
		if err != nil {
			return 0, unexpected(err)
		}
		id = id<<8 | uint32(b)
	}
	return id, nil
}

// readSize reads a size or a number of the same coding.
func readSize(r io.ByteReader) (int64, error) {
	first, err := r.ReadByte()
	if err != nil {
		return 0, unexpected(err)
	}
	n := bits.LeadingZeros8(first)
	if n > 7 {
		return 0, fmt.Errorf("%w: a size begins with 0", errEBML)
	}
	v := int64(first) & (1<<(7-n) - 1)
	for range n {
		b, err := r.ReadByte()
		if err != nil {
			return 0, unexpected(err)
		}
		v = v<<8 | int64(b)
	}
	if v == 1<<(7*(n+1))-1 {
		return unknown, nil
	}
	return v, nil
}

// elements divides the body of an element that holds others.
func elements(b []byte) ([]element, error) {
	var all []element
	r := &byteReader{b}
	for len(r.b) > 0 {
		id, err := readID(r)
		if err != nil {
			return nil, err
		}
		size, err := readSize(r)
		if err != nil {
			return nil, err
		}
		if size < 0 || size > int64(len(r.b)) {
			return nil, fmt.Errorf("%w: element %#x has %d bytes of %d", errEBML, id, size, len(r.b))
		}
		all = append(all, element{id, r.b[:size]})
		r.b = r.b[size:]
	}
	return all, nil
}

// byteReader is the part of bytes.Reader that lets its bytes be taken.
type byteReader struct{ b []byte }

func (r *byteReader) ReadByte() (byte, error) {
	if len(r.b) == 0 {
		return 0, io.EOF
	}
	b := r.b[0]
	r.b = r.b[1:]
	return b, nil
}

// unsigned is the number of an element.
func (e element) unsigned() uint64 {
	v := uint64(0)
	for _, b := range e.body[max(len(e.body)-8, 0):] {
		v = v<<8 | uint64(b)
	}
	return v
}

func unexpected(err error) error {
	if err == io.EOF {
		return io.ErrUnexpectedEOF
	}
	return err
}
