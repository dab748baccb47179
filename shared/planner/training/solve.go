package training

// unit is one thing that gets whole sets: an exercise, or two that alternate as a superset.
type unit struct {
	day       int // 0-based
	lo, hi    int // sets when it is used at all
	exercises int
	share     []float64 // of one set, per group
	perSet    float64   // seconds at the middle of the repetition range, rest included
	perSetTop float64   // seconds at its top
	fixed     float64   // seconds to set up
	patterns  uint      // of the six major ones, as bits
	anchors   uint      // of the day's anchors, as bits
	cost      float64   // of using it at all; negative = wanted
	weight    float64   // how much a set of it is preferred to one of another
}

// problem asks for whole sets a week. Hard limits hold for every answer; everything else is a cost.
type problem struct {
	units            []unit
	days             int
	budget, topLimit float64 // seconds a session, at the middle and at the top of the repetition ranges
	maxSets          int     // a session
	maxMuscle        float64 // fractional sets of one group a session
	maxItems         int
	low, floor, high []float64
	weight           []float64 // per group; 0 = not counted
	direct           []bool    // groups that should have an exercise of their own; nil = none
	minDays          int
	patterns         uint   // that the week should have
	anchors          []uint // that each day should have
	// Days that stay as they are:
	baseVolume   []float64
	baseTrained  []int
	basePatterns uint
}

// answer is a state of the search; everything is kept up to date set by set.
type answer struct {
	p        *problem
	sets     []int
	volume   []float64
	byDay    [][]float64
	trained  []int
	time     []float64
	top      []float64
	total    []int
	items    []int
	pattern  [8]int
	anchor   [][]int
	direct   []int   // units in use that train a group as primary
	constant float64 // costs and preferences of the units in use
}

func newAnswer(p *problem) *answer {
	g := len(p.low)
	a := &answer{p: p, sets: make([]int, len(p.units)), volume: make([]float64, g), trained: make([]int, g), direct: make([]int, g)}
	copy(a.volume, p.baseVolume)
	copy(a.trained, p.baseTrained)
	for i := range a.pattern {
		if p.basePatterns>>i&1 == 1 {
			a.pattern[i] = 1
		}
	}
	for range p.days {
		a.byDay = append(a.byDay, make([]float64, g))
		a.anchor = append(a.anchor, make([]int, 8))
	}
	a.time, a.top = make([]float64, p.days), make([]float64, p.days)
	a.total, a.items = make([]int, p.days), make([]int, p.days)
	return a
}

const epsilon = 1e-9

// add changes the sets of unit i by n, which may start or end its use.
func (a *answer) add(i, n int) {
	u := &a.p.units[i]
	before := a.sets[i]
	after := before + n
	a.sets[i] = after
	d := u.day
	day := a.byDay[d]
	for g, share := range u.share {
		if share == 0 {
			continue
		}
		was := day[g] >= 1-epsilon
		day[g] += share * float64(n)
		a.volume[g] += share * float64(n)
		if is := day[g] >= 1-epsilon; is != was {
			if is {
				a.trained[g]++
			} else {
				a.trained[g]--
			}
		}
	}
	a.time[d] += u.perSet * float64(n)
	a.top[d] += u.perSetTop * float64(n)
	a.total[d] += u.exercises * n
	a.constant += costSets*float64(after*after-before*before) - u.weight*float64(n)
	sign := 0
	switch {
	case before == 0 && after > 0:
		sign = 1
	case before > 0 && after == 0:
		sign = -1
	default:
		return
	}
	a.time[d] += u.fixed * float64(sign)
	a.top[d] += u.fixed * float64(sign)
	a.items[d] += u.exercises * sign
	a.constant += u.cost * float64(sign)
	for g, share := range u.share {
		if share >= primaryShare {
			a.direct[g] += sign
		}
	}
	for b := range a.pattern {
		if u.patterns>>b&1 == 1 {
			a.pattern[b] += sign
		}
		if u.anchors>>b&1 == 1 {
			a.anchor[d][b] += sign
		}
	}
}

// legal reports whether the hard limits of unit i's day hold.
func (a *answer) legal(i int) bool {
	p, d := a.p, a.p.units[i].day
	if a.time[d] > p.budget+epsilon || a.top[d] > p.topLimit+epsilon || a.total[d] > p.maxSets || a.items[d] > p.maxItems {
		return false
	}
	for _, v := range a.byDay[d] {
		if v > p.maxMuscle+epsilon {
			return false
		}
	}
	return true
}

