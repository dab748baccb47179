package models

import (
	"sync"
	"time"
)

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

// beating repeats the last note of a meter every second until stop, for work that is silent for a minute.
func beating(m Meter) (b *beat, stop func()) {
	b = &beat{Meter: m}
	done := make(chan struct{})
	go func() {
		t := time.NewTicker(time.Second)
		defer t.Stop()
		for {
			select {
			case <-done:
				return
			case <-t.C:
				b.again()
			}
		}
	}()
	return b, func() { close(done) }
}
