package voice

import (
	"context"
	"slices"
	"sync"
)

// What is said in every call. These are spoken from a cache once they were made.
const (
	sorrySilence = "I did not catch that. Could you say it again?"
	sorryDeaf    = "I cannot hear you right now. Please try again in a moment, or write to me in the chat."
	sorryBusy    = "Many members talk with me at the moment. Please try again in a minute."
	sorryFailed  = "Something went wrong on my side. Please say that again."
)

// fillers are said while a tool takes its time, one after the other.
var fillers = []string{"One moment, please.", "Let me look that up.", "I am on it."}

// maxPhrases bounds the cache: texts that names stand in must not fill it.
const maxPhrases = 200

// phrases keeps the sound of what is said often.
type phrases struct {
	mu    sync.Mutex
	sound map[string][]byte // by voice and text
	order []string
}

func (p *phrases) get(voice, text string) ([]byte, bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	sound, ok := p.sound[voice+"\x00"+text]
	return sound, ok
}

func (p *phrases) put(voice, text string, sound []byte) {
	p.mu.Lock()
	defer p.mu.Unlock()
	at := voice + "\x00" + text
	if p.sound == nil {
		p.sound = map[string][]byte{}
	}
	if _, ok := p.sound[at]; !ok {
		p.order = append(p.order, at)
	}
	p.sound[at] = sound
	if len(p.order) > maxPhrases {
		delete(p.sound, p.order[0])
		p.order = slices.Delete(p.order, 0, 1)
	}
}

// warm makes the sound of the fillers, so that the first wait is short.
func (c *Calls) warm(ctx context.Context, voice string, rate int) {
	for _, text := range append([]string{sorrySilence}, fillers...) {
		var cut clauses
		for _, clause := range append(cut.write(text), cut.end()...) {
			if err := c.speak(ctx, voice, rate, clause, true, func([]byte) error { return nil }); err != nil {
				c.Log(ctx).Warn("a phrase was not made ahead", "cause", err.Error())
				return
			}
		}
	}
}
