package models

import (
	"fmt"
	"io"
	"strings"
	"sync"
	"time"
)

// lines prints one plain line per job at most every few seconds, and one when the job ends.
type lines struct {
	w     io.Writer
	every time.Duration
	now   func() time.Time
	mu    sync.Mutex // guards w
}

func (l *lines) Begin(j Job) Meter {
	now := l.now()
	return &lineMeter{lines: l, job: j, total: j.Total, started: now, printed: now}
}

func (l *lines) Line(text string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	fmt.Fprintln(l.w, text)
}

func (l *lines) Close() {}

type lineMeter struct {
	lines   *lines
	job     Job
	started time.Time

	mu          sync.Mutex
	done, total int64
	note        string
	printed     time.Time
	ended       bool
}

func (m *lineMeter) Set(done, total int64) {
	m.update(func() { m.done, m.total = done, total })
}

func (m *lineMeter) Note(text string) {
	m.update(func() { m.note = text })
}

func (m *lineMeter) update(change func()) {
	m.mu.Lock()
	defer m.mu.Unlock()
	change()
	now := m.lines.now()
	if m.ended || now.Sub(m.printed) < m.lines.every {
		return
	}
	m.printed = now
	parts := []string{m.head()}
	if m.total > 0 {
		parts = append(parts, fmt.Sprintf("%d %%", percent(m.done, m.total)))
	}
	if m.total > 0 || m.done > 0 {
		parts = append(parts, amount(m.done, m.total, m.job.Unit))
	}
	if m.note != "" {
		parts = append(parts, m.note)
	}
	parts = append(parts, elapsed(now.Sub(m.started)))
	m.lines.Line(strings.Join(parts, "  "))
}

func (m *lineMeter) End(err error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.ended {
		return
	}
	m.ended = true
	took := elapsed(m.lines.now().Sub(m.started))
	switch {
	case err != nil:
		m.lines.Line(fmt.Sprintf("%s  failed after %s", m.head(), took))
	case m.total > 0:
		m.lines.Line(fmt.Sprintf("%s  done  %s in %s", m.head(), amount(m.total, 0, m.job.Unit), took))
	default:
		m.lines.Line(fmt.Sprintf("%s  done in %s", m.head(), took))
	}
}

func (m *lineMeter) head() string { return m.job.Verb + "  " + m.job.Name }
