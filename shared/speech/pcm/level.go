package pcm

import "time"

// Floor is the loudness in dBFS below which nothing is told apart.
const Floor = -120

// Span is a stretch of a clip.
type Span struct{ Start, End time.Duration }

// Loudness is the clip's RMS level in dBFS: 0 is a square wave at full scale, Floor is silence.
func Loudness(c Clip) float64 { panic("pcm.Loudness is not written yet") }

// Peak is the largest sample, whatever its sign.
func Peak(c Clip) float64 { panic("pcm.Peak is not written yet") }

// Silent reports whether nothing in the clip is loud enough for long enough to be speech.
func Silent(c Clip) bool { panic("pcm.Silent is not written yet") }

// Cuts divides a clip into spans of at most longest, in order and without gaps, cut where it is quietest.
func Cuts(c Clip, longest time.Duration) []Span { panic("pcm.Cuts is not written yet") }
