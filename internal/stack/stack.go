// Package stack brings up what IntelliFit stands on: PostgreSQL with pgvector, Redis and Ollama. Each component comes from
// where the user wants it: a URL in the environment is used as it is and never started; else a server on PATH; else one
// that is fetched or built once and kept in INTELLIFIT_HOME. What we start is supervised, listens on the loopback
// interface only, is protected by a secret of this installation, and is gone when we are.
package stack
