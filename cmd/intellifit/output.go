package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/intellifit/intellifit/internal/stack"
)

// checkOutput refuses a value of -o that is neither text nor json, before the work is done.
func checkOutput(output string) error {
	if output != "text" && output != "json" {
		return fmt.Errorf("-o %q: must be text or json", output)
	}
	return nil
}

// writeJSON writes what -o json shows.
func writeJSON(w io.Writer, v any) error {
	e := json.NewEncoder(w)
	e.SetIndent("", "  ")
	return e.Encode(v)
}

// installed finds the folder of this user's installation and what its `up` says of itself.
func installed() (home string, state stack.State, err error) {
	if home, err = stack.Home(os.Getenv); err != nil {
		return "", stack.State{}, err
	}
	state, err = stack.LoadState(home)
	return home, state, err
}

// voiced is installed for what needs the speech servers.
func voiced() (home string, state stack.State, err error) {
	home, state, err = installed()
	if err == nil {
		err = hasVoice(state)
	}
	return home, state, err
}

func hasVoice(s stack.State) error {
	if s.WhisperURL == "" || s.TTSURL == "" {
		return errors.New("the installation runs without voice: intellifit up, without --no-voice")
	}
	return nil
}
