package gym

// Passage is a row of the gym's catalogue that is near a question. Exactly one of the two is set.
type Passage struct {
	Exercise *Exercise
	Food     *Food
	Distance float64 // cosine distance between question and row, 0 to 2; 2 when the row has no vector
	Worded   bool    // the whole name of the row is in the question
}
