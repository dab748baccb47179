package route

import _ "embed"

//go:embed examples.txt
var examplesText string
