package recording

import "sync/atomic"

// Room is the memory that the recordings of a process share.
type Room struct {
	left atomic.Int64
	full error
}

// NewRoom has room for so many bytes of sound. full is the error of a recording that finds no room.
func NewRoom(bytes int64, full error) *Room {
	r := &Room{full: full}
	r.left.Store(bytes)
	return r
}

// Left is how many bytes are free.
func (r *Room) Left() int64 { return r.left.Load() }

func (r *Room) take(bytes int) error {
	if r.left.Add(int64(-bytes)) < 0 {
		r.give(bytes)
		return r.full
	}
	return nil
}

func (r *Room) give(bytes int) { r.left.Add(int64(bytes)) }
