// Command testcount reads the output of `go test -json` on standard input, shows what a person wants to see of it (one
// line a package, everything that a failed test printed) and ends with the counts. It fails when a test failed, a package
// did not build, or no test ran.
package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"strings"
)

type event struct {
	Action     string
	Package    string
	ImportPath string // of build-output events
	Test       string
	Elapsed    float64
	Output     string
}

type counter struct {
	passed, failed, skipped int
	output                  map[string][]string // "package test" → lines; kept until the test ends
	skips                   []string
}

func main() {
	c := &counter{output: map[string][]string{}}
	if err := c.read(os.Stdin, os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "testcount:", err)
		os.Exit(2)
	}
	for _, s := range c.skips {
		fmt.Println("skipped:", s)
	}
	fmt.Printf("%d passed, %d failed, %d skipped\n", c.passed, c.failed, c.skipped)
	if c.failed > 0 || c.passed == 0 {
		os.Exit(1)
	}
}

func (c *counter) read(r io.Reader, w io.Writer) error {
	in := bufio.NewScanner(r)
	in.Buffer(nil, 4<<20)
	for in.Scan() {
		var e event
		if err := json.Unmarshal(in.Bytes(), &e); err != nil {
			fmt.Fprintln(w, in.Text()) // not from the test runner: show it as it is
			continue
		}
		c.count(e, w)
	}
	return in.Err()
}

func (c *counter) count(e event, w io.Writer) {
	key := e.Package + " " + e.Test
	switch e.Action {
	case "output":
		c.output[key] = append(c.output[key], e.Output)
		return
	case "build-output":
		fmt.Fprint(w, e.Output)
		return
	case "pass", "fail", "skip":
	default:
		return
	}
	lines := c.output[key]
	delete(c.output, key)
	if e.Test == "" {
		c.packageEnd(e, lines, w)
		return
	}
	switch e.Action {
	case "pass":
		c.passed++
	case "skip":
		c.skipped++
		c.skips = append(c.skips, key+": "+strings.TrimSpace(strings.Join(lines, " ")))
	case "fail":
		c.failed++
		fmt.Fprintf(w, "FAIL %s\n%s", key, strings.Join(lines, ""))
	}
}

func (c *counter) packageEnd(e event, lines []string, w io.Writer) {
	switch e.Action {
	case "pass":
		fmt.Fprintf(w, "ok    %-60s %7.1f s\n", e.Package, e.Elapsed)
	case "fail":
		// A package can fail without a failed test: it did not build, or its TestMain ended badly.
		c.failed++
		fmt.Fprintf(w, "FAIL  %-60s %7.1f s\n%s", e.Package, e.Elapsed, strings.Join(lines, ""))
	}
}
