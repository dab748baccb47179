package route

// Confirms reads the answer to a proposal: a plain yes, a plain no, or neither, such as "yes but at 6", which must be
// routed as a request of its own.
func Confirms(text string) (yes, no bool) {
	return false, false
}
