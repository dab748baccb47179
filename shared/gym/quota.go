package gym

import "time"

// Quota says whether one more call is allowed and how many are left.
type Quota struct {
	Allowed    bool
	Limit      int           // calls a minute; 0 = no limit
	Remaining  int           // at once
	RetryAfter time.Duration // until one more is allowed, when none is
	ResetAfter time.Duration // until all are left again
}
