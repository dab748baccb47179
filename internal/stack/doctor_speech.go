package stack

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"strings"

	"github.com/intellifit/intellifit/internal/models"
)

// pythonPackages is about what the packages of both servers of speech weigh to fetch, in bytes.
const pythonPackages = 205e6

// ownSpeech lists the servers of speech that `up` starts itself.
func (e *examination) ownSpeech() []models.Server {
	if e.plan.Speech == nil {
		return nil
	}
	var own []models.Server
	if e.machine.Getenv("WHISPER_URL") == "" {
		own = append(own, e.plan.Speech.WhisperServer())
	}
	if e.machine.Getenv("TTS_URL") == "" {
		own = append(own, e.plan.Speech.TTSServer())
	}
	return own
}

// toInstall names the servers of speech whose environments are still to be made.
func (e *examination) toInstall() []string {
	store := models.NewStore(e.plan.Home, e.machine.Getenv)
	var names []string
	for _, server := range e.ownSpeech() {
		if !store.HasEnvironment(server) {
			names = append(names, server.Name)
		}
	}
	return names
}

// speechArtifacts are the files that the servers of speech need of the index.
func (e *examination) speechArtifacts() []string {
	var wanted []string
	for _, server := range e.ownSpeech() {
		switch {
		case server.Name == tts:
			wanted = append(wanted, models.Voice)
		case e.profile() == models.Small:
			wanted = append(wanted, "whisper-base-part1", "whisper-base-part2", models.SmartTurn)
		default:
			wanted = append(wanted, models.SmartTurn)
		}
	}
	return wanted
}

func (e *examination) python(ctx context.Context) Check {
	const name = "python"
	names := e.toInstall()
	if names == nil {
		return ok(name, "not needed: nothing is to be installed with it")
	}
	python, err := e.machine.Python(ctx)
	var missing *models.MissingError
	switch {
	case errors.As(err, &missing):
		return fail(name, missing.What, missing.Fix)
	case err != nil:
		return fail(name, err.Error(), "intellifit up --no-voice")
	}
	return ok(name, "%s at %s, to make the environments of %s", python.Version, python.Path, strings.Join(names, " and "))
}

func (e *examination) whisper(ctx context.Context) Check {
	return e.speechServer(ctx, whisper, "WHISPER_URL", e.machine.AskWhisper)
}

func (e *examination) tts(ctx context.Context) Check {
	return e.speechServer(ctx, tts, "TTS_URL", e.machine.AskTTS)
}

func (e *examination) speechServer(ctx context.Context, name, variable string, ask func(context.Context, SpeechServer) error) Check {
	switch {
	case e.plan.Speech == nil:
		return ok(name, "not wanted")
	case e.machine.Getenv(variable) == "":
		return ok(name, "started by up")
	}
	server, err := speechServer(e.machine.Getenv, filepath.Join(e.plan.Home, "secrets"), variable)
	if err != nil {
		return fail(name, err.Error(), "correct "+variable+", or unset it to have one provided")
	}
	if err := ask(ctx, server); err != nil {
		return fail(name, fmt.Sprintf("%s is set, and %s does not answer: %v", variable, address(server.URL), cause(err)),
			"start that server, correct "+variable+", or unset it to have one provided")
	}
	return ok(name, "answers at %s", address(server.URL))
}
