package load

import (
	"fmt"
	"sync"
	"time"
)

// result is one turn.
type result struct {
	kind, who     string
	n             int
	wall, engines time.Duration // what the member waited, and what of it the stand-ins took
	lost          string        // why it counts as lost
	foreign       []string
}

// recorder collects the results of all who talk.
type recorder struct {
	mu      sync.Mutex
	results []result
	failed  []string
	samples []Sample // of a soak
}

func (r *recorder) add(each result) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.results = append(r.results, each)
}

// fail notes what went wrong; "" is nothing.
func (r *recorder) fail(why string) {
	if why == "" {
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.failed = append(r.failed, why)
}

func (r *recorder) done() int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return len(r.results)
}

// sums is what all results come to.
type sums struct {
	answered                int
	wall, engines, overhead Times
	overheadBy              map[string]Times // by kind
	lost, foreign           []string
}

func (r *recorder) sums() sums {
	out := sums{lost: append([]string{}, r.failed...), foreign: []string{}, overheadBy: map[string]Times{}}
	var wall, engines, overhead []float64
	by := map[string][]float64{}
	for _, each := range r.results {
		for _, word := range each.foreign {
			out.foreign = append(out.foreign, fmt.Sprintf("%s heard %s in turn %d", each.who, word, each.n))
		}
		if each.lost != "" {
			out.lost = append(out.lost, fmt.Sprintf("%s, turn %d (%s): %s", each.who, each.n, each.kind, each.lost))
			continue
		}
		out.answered++
		own := millis(each.wall - each.engines)
		wall, engines, overhead = append(wall, millis(each.wall)), append(engines, millis(each.engines)), append(overhead, own)
		by[each.kind] = append(by[each.kind], own)
	}
	out.wall, out.engines, out.overhead = times(wall), times(engines), times(overhead)
	for kind, values := range by {
		out.overheadBy[kind] = times(values)
	}
	return out
}
