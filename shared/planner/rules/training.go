package rules

// Gate holds the thresholds of the safety gate.
type Gate struct{}

// Injuries maps complaints to the injury tags that they exclude or rank down.
type Injuries struct{}

// Training holds the prescription tables.
type Training struct{}
