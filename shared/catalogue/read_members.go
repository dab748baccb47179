package catalogue

import (
	"encoding/json"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/intellifit/intellifit/shared/gym"
)

// memberRow is one element of a members file. Words are read with their synonyms, so they arrive as plain strings.
type memberRow struct {
	ID             string        `json:"id"`
	Name           string        `json:"name"`
	BirthDate      string        `json:"birth_date"`
	Sex            string        `json:"sex"`
	HeightCM       float64       `json:"height_cm"`
	WeightKG       float64       `json:"weight_kg"`
	BodyFatPct     *float64      `json:"body_fat_pct"`
	Goal           string        `json:"goal"`
	Experience     string        `json:"experience"`
	Activity       string        `json:"activity"`
	DaysPerWeek    int           `json:"days_per_week"`
	SessionMinutes int           `json:"session_minutes"`
	Equipment      []string      `json:"equipment"`
	Injuries       []injuryRow   `json:"injuries"`
	Diet           string        `json:"diet"`
	Allergies      []string      `json:"allergies"`
	Conditions     []string      `json:"conditions"`
	Likes          []string      `json:"likes"`
	Dislikes       []string      `json:"dislikes"`
	Screening      gym.Screening `json:"screening"`
	Consent        gym.Consent   `json:"consent"`
	CoachID        string        `json:"coach_id"`
}

type injuryRow struct {
	Site   string `json:"site"`
	Status string `json:"status"`
	Note   string `json:"note"`
}

// Members reads a JSON array of member profiles. kinds are the equipment words of the imported exercises; nil accepts any.
func Members(in io.Reader, kinds []string, now time.Time) (Result[gym.Member], error) {
	var out Result[gym.Member]
	seen := map[string]int{}
	err := eachJSON(in, func(n int, raw json.RawMessage) {
		var row memberRow
		if err := strict(raw, &row); err != nil {
			out.problem(n, "", "", "%v", err)
			return
		}
		before := len(out.Problems)
		m := row.member(n, &out, kinds)
		if first, twice := seen[m.ID]; twice {
			out.problem(n, m.ID, "id", "stands in row %d already", first)
		}
		seen[m.ID] = n
		for _, f := range gym.ValidateMember(m, now) {
			out.problem(n, m.ID, f.Name, "%s", f.Message)
		}
		if len(out.Problems) == before {
			out.Rows = append(out.Rows, m)
		}
	})
	return out, err
}

func (row memberRow) member(n int, out *Result[gym.Member], kinds []string) gym.Member {
	m := gym.Member{ID: row.ID, Name: clean(row.Name), HeightCM: row.HeightCM, WeightKG: row.WeightKG, BodyFatPct: row.BodyFatPct,
		DaysPerWeek: row.DaysPerWeek, SessionMinutes: row.SessionMinutes, Likes: tidy(row.Likes), Dislikes: tidy(row.Dislikes),
		Screening: row.Screening, Consent: row.Consent, CoachID: row.CoachID, Diet: gym.NoDiet}
	bad := func(field string, err error) {
		if err != nil {
			out.problem(n, row.ID, field, "%v", err)
		}
	}
	var err error
	m.BirthDate, err = gym.ParseDate(row.BirthDate)
	bad("birth_date", err)
	m.Sex, err = gym.ParseSex(row.Sex)
	bad("sex", err)
	m.Goal, err = gym.ParseGoal(row.Goal)
	bad("goal", err)
	m.Experience, err = gym.ParseExperience(row.Experience)
	bad("experience", err)
	m.Activity, err = gym.ParseActivity(row.Activity)
	bad("activity", err)
	if row.Diet != "" {
		m.Diet, err = gym.ParseDiet(row.Diet)
		bad("diet", err)
	}
	for _, s := range row.Allergies {
		a, err := gym.ParseAllergen(s)
		bad("allergies", err)
		m.Allergies = append(m.Allergies, a)
	}
	for _, s := range row.Conditions {
		c, err := gym.ParseCondition(s)
		bad("conditions", err)
		m.Conditions = append(m.Conditions, c)
	}
	for _, i := range row.Injuries {
		site, err := gym.ParseInjurySite(i.Site)
		bad("injuries.site", err)
		status, err := gym.ParseInjuryStatus(i.Status)
		bad("injuries.status", err)
		m.Injuries = append(m.Injuries, gym.Injury{Site: site, Status: status, Note: clean(i.Note)})
	}
	for _, kind := range tidy(row.Equipment) {
		if kinds != nil && !slices.Contains(kinds, kind) {
			out.problem(n, row.ID, "equipment", "%q is no equipment of the exercise catalogue: %s", cut(kind, 40), strings.Join(kinds, ", "))
		}
		m.Equipment = append(m.Equipment, kind)
	}
	return m
}

func tidy(words []string) []string {
	var out []string
	for _, w := range words {
		if w = clean(strings.ToLower(w)); w != "" && !slices.Contains(out, w) {
			out = append(out, w)
		}
	}
	return out
}
