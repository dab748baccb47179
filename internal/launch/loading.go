package launch

import (
	"context"
	"slices"
	"sync"

	"github.com/intellifit/intellifit/internal/models"
	"github.com/intellifit/intellifit/internal/runner"
)

// loading is what /readyz tells about long work: which part is not there yet, and how far it is.
type loading struct {
	mu    sync.Mutex
	names []string
	parts map[string]*progressOf
}

type progressOf struct {
	finished bool
	percent  int
	detail   string
}

func newLoading(names ...string) *loading {
	return &loading{names: names, parts: map[string]*progressOf{}}
}

func (l *loading) done(name string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.part(name).finished = true
}

// checks are those of the parts that are no components.
func (l *loading) checks() []runner.Check {
	var checks []runner.Check
	for _, name := range slices.Clone(l.names) {
		checks = append(checks, runner.Check{Name: name, Run: func(context.Context) runner.CheckResult { return l.result(name) }})
	}
	return checks
}

// result says how far a part is.
func (l *loading) result(name string) runner.CheckResult {
	l.mu.Lock()
	defer l.mu.Unlock()
	part := l.part(name)
	if part.finished {
		return runner.CheckResult{}
	}
	percent := part.percent
	return runner.CheckResult{State: runner.StateLoading, Percent: &percent, Detail: part.detail}
}

// part is that of a name, made at its first use. The caller holds the lock.
func (l *loading) part(name string) *progressOf {
	if l.parts[name] == nil {
		l.parts[name] = &progressOf{}
	}
	return l.parts[name]
}

// watch returns a progress that shows what p shows and remembers how far the present job of a part is.
func (l *loading) watch(name string, p models.Progress) models.Progress {
	return watched{Progress: p, loading: l, part: name}
}

type watched struct {
	models.Progress
	loading *loading
	part    string
}

func (w watched) Begin(j models.Job) models.Meter {
	w.set(j, 0, j.Total)
	return watchedMeter{Meter: w.Progress.Begin(j), watched: w, job: j}
}

func (w watched) set(j models.Job, done, total int64) {
	w.loading.mu.Lock()
	defer w.loading.mu.Unlock()
	part := w.loading.part(w.part)
	part.detail, part.percent = j.Verb+" "+j.Name, 0
	if total > 0 {
		part.percent = int(min(100, 100*done/total))
	}
}

type watchedMeter struct {
	models.Meter
	watched watched
	job     models.Job
}

func (m watchedMeter) Set(done, total int64) {
	m.watched.set(m.job, done, total)
	m.Meter.Set(done, total)
}
