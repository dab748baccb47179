package models

import (
	"fmt"
	"io"
	"sync"
	"time"

	"github.com/vbauerster/mpb/v8"
	"github.com/vbauerster/mpb/v8/decor"
)

// NewBars returns a progress that draws a bar per job on a terminal.
func NewBars(w io.Writer) Progress {
	return &bars{p: mpb.New(mpb.WithOutput(w), mpb.WithWidth(40), mpb.WithAutoRefresh(), mpb.WithRefreshRate(150*time.Millisecond))}
}

type bars struct{ p *mpb.Progress }

func (b *bars) Line(text string) { fmt.Fprintln(b.p, text) }

// Close stops the drawing also when a job never ended, so that an error path cannot hang here.
func (b *bars) Close() { b.p.Shutdown() }

func (b *bars) Begin(j Job) Meter {
	m := &barMeter{job: j, total: j.Total, started: time.Now()}
	m.bar = b.p.MustAdd(max(j.Total, 0), mpb.BarStyle().Build(),
		mpb.PrependDecorators(
			decor.Name(j.Verb, decor.WC{W: 9, C: decor.DindentRight}),
			decor.Name(j.Name, decor.WC{W: 16, C: decor.DindentRight}),
		),
		mpb.AppendDecorators(decor.Any(func(decor.Statistics) string { return m.text() })),
	)
	return m
}

type barMeter struct {
	job     Job
	started time.Time
	bar     *mpb.Bar

	mu          sync.Mutex
	first       int64 // where this run began, for the speed of a resumed download
	begun       bool
	done, total int64
	note        string
	state       string
}

func (m *barMeter) Set(done, total int64) {
	m.mu.Lock()
	if !m.begun {
		m.first, m.begun = done, true
	}
	m.done, m.total = done, total
	m.mu.Unlock()
	m.bar.SetTotal(total, false)
	m.bar.SetCurrent(done)
}

func (m *barMeter) Note(text string) {
	m.mu.Lock()
	m.note = text
	m.mu.Unlock()
}

func (m *barMeter) End(err error) {
	m.mu.Lock()
	if m.state != "" {
		m.mu.Unlock()
		return
	}
	took := elapsed(time.Since(m.started))
	if err != nil {
		m.state = "failed after " + took
	} else {
		m.state = "done in " + took
		if m.total > 0 {
			m.done = m.total
		}
	}
	done := m.done
	m.mu.Unlock()
	if err != nil {
		m.bar.Abort(false)
		return
	}
	m.bar.SetTotal(max(done, 1), false)
	m.bar.SetCurrent(max(done, 1))
	m.bar.SetTotal(-1, true)
}

// text is what stands right of the bar: percent, amount, and the time that is left or went by.
func (m *barMeter) text() string {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.state != "" {
		return " " + m.state
	}
	since := time.Since(m.started)
	var s string
	if m.total > 0 {
		s = fmt.Sprintf(" %3d %%  %s", percent(m.done, m.total), amount(m.done, m.total, m.job.Unit))
	}
	if gained := m.done - m.first; m.total > 0 && gained > 0 && since > time.Second {
		left := time.Duration(float64(since) * float64(m.total-m.done) / float64(gained))
		s += "  " + elapsed(left) + " left"
	} else {
		s += "  " + elapsed(since)
	}
	if m.note != "" {
		s += "  " + m.note
	}
	return s
}
