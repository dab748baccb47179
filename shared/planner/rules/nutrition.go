package rules

// Nutrition holds energy, macro, meal and portion rules.
type Nutrition struct{}
