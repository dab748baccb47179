// Package e2e holds the tests that use the product as a new user does: the built binary, the real PostgreSQL, Redis and
// Ollama with the small models, over HTTP. They carry the build tag integration; scripts/test runs them.
package e2e
