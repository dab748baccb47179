// Package gym holds the words and rules of the domain: members, goals, injuries, equipment, exercises and foods. It does
// no I/O and imports nothing of ours; every other package speaks in its terms.
package gym

import "time"

// Gym is one customer of the installation. Every row belongs to one gym and every token is for one gym.
type Gym struct {
	ID       string `json:"id"`
	Name     string `json:"name"`
	TimeZone string `json:"time_zone"` // IANA name, e.g. "Europe/Berlin"
}

// Coach is a person who reads, edits and approves the plans of the members assigned to them.
type Coach struct {
	ID   string `json:"id"`
	Name string `json:"name"`
}

// Equipment is one kind of machine or tool that the gym owns. Kind is the catalogue's word ("barbell", "cable",
// "dumbbell", "machine", …): it decides which exercises are possible.
type Equipment struct {
	ID          string     `json:"id"`
	Name        string     `json:"name"`
	Kind        string     `json:"kind"`
	Site        string     `json:"site,omitempty"`
	Brand       string     `json:"brand,omitempty"`
	Model       string     `json:"model,omitempty"`
	InstalledOn *time.Time `json:"installed_on,omitempty"`
	Count       int        `json:"count"`
}

// BodyOnly is the equipment word of exercises that need nothing; every gym and member has it.
const BodyOnly = "body only"
