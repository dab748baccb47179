// Package migrations holds the schema as numbered goose files. They are never edited after a release; a change is a new
// file. Package postgres applies them.
package migrations

import "embed"

// Files are the migrations in the order of their numbers.
//
//go:embed *.sql
var Files embed.FS
