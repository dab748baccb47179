package manifest

import (
	"fmt"
	"strconv"
	"time"
)

// defaultTimeout is of-watchdog's for all three.
const defaultTimeout = 30 * time.Second

// Timeouts are of-watchdog's, from the variables exec_timeout, read_timeout and write_timeout.
type Timeouts struct {
	Exec  time.Duration // a call that is not a stream
	Read  time.Duration // the request's body
	Write time.Duration // the whole answer, streams too
}

// timeouts reads the three and checks their order: an answer that the connection cannot outlive arrives cut off, with
// status 200.
func timeouts(env map[string]string) (Timeouts, error) {
	t := Timeouts{defaultTimeout, defaultTimeout, defaultTimeout}
	for name, d := range map[string]*time.Duration{"exec_timeout": &t.Exec, "read_timeout": &t.Read, "write_timeout": &t.Write} {
		if env[name] == "" {
			continue
		}
		v, err := duration(env[name])
		if err != nil {
			return t, fmt.Errorf("%s: %w", name, err)
		}
		*d = v
	}
	if t.Read < t.Exec || t.Write < t.Exec {
		return t, fmt.Errorf("timeouts are out of order: exec_timeout %s must not exceed read_timeout %s nor write_timeout %s", t.Exec, t.Read, t.Write)
	}
	return t, nil
}

// duration reads a Go duration or whole seconds, as of-watchdog does.
func duration(s string) (time.Duration, error) {
	d, err := time.ParseDuration(s)
	if seconds, atoi := strconv.Atoi(s); atoi == nil {
		d, err = time.Duration(seconds)*time.Second, nil
	}
	if err != nil || d <= 0 || d > 24*time.Hour {
		return 0, fmt.Errorf("%q is not a time such as 30s or 4m, at most 24h", s)
	}
	return d, nil
}

func maxInflight(env map[string]string) (int, error) {
	v := env["max_inflight"]
	if v == "" {
		return 0, nil
	}
	n, err := strconv.Atoi(v)
	if err != nil || n < 0 || n > 10_000 {
		return 0, fmt.Errorf("max_inflight: %q is not a number from 0 (no limit) to 10000", v)
	}
	return n, nil
}
