package browsertest

import (
	"path/filepath"
	"testing"
)

// Plan is a call to make: where, as whom, and what to say.
type Plan struct {
	Base        string   // of the installation, without a slash at its end
	Token       string   // of a member
	Recordings  []string // WAV files of 16-bit PCM, said one after the other, each when it is the member's turn
	Mode        string   // "open" (default) or "talk"
	PatienceMS  int      // for one turn; default a minute
	Screenshots string   // a folder for a picture after each turn, or nothing
}

// Result is what the page showed and the browser noticed.
type Result struct {
	Turns     []Shown          // after each recording
	Captions  []Caption        // of the whole call
	Latencies []map[string]any // the table of the page: turn, heard_after, waited, and the stages; nil: it did not happen
	Sounded   [][2]float64     // when the loudspeaker was not silent, in ms
	Ended     string           // the last line after hanging up
	Errors    []string         // of the console
	Foreign   []string         // requests to other hosts
}

// Shown is what stands on the page beside the captions.
type Shown struct{ State, Problem, Proposal string }

// Caption is a line of the captions: Who is you, coach or note.
type Caption struct{ Who, Text string }

// Call makes a call in Chromium with a microphone that plays the recordings.
func Call(t testing.TB, p Plan) (r Result) {
	t.Helper()
	dir := Dir(t)
	config := map[string]any{"chromium": Chromium(t), "base": p.Base, "token": p.Token, "microphone": filepath.Join(dir, "microphone.wav"), "screenshots": p.Screenshots}
	if p.Mode != "" {
		config["mode"] = p.Mode
	}
	if p.PatienceMS > 0 {
		config["patience"] = p.PatienceMS
	}
	recordings := make([]string, len(p.Recordings))
	for i, name := range p.Recordings {
		path, err := filepath.Abs(name)
		if err != nil {
			t.Fatal(err)
		}
		recordings[i] = path
	}
	config["recordings"] = recordings
	Run(t, dir, "call.mjs", config, &r)
	return r
}
