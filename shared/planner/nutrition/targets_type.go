package nutrition

// Targets is the daily goal of the eating half, with where it came from.
type Targets struct {
	Kcal     float64  `json:"kcal"`
	ProteinG float64  `json:"protein_g"`
	FatG     float64  `json:"fat_g"`
	CarbsG   float64  `json:"carbs_g"`
	FibreG   float64  `json:"fibre_g" doc:"at least"`
	RMR      float64  `json:"rmr_kcal" doc:"resting metabolic rate"`
	TDEE     float64  `json:"tdee_kcal" doc:"total daily energy expenditure, ±10–15 %"`
	Method   string   `json:"method" doc:"mifflin_st_jeor or katch_mcardle"`
	Notes    []string `json:"notes,omitempty" doc:"floors and limits that shaped the numbers"`
}
