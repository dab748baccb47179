package gym

import "time"

// Sex as the energy formulas need it. Other takes the mean of the two constants, and the plan says so.
type Sex string

// The words of Sex.
const (
	Male     Sex = "male"
	Female   Sex = "female"
	OtherSex Sex = "other"
)

// Goal is what a plan aims at.
type Goal string

// The words of Goal.
const (
	FatLoss    Goal = "fat_loss"
	MuscleGain Goal = "muscle_gain"
	Strength   Goal = "strength"
	Endurance  Goal = "endurance"
	Health     Goal = "health"
)

// Experience is the training age of a member; exercises use it as their level.
type Experience string

// The words of Experience.
const (
	Beginner     Experience = "beginner"
	Intermediate Experience = "intermediate"
	Advanced     Experience = "advanced"
)

// Activity is the physical activity level outside and inside the gym that scales resting energy to TDEE.
type Activity string

// The words of Activity.
const (
	Sedentary  Activity = "sedentary"
	Light      Activity = "light"
	Moderate   Activity = "moderate"
	Active     Activity = "active"
	VeryActive Activity = "very_active"
)

// Diet is a way of eating that removes foods before retrieval.
type Diet string

// The words of Diet.
const (
	NoDiet      Diet = "none"
	Vegetarian  Diet = "vegetarian"
	Vegan       Diet = "vegan"
	Pescatarian Diet = "pescatarian"
	Halal       Diet = "halal"
	Kosher      Diet = "kosher"
	LowCarb     Diet = "low_carb"
)

// Allergen is a substance that a food may contain. For an allergic member unknown counts as unsafe.
type Allergen string

// The words of Allergen.
const (
	Dairy     Allergen = "dairy"
	Egg       Allergen = "egg"
	Peanut    Allergen = "peanut"
	TreeNut   Allergen = "tree_nut"
	Soy       Allergen = "soy"
	Fish      Allergen = "fish"
	Shellfish Allergen = "shellfish"
	Mollusc   Allergen = "mollusc"
	Wheat     Allergen = "wheat"
	Gluten    Allergen = "gluten"
	Sesame    Allergen = "sesame"
	Celery    Allergen = "celery"
	Mustard   Allergen = "mustard"
	Lupin     Allergen = "lupin"
	Sulphite  Allergen = "sulphite"
)

// InjurySite is where a complaint is.
type InjurySite string

// The words of InjurySite.
const (
	Neck      InjurySite = "neck"
	Shoulder  InjurySite = "shoulder"
	Elbow     InjurySite = "elbow"
	Wrist     InjurySite = "wrist"
	UpperBack InjurySite = "upper_back"
	LowerBack InjurySite = "lower_back"
	Hip       InjurySite = "hip"
	Knee      InjurySite = "knee"
	Ankle     InjurySite = "ankle"
)

// InjuryStatus decides whether a contraindication is hard (pain, undiagnosed) or soft (past).
type InjuryStatus string

// The words of InjuryStatus.
const (
	Pain        InjuryStatus = "pain"
	Undiagnosed InjuryStatus = "undiagnosed"
	PastInjury  InjuryStatus = "past"
)

// Injury is one complaint of a member. Note is health data: it never leaves the database in a log or an error.
type Injury struct {
	Site   InjurySite   `json:"site"`
	Status InjuryStatus `json:"status"`
	Note   string       `json:"note,omitempty"`
}

// Condition is a diagnosis or state that changes what may be planned.
type Condition string

// The words of Condition.
const (
	Pregnancy       Condition = "pregnancy"
	Postpartum      Condition = "postpartum"
	EatingDisorder  Condition = "eating_disorder"
	DiabetesInsulin Condition = "diabetes_insulin"
	DiabetesType2   Condition = "diabetes_type2"
	KidneyDisease   Condition = "kidney_disease"
	HeartDisease    Condition = "heart_disease"
	Hypertension    Condition = "hypertension"
	Anticoagulants  Condition = "anticoagulants"
	MAOI            Condition = "maoi"
	BariatricSurg   Condition = "bariatric_surgery"
	Asthma          Condition = "asthma"
	Osteoporosis    Condition = "osteoporosis"
)

// Screening holds the answers of the pre-participation questionnaire; true is the answer that needs attention.
type Screening struct {
	ChestPain            bool `json:"chest_pain,omitempty"`
	Fainting             bool `json:"fainting,omitempty"`
	BreathlessAtRest     bool `json:"breathless_at_rest,omitempty"`
	HeartCondition       bool `json:"heart_condition,omitempty"`
	Pregnant             bool `json:"pregnant,omitempty"`
	EatingDisorder       bool `json:"eating_disorder,omitempty"`
	Numbness             bool `json:"numbness,omitempty"`
	LossOfBladderControl bool `json:"loss_of_bladder_control,omitempty"`
	NightPain            bool `json:"night_pain,omitempty"`
	RecentSurgery        bool `json:"recent_surgery,omitempty"`
}

// Consent says what a member agreed to. Everything is off until given.
type Consent struct {
	AIChat   bool `json:"ai_chat"`
	Voice    bool `json:"voice"`
	Training bool `json:"training"`
}

// Member is a person with the profile that a plan is made from.
type Member struct {
	ID             string      `json:"id"`
	Name           string      `json:"name"`
	BirthDate      Date        `json:"birth_date"`
	Sex            Sex         `json:"sex"`
	HeightCM       float64     `json:"height_cm"`
	WeightKG       float64     `json:"weight_kg"`
	BodyFatPct     *float64    `json:"body_fat_pct,omitempty"`
	Goal           Goal        `json:"goal"`
	Experience     Experience  `json:"experience"`
	Activity       Activity    `json:"activity"`
	DaysPerWeek    int         `json:"days_per_week"`
	SessionMinutes int         `json:"session_minutes"`
	Equipment      []string    `json:"equipment,omitempty"` // kinds; empty = what the gym owns
	Injuries       []Injury    `json:"injuries,omitempty"`
	Diet           Diet        `json:"diet"`
	Allergies      []Allergen  `json:"allergies,omitempty"`
	Conditions     []Condition `json:"conditions,omitempty"`
	Likes          []string    `json:"likes,omitempty"`
	Dislikes       []string    `json:"dislikes,omitempty"`
	Screening      Screening   `json:"screening"`
	Consent        Consent     `json:"consent"`
	CoachID        string      `json:"coach_id,omitempty"`
}

// Has reports whether c is among the member's conditions.
func (m Member) Has(c Condition) bool {
	for _, have := range m.Conditions {
		if have == c {
			return true
		}
	}
	return false
}

// BMI is the body-mass index in kg/m².
func (m Member) BMI() float64 {
	metres := m.HeightCM / 100
	return m.WeightKG / (metres * metres)
}

// Age is the number of completed years at now, on the calendar of now's location.
func (m Member) Age(now time.Time) int {
	born := m.BirthDate.Time
	age := now.Year() - born.Year()
	if now.Month() < born.Month() || now.Month() == born.Month() && now.Day() < born.Day() {
		age--
	}
	return age
}
