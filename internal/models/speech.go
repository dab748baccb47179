package models

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
)

// VoiceID is the voice of both profiles.
const VoiceID = "en_US-joe-medium"

// SpeechModel is a model of a speech server: where it lies, and the checksum of its weights for the server to compare.
type SpeechModel struct {
	Name     string // base, small, the id of a voice
	Path     string // a folder, or the file of the end-of-turn model
	SHA256   string // of the file that holds the weights; empty for one that is not ours
	Artifact Artifact
}

// Recogniser returns the speech recogniser of the chosen profile: faster-whisper small of the hub for standard,
// faster-whisper base for small. A profile that nobody asked for falls back to base when small cannot be had, loudly.
func (s *Store) Recogniser(ctx context.Context, c Choice, p Progress) (SpeechModel, error) {
	if c.Profile != Standard {
		return s.speechModel(ctx, WhisperSmall, "base", "model.bin", p)
	}
	m, err := s.standardRecogniser(ctx, c, p)
	var source *SourceError
	if err == nil || ctx.Err() != nil || !errors.As(err, &source) {
		return m, err
	}
	if !c.Auto {
		return m, &MissingError{What: "the speech recogniser of profile standard cannot be had: " + err.Error(),
			Fix: "connect this machine, name a mirror of the hub with HF_ENDPOINT, or intellifit up --profile small, or --no-voice"}
	}
	p.Line(fmt.Sprintf("SPEECH RECOGNISER base instead of small: %v. It hears names and accents worse. To get the other later, with a connection: intellifit up", err))
	return s.speechModel(ctx, WhisperSmall, "base", "model.bin", p)
}

// standardRecogniser does not wait long for a hub that nobody asked for.
func (s *Store) standardRecogniser(ctx context.Context, c Choice, p Progress) (SpeechModel, error) {
	a, err := s.pinned(WhisperStandard)
	if err != nil {
		return SpeechModel{}, err
	}
	if c.Auto && a.Assembly.sizesIn(s.assemblyDir(a)) != nil {
		if err := s.probeHub(ctx); err != nil {
			return SpeechModel{}, &SourceError{Artifact: a.Name, Errs: []error{err}}
		}
	}
	return s.speechModel(ctx, WhisperStandard, "small", "model.bin", p)
}

// probeHub asks the hub for anything.
func (s *Store) probeHub(ctx context.Context) error {
	ctx, cancel := context.WithTimeoutCause(ctx, s.patience, fmt.Errorf("no answer within %v", s.patience))
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodHead, s.Hub, nil)
	if err != nil {
		return errors.New("the hub's address is not readable: check HF_ENDPOINT")
	}
	resp, err := s.Client.Do(req)
	if err != nil {
		return fmt.Errorf("the model hub does not answer (%w)", networkError(ctx, err))
	}
	return resp.Body.Close() // any answer is an answer
}

// Voices returns the folder of voices, HOME/voices, with the voice of the profiles in it, and checks that the wanted voice is
// there too: a Piper voice of somebody's own is put there as ID.onnx and ID.onnx.json.
func (s *Store) Voices(ctx context.Context, wanted string, p Progress) (SpeechModel, error) {
	m, err := s.speechModel(ctx, Voice, VoiceID, VoiceID+".onnx", p)
	if err != nil {
		return m, err
	}
	dir := filepath.Join(s.Home, "voices")
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return m, fmt.Errorf("make folder: %w", err)
	}
	for _, f := range m.Artifact.Assembly.Files {
		if err := link(filepath.Join(m.Path, f.Path), filepath.Join(dir, f.Path)); err != nil {
			return m, fmt.Errorf("lay out the voices: %w", err)
		}
	}
	m.Path = dir
	if info, err := os.Lstat(filepath.Join(dir, VoiceID+".onnx")); err != nil || info.Mode()&os.ModeSymlink == 0 {
		m.SHA256 = "" // the user's own under that name
	}
	for _, file := range []string{wanted + ".onnx", wanted + ".onnx.json"} {
		if !exists(filepath.Join(dir, file)) {
			return m, &MissingError{What: fmt.Sprintf("TTS_VOICE names the voice %s, and there is no %s in %s", wanted, file, dir),
				Fix: "put the two files of that Piper voice there, or unset TTS_VOICE"}
		}
	}
	return m, nil
}

// link makes a symbolic link, in place of one that leads elsewhere. A file of the user under that name stays.
func link(to, at string) error {
	info, err := os.Lstat(at)
	if err == nil && info.Mode()&os.ModeSymlink == 0 {
		return nil
	}
	if led, err := os.Readlink(at); err == nil && led == to {
		return nil
	}
	if err := os.Remove(at); err != nil && !errors.Is(err, os.ErrNotExist) {
		return err
	}
	return os.Symlink(to, at)
}

// EndOfTurn returns the model that tells whether somebody has finished their turn.
func (s *Store) EndOfTurn(ctx context.Context, p Progress) (SpeechModel, error) {
	const file = "smart-turn-v3.1-cpu.onnx"
	m, err := s.speechModel(ctx, SmartTurn, "smart-turn-v3.1", file, p)
	m.Path = filepath.Join(m.Path, file)
	return m, err
}

func (s *Store) speechModel(ctx context.Context, artifact, name, weights string, p Progress) (SpeechModel, error) {
	a, err := s.pinned(artifact)
	if err != nil {
		return SpeechModel{}, err
	}
	m := SpeechModel{Name: name, Artifact: a}
	for _, f := range a.Assembly.Files {
		if f.Path == weights {
			m.SHA256 = f.SHA256
		}
	}
	m.Path, err = s.Assembled(ctx, a, p)
	return m, err
}
