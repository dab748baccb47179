package eval

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/intellifit/intellifit/internal/eval/chatset"
	"github.com/intellifit/intellifit/internal/eval/jsonl"
)

// Seed is that of every call to a model: temperature 0 and one seed, so that a run can be repeated.
const Seed = 1

// The sets of `eval chat`.
const (
	SetRouter   = "router"
	SetSafety   = "safety"
	SetDialogue = "dialogue"
	SetToolcall = "toolcall"
	SetAttack   = "attack"
)

// The ways to screen a message: as the product does, and by its phrases alone.
const (
	WayScreen  = "screen"
	WayPhrases = "phrases"
)

// ChatSets lists the sets in the order in which they run.
func ChatSets() []string { return []string{SetSafety, SetRouter, SetAttack, SetDialogue, SetToolcall} }

// Record is one line of raw results: a head first, then one result each.
type Record struct {
	Set      string                `json:"set"` // head, or one of the sets
	Way      string                `json:"way,omitempty"`
	ID       string                `json:"id,omitempty"`
	Head     *Head                 `json:"head,omitempty"`
	Router   *RouterResult         `json:"router,omitempty"`
	Safety   *chatset.SafetyResult `json:"safety,omitempty"`
	Dialogue *DialogueResult       `json:"dialogue,omitempty"`
	Toolcall *ToolcallResult       `json:"toolcall,omitempty"`
}

// Head says what was measured: results of other models must not be mixed.
type Head struct {
	Models map[string]string `json:"models"` // digest by alias
	Split  string            `json:"split"`
	Seed   int               `json:"seed"`
}

func (r Record) key() string { return r.Set + "\x00" + r.Way + "\x00" + r.ID }

// journal is the file of raw results. What it has already is not run again.
type journal struct {
	file *os.File // nil: nothing is kept
	done map[string]Record
	used []Record // of this run, made now or before: lines that left the set since do not count
}

// openJournal reads what is there and goes on behind it. An empty path keeps nothing.
func openJournal(path string, head Head) (*journal, error) {
	j := &journal{done: map[string]Record{}}
	if path != "" {
		f, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR|os.O_APPEND, 0o600)
		if err != nil {
			return nil, fmt.Errorf("open the results: %w", err)
		}
		j.file = f
		records, err := ReadRecords(f)
		if err != nil {
			return nil, errors.Join(fmt.Errorf("%w; remove %s to start anew", err, path), f.Close())
		}
		for _, r := range records {
			if r.Head != nil && fmt.Sprint(*r.Head) != fmt.Sprint(head) {
				return nil, errors.Join(fmt.Errorf("%s holds results of another run (%v); remove it or choose another file", path, *r.Head), f.Close())
			}
			j.done[r.key()] = r
		}
	}
	first := Record{Set: "head", Head: &head}
	if _, ok := j.done[first.key()]; ok {
		j.used = append(j.used, first)
		return j, nil
	}
	return j, j.add(first)
}

func (j *journal) add(r Record) error {
	j.done[r.key()] = r
	j.used = append(j.used, r)
	if j.file == nil {
		return nil
	}
	if err := json.NewEncoder(j.file).Encode(r); err != nil {
		return fmt.Errorf("write result of %s: %w", r.ID, err)
	}
	return nil
}

// has reports whether a result is there already, and counts it then.
func (j *journal) has(k Record) bool {
	old, ok := j.done[k.key()]
	if !ok || !current(old, k) {
		return false
	}
	j.used = append(j.used, old)
	return true
}

// current reports whether an old result is one of the line as it is now: labels and texts are corrected at times.
func current(old, now Record) bool {
	if now.Router == nil || old.Router == nil {
		return true
	}
	a, errA := json.Marshal(old.Router.Line)
	b, errB := json.Marshal(now.Router.Line)
	return errA == nil && errB == nil && bytes.Equal(a, b)
}

func (j *journal) close() error {
	if j.file == nil {
		return nil
	}
	return j.file.Close()
}

// ReadRecords reads raw results.
func ReadRecords(r io.Reader) ([]Record, error) {
	return jsonl.Read[Record](r, "results, line %d", nil)
}
