package faas

import (
	"io"
	"log/slog"
	"strings"
)

// maxLogValue bounds one value of a log line: the line of a function stays far below the 64 KB that hosts cut at.
const maxLogValue = 2000

const redacted = "[redacted]"

// logKeys are the only attributes that reach a log. Health data has no key here, so it cannot leak by a careless line: a
// new key is added only after a look at what it can hold.
var logKeys = map[string]bool{
	slog.TimeKey: true, slog.LevelKey: true, slog.MessageKey: true,
	"call_id": true, "function": true, "status": true, "dur_ms": true, "subject": true, "gym": true, "role": true,
	"method": true, "route": true, "code": true, "cause": true, "stack": true, "bytes": true, "stream": true,
	"plan_id": true, "member_id": true, "conversation_id": true, "session_id": true, "job_id": true, "run_id": true,
	"attempt": true, "queue": true, "state": true, "schedule": true, "count": true, "percent": true,
	"model": true, "digest": true, "tokens": true, "step": true, "source": true, "degraded": true, "tool": true,
	"addr": true, "pid": true, "version": true, "profile": true, "component": true, "file": true,
	"timeout_ms": true, "wait_ms": true, "kind": true, "limit": true, "signal": true, "exit_code": true,
	"rows": true, "migration": true, "config": true, "retry_in_ms": true,
}

// NewLogger writes JSON lines of which only the known keys carry their value; any other reads "[redacted]".
func NewLogger(w io.Writer, level slog.Leveler) *slog.Logger {
	return slog.New(slog.NewJSONHandler(w, &slog.HandlerOptions{Level: level, ReplaceAttr: redact}))
}

// redact also flattens what an allowed key holds: a struct or a slice under "model" would carry unknown fields along, and
// so would a group.
func redact(groups []string, a slog.Attr) slog.Attr {
	if !logKeys[a.Key] || len(groups) > 0 {
		return slog.String(a.Key, redacted)
	}
	switch a.Value.Kind() {
	case slog.KindString:
		return slog.String(a.Key, shorten(a.Value.String()))
	case slog.KindAny:
		switch v := a.Value.Any().(type) {
		case error:
			return slog.String(a.Key, shorten(causeText(v)))
		case slog.Level, *slog.Source:
			return a
		default:
			return slog.String(a.Key, redacted)
		}
	}
	return a
}

func shorten(s string) string {
	if len(s) <= maxLogValue {
		return s
	}
	return strings.ToValidUTF8(s[:maxLogValue], "") + "…"
}
