package gate

import (
	"slices"

	"github.com/intellifit/intellifit/shared/gym"
)

// injuries turns complaints into tags. Pain and undiagnosed complaints exclude, past ones rank down. When an answer of
// the screening asks for a referral (numbness, night pain, recent surgery), the whole region is left out; when nobody
// said which region that is, there is no unaffected one to train, and the gate stops.
func (s *assessor) injuries() {
	for _, in := range s.m.Injuries {
		site, ok := s.r.Injuries.Sites[in.Site]
		if !ok {
			s.find("region_unknown")
			continue
		}
		if in.Status == gym.PastInjury {
			s.a.SoftTags = append(append(s.a.SoftTags, site.Hard...), site.Caution...)
			s.find("past_injury")
			continue
		}
		s.a.AvoidTags = append(append(s.a.AvoidTags, site.Hard...), s.r.Injuries.Always.Tags...)
		s.a.SoftTags = append(s.a.SoftTags, site.Caution...)
		s.find("pain")
	}
	s.referrals()
}

// referrals handles each answer on its own: surgery may be filed under a past injury, or be named in the wishes; pain and
// numbness belong to what hurts now.
func (s *assessor) referrals() {
	q := s.m.Screening
	if q.Numbness && s.complaintAt(gym.LowerBack, gym.Neck, gym.UpperBack) {
		s.find("numbness_back") // a nerve root or the cord may be involved
	}
	var current, all []gym.InjurySite
	for _, in := range s.m.Injuries {
		all = append(all, in.Site)
		if in.Status != gym.PastInjury {
			current = append(current, in.Site)
		}
	}
	if q.RecentSurgery {
		s.refer("recent_surgery", all)
	}
	if s.surgery != nil {
		s.refer("recent_surgery", s.surgery.sites)
	}
	if q.NightPain || s.seen["night_pain"] {
		s.refer("night_pain", current)
	}
	if q.Numbness {
		s.refer("numbness", current)
	}
}

func (s *assessor) refer(code string, regions []gym.InjurySite) {
	s.find(code)
	if len(regions) == 0 {
		s.find("region_unknown")
	}
	for _, region := range regions {
		s.exclude(region)
	}
}

// exclude leaves a region out altogether: its muscles, its patterns, and every tag of its row.
func (s *assessor) exclude(region gym.InjurySite) {
	site := s.r.Injuries.Sites[region]
	s.a.ExcludedRegions = append(s.a.ExcludedRegions, region)
	s.a.ExcludedMuscles = append(s.a.ExcludedMuscles, site.Muscles...)
	s.a.ExcludedPattern = append(s.a.ExcludedPattern, site.Patterns...)
	s.a.AvoidTags = append(append(append(s.a.AvoidTags, site.Hard...), site.Caution...), s.r.Injuries.Always.Tags...)
}

func (s *assessor) complaintAt(sites ...gym.InjurySite) bool {
	return slices.ContainsFunc(s.m.Injuries, func(in gym.Injury) bool {
		return in.Status != gym.PastInjury && slices.Contains(sites, in.Site)
	})
}
