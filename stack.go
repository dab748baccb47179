// Package intellifit holds what every build of the product carries with it.
package intellifit

import _ "embed"

// Manifest is stack.yml: the functions with their environment, limits and schedules. The binary carries it, so that
// `intellifit up` works in any folder.
//
//go:embed stack.yml
var Manifest []byte
