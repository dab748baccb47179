package models

import "sync"

// beat repeats the last note of a meter on demand, so that a display that acts on change shows the time going by.
type beat struct {
	Meter
	mu   sync.Mutex
	note string
}

func (b *beat) Note(text string) {
	b.mu.Lock()
	b.note = text
	b.mu.Unlock()
	b.Meter.Note(text)
}

func (b *beat) again() {
	b.mu.Lock()
	note := b.note
	b.mu.Unlock()
	b.Meter.Note(note)
}
