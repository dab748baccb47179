package turnset

import (
	"math"
	"time"

	"github.com/intellifit/intellifit/shared/speech/pcm"
)

// turn makes one of a kind.
func (b *builder) turn(kind string) Turn {
	t := &track{b: b}
	var s source
	switch kind {
	case Plain, Noisy:
		s = b.any("whole")
		t.begin(s)
		gaps := 0
		if kind == Noisy && b.r.IntN(2) == 0 {
			gaps = 1
		}
		t.say(s, gaps)
	case Pauses:
		s = b.any("gaps")
		t.begin(s)
		t.say(s, 1+b.r.IntN(2))
	case Joined:
		open := b.any("open")
		s = b.any("whole")
		for s.voice != open.voice {
			s = b.any("whole")
		}
		t.begin(open)
		t.say(open, 0)
		t.pause()
		t.say(s, 0)
	case Short:
		s = b.any("words")
		t.begin(s)
		words := s.words[b.r.IntN(len(s.words))]
		if b.r.IntN(3) == 0 {
			words = s.samples
		}
		t.append(words)
	}
	end := t.length()
	var after func(float64) float64
	if kind == Noisy {
		after = b.gym()
	}
	t.silence(Silence, after)
	return Turn{Kind: kind, Clip: pcm.Clip{Rate: pcm.Rate, Samples: t.samples}, End: end, Holes: t.holes}
}

func (b *builder) any(use string) source { return b.marks[use][b.r.IntN(len(b.marks[use]))] }

// pauseLength is drawn as people pause (Campione and Véronis 2002): half are brief, 200 to 400 ms, a third medium up to 800 ms, the rest up to 1.5 s.
func (b *builder) pauseLength() time.Duration {
	in := func(from, to int) time.Duration {
		return time.Duration(from+b.r.IntN(to-from)) * time.Millisecond
	}
	switch p := b.r.Float64(); {
	case p < 0.5:
		return in(200, 400)
	case p < 0.85:
		return in(400, 800)
	}
	return in(800, 1500)
}

// track is sound as it grows.
type track struct {
	b       *builder
	samples []float32
	holes   []Hole
	noise   float64 // level of the room
	speech  float64
	brown   float64
}

func (t *track) length() time.Duration {
	return time.Duration(len(t.samples)) * time.Second / pcm.Rate
}

// begin is a moment of the room before somebody speaks: as loud as the recording's own noise, or louder, 20 to 40 dB below the voice.
func (t *track) begin(s source) {
	t.speech = s.level
	t.noise = max(s.floor, s.level*math.Pow(10, -(20+20*t.b.r.Float64())/20))
	t.silence(time.Duration(300+t.b.r.IntN(400))*time.Millisecond, nil)
}

// say is the recording with pauses in some of its gaps.
func (t *track) say(s source, pauses int) {
	at := 0
	for i, g := range s.gaps {
		left := len(s.gaps) - i
		if pauses > 0 && t.b.r.IntN(left) < pauses {
			t.append(s.samples[at:g])
			t.pause()
			at, pauses = g, pauses-1
		}
	}
	t.append(s.samples[at:])
}

// append adds sound, faded in and out over 5 ms so that cuts do not click, with the noise of the room under it.
func (t *track) append(samples []float32) {
	const fade = pcm.Rate / 200
	start := len(t.samples)
	t.samples = append(t.samples, samples...)
	added := t.samples[start:]
	for i := range min(fade, len(added)/2) {
		gain := float32(i) / fade
		added[i] *= gain
		added[len(added)-1-i] *= gain
	}
	for i := range added {
		added[i] += float32(t.room())
	}
}

func (t *track) pause() {
	start := t.length()
	t.silence(t.b.pauseLength(), nil)
	t.holes = append(t.holes, Hole{start, t.length()})
}

// silence is the noise of the room, and of what else is to hear.
func (t *track) silence(length time.Duration, also func(second float64) float64) {
	for i := range int(length.Seconds() * pcm.Rate) {
		v := t.room()
		if also != nil {
			v += 0.3 * t.speech * also(float64(i)/pcm.Rate)
		}
		t.samples = append(t.samples, float32(v))
	}
}

// room is one sample of the noise of a room: soft, more of it low.
func (t *track) room() float64 {
	t.brown = 0.95*t.brown + 0.31*t.b.r.NormFloat64()
	return t.noise * (0.8*t.brown + 0.2*t.b.r.NormFloat64())
}

// gym is one of the noises of a gym, about as loud as 1.
func (b *builder) gym() func(second float64) float64 {
	sine := func(hz, s float64) float64 { return math.Sin(2 * math.Pi * hz * s) }
	shift := b.r.Float64()
	switch b.r.IntN(4) {
	case 0: // a beat of 120 a minute
		return func(s float64) float64 {
			return 2 * sine(60, s) * math.Exp(-12*math.Mod(s+shift, 0.5))
		}
	case 1: // plates that fall
		return func(s float64) float64 {
			t := math.Mod(s+shift, 1.4)
			return math.Exp(-15*t) * (sine(1870, s) + sine(2930, s) + sine(4310, s))
		}
	case 2: // a fan
		low := 0.0
		return func(s float64) float64 {
			low = 0.9*low + 0.2*b.r.NormFloat64()
			return low + 0.5*sine(100, s)
		}
	}
	return func(s float64) float64 { // a treadmill: steps and a belt
		return 0.5*b.r.NormFloat64() + 3*sine(90, s)*math.Exp(-25*math.Mod(s+shift, 0.37))
	}
}
