// Package stack brings up what IntelliFit stands on: PostgreSQL with pgvector, Redis, Ollama, and the two servers of speech,
// whisper and tts. Each component comes from where the user wants it: a URL in the environment is used as it is and never
// started; else a server on PATH; else one that is fetched or built once and kept in INTELLIFIT_HOME. What we start is supervised, listens on the loopback
// interface only, is protected by a secret of this installation, and is gone when we are.
package stack

import "time"

// stopLimit bounds the orderly end of a component; then it is killed, which all of them survive.
const stopLimit = 20 * time.Second

// The names of the components, in the order in which they are stopped.
const (
	whisper  = "whisper"
	tts      = "tts"
	ollama   = "ollama"
	redis    = "redis"
	postgres = "postgres"
)