// The weights of the cost, in the order of importance: nobody below what time allows or above the band, no pattern or
// second day missing, close to the literature, then few exercises and even sessions.
const (
	costMissed  = 30.0
	costFloor   = 400.0
	costHigh    = 300.0
	costLow     = 25.0
	costAim     = 0.3
	costDays    = 80.0
	costPattern = 150.0
	costAnchor  = 25.0
	costDirect  = 12.0
	costSets    = 0.1 // squared: three and three rather than five and one
	costUneven  = 0.001 / 3600
	setWeight   = 0.4 // times the weight of the kind: sets go to the big lifts first
)

func (a *answer) cost() float64 {
	p, c := a.p, a.constant
	for g, v := range a.volume {
		w := p.weight[g]
		if w == 0 {
			continue
		}
		if x := p.floor[g] - v; x > epsilon {
			c += w * (costMissed + costFloor*x*x)
		}
		if x := p.low[g] - v; x > epsilon {
			c += w * costLow * x * x
		}
		if x := v - p.high[g]; x > epsilon {
			c += w * (costMissed + costHigh*x*x)
		}
		aim := p.low[g] + 0.4*(p.high[g]-p.low[g])
		c += w * costAim * (v - aim) * (v - aim)
		if p.direct != nil && p.direct[g] && a.direct[g] == 0 {
			c += w * costDirect
		}
		if x := p.minDays - a.trained[g]; x > 0 {
			c += w * costDays * float64(x)
		}
	}
	for b := range a.pattern {
		if p.patterns>>b&1 == 1 && a.pattern[b] == 0 {
			c += costPattern
		}
	}
	for d := range a.time {
		c += costUneven * a.time[d] * a.time[d]
		for b := range 8 {
			if p.anchors[d]>>b&1 == 1 && a.anchor[d][b] == 0 {
				c += costAnchor
			}
		}
	}
	return c
}

// more and less give the step that uses unit i more or less, or 0 when there is none.
func (a *answer) more(i int) int {
	switch u := &a.p.units[i]; {
	case a.sets[i] == 0:
		return u.lo
	case a.sets[i] < u.hi:
		return 1
	}
	return 0
}

func (a *answer) less(i int) int {
	switch u := &a.p.units[i]; {
	case a.sets[i] == 0:
		return 0
	case a.sets[i] == u.lo:
		return -u.lo
	}
	return -1
}

// solve searches from nothing: the best single step while one helps, then an exchange of sets between two units while
// one helps. It is deterministic, and every step lowers the cost, so it ends.
func solve(p *problem) *answer {
	a := newAnswer(p)
	cost := a.cost()
	for rounds := 0; rounds < 400; rounds++ {
		if better, ok := a.step(cost); ok {
			cost = better
			continue
		}
		better, ok := a.exchange(cost)
		if !ok {
			break
		}
		cost = better
	}
	return a
}

// try applies a change of unit i when it is legal and gives the cost, and takes it back.
func (a *answer) try(i, n int) (float64, bool) {
	a.add(i, n)
	defer a.add(i, -n)
	if n > 0 && !a.legal(i) {
		return 0, false
	}
	return a.cost(), true
}

func (a *answer) step(cost float64) (float64, bool) {
	best, unit, by := cost-epsilon, -1, 0
	for i := range a.sets {
		for _, n := range [2]int{a.more(i), a.less(i)} {
			if n == 0 {
				continue
			}
			if c, ok := a.try(i, n); ok && c < best {
				best, unit, by = c, i, n
			}
		}
	}
	if unit < 0 {
		return cost, false
	}
	a.add(unit, by)
	return best, true
}

// exchange takes a set, or the whole exercise, from one unit and gives to another.
func (a *answer) exchange(cost float64) (float64, bool) {
	found := false
	for i := range a.sets {
		for _, n := range [2]int{a.less(i), -a.sets[i]} {
			if n == 0 {
				continue
			}
			a.add(i, n)
			better, ok := a.give(i, cost)
			if ok {
				cost, found = better, true
				break
			}
			a.add(i, -n)
		}
	}
	return cost, found
}

// give uses another unit than i more, the first that brings the cost below the given one.
func (a *answer) give(i int, cost float64) (float64, bool) {
	for j := range a.sets {
		m := a.more(j)
		if j == i || m == 0 {
			continue
		}
		if c, ok := a.try(j, m); ok && c < cost-epsilon {
			a.add(j, m)
			return c, true
		}
	}
	return cost, false
}

// reaches reports whether every counted group is inside its band of the literature on enough days.
func (a *answer) reaches() bool {
	for g, v := range a.volume {
		if a.p.weight[g] >= 1 && (v < a.p.low[g]-epsilon || v > a.p.high[g]+epsilon || a.trained[g] < a.p.minDays) {
			return false
		}
	}
	return true
}
