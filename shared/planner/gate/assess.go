package gate

import (
	"time"

	"github.com/intellifit/intellifit/shared/gym"
	"github.com/intellifit/intellifit/shared/planner/rules"
)

type assessor struct {
	m   gym.Member
	in  Input
	r   *rules.Rules
	now time.Time
	a   Assessment
}

func newAssessor(m gym.Member, in Input, r *rules.Rules, now time.Time) *assessor {
	return &assessor{m: m, in: in, r: r, now: now, a: Assessment{Goal: in.Goal, MaxLevel: m.Experience}}
}

func (a *assessor) age()        {}
func (a *assessor) screening()  {}
func (a *assessor) conditions() {}
func (a *assessor) weight()     {}
func (a *assessor) injuries()   {}
func (a *assessor) wishes()     {}

func (a *assessor) finish() Assessment { return a.a }
