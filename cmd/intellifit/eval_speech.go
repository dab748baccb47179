package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/intellifit/intellifit/internal/eval"
	"github.com/intellifit/intellifit/internal/eval/speechset"
	"github.com/intellifit/intellifit/internal/models"
	"github.com/intellifit/intellifit/internal/stack"
	"github.com/intellifit/intellifit/servers"
	"github.com/intellifit/intellifit/shared/speech"
	"github.com/intellifit/intellifit/shared/voice"
)

func newEvalSpeech() *cobra.Command {
	var session eval.SpeechSession
	var split, rescore, output string
	cmd := &cobra.Command{
		Use:   "speech",
		Short: "Measure how well the installation hears and speaks",
		Long: `Measure the speech servers of the running installation:

  words   recordings of people against their transcripts, beside the same model asked
          directly, without our server (--speech DIR with manifest.jsonl of file and text)
  noise   200 clips that sound like a gym in which nobody speaks, and the unspoken ones of
          --vad: no word may come of them, also when the words of a call are expected
  spans   where somebody speaks, against marks by hand (--vad DIR with manifest.jsonl of
          file and speech, pairs of seconds)
  spoken  sentences of the coach, spoken and heard again: wrong words, and whether every
          number and unit is right

Raw results go to --out, one JSON line each; --rescore scores such a file again. The exit
status is 1 when a bar is missed.`,
		Example: "  intellifit eval speech --speech data/speech --vad data/vad --out speech.jsonl\n  intellifit eval speech --rescore speech.jsonl",
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) (err error) {
			if err := checkOutput(output); err != nil {
				return err
			}
			for _, set := range session.Only {
				if !slices.Contains(eval.SpeechSets(), set) {
					return fmt.Errorf("--only %q: must be of %s", set, strings.Join(eval.SpeechSets(), ", "))
				}
			}
			if rescore != "" {
				score, err := rescoreSpeech(rescore)
				if err != nil {
					return err
				}
				return report(cmd.OutOrStdout(), score, output)
			}
			if session.Split, err = splitOf(split); err != nil {
				return err
			}
			score, err := runSpeech(cmd.Context(), session)
			if err != nil {
				return err
			}
			return report(cmd.OutOrStdout(), score, output)
		},
	}
	flags := cmd.Flags()
	flags.StringVar(&session.Speech, "speech", "", "folder of recordings with transcripts")
	flags.StringVar(&session.VAD, "vad", "", "folder of clips with marked speech")
	flags.StringVar(&split, "split", "all", "sentences of the coach: test, train or all")
	flags.StringVar(&session.Prompt, "prompt", voice.Vocabulary(nil), "what the recogniser expects for noise and sentences; a call's by default")
	flags.StringSliceVar(&session.Only, "only", nil, "sets to measure: "+strings.Join(eval.SpeechSets(), ", ")+" (default all)")
	flags.StringVar(&session.Out, "out", "", "JSONL file of raw results")
	flags.StringVar(&rescore, "rescore", "", "score a file of raw results again; nothing is run")
	flags.StringVarP(&output, "output", "o", "text", "text or json")
	cmd.MarkFlagsMutuallyExclusive("out", "rescore")
	return cmd
}

func rescoreSpeech(path string) (eval.Score, error) {
	f, err := os.Open(path)
	if err != nil {
		return eval.Score{}, err
	}
	defer f.Close()
	results, err := eval.ReadSpeechResults(f)
	if err != nil {
		return eval.Score{}, err
	}
	return eval.ScoreSpeech(results), nil
}

func runSpeech(ctx context.Context, session eval.SpeechSession) (eval.Score, error) {
	home, state, err := voiced()
	if err != nil {
		return eval.Score{}, err
	}
	progress := models.NewProgress(os.Stderr, os.Getenv)
	defer progress.Close()
	session.Progress = progress
	session.Recognizer, session.Synthesizer = speech.NewRecognizer(speech.Config{URL: state.WhisperURL}), speech.NewSynthesizer(speech.Config{URL: state.TTSURL})
	if session.Sentences, err = speechset.Load(); err != nil {
		return eval.Score{}, err
	}
	if os.Getenv("WHISPER_URL") == "" {
		session.Direct = func(ctx context.Context, files []string) ([]string, error) {
			return hearDirectly(ctx, home, models.Choice{Profile: models.Profile(state.Profile)}, progress, files)
		}
	}
	return session.Run(ctx)
}

// directly hears files with the library alone, as its own documentation shows.
const directly = `
import json, sys
from faster_whisper import WhisperModel
model = WhisperModel(sys.argv[1], device="cpu", compute_type="int8", local_files_only=True)
for line in sys.stdin:
    segments, _ = model.transcribe(line.strip(), language="en", beam_size=1)
    print(json.dumps("".join(s.text for s in segments).strip()), flush=True)
`

// hearDirectly asks the model of our whisper without our server.
func hearDirectly(ctx context.Context, home string, choice models.Choice, progress models.Progress, files []string) ([]string, error) {
	store := models.NewStore(home, os.Getenv)
	environment, err := store.Environment(ctx, stack.Speech{Whisper: servers.Whisper()}.WhisperServer(), progress)
	if err != nil {
		return nil, err
	}
	model, err := store.Recogniser(ctx, choice, progress)
	if err != nil {
		return nil, err
	}
	python := exec.CommandContext(ctx, environment.Python, "-c", directly, model.Path)
	python.Stdin = strings.NewReader(strings.Join(files, "\n") + "\n")
	var failed bytes.Buffer
	python.Stderr = &failed
	out, err := python.Output()
	if err != nil {
		return nil, fmt.Errorf("%w: %s", err, strings.TrimSpace(failed.String()))
	}
	var texts []string
	for line := range bytes.Lines(out) {
		var text string
		if err := json.Unmarshal(line, &text); err != nil {
			return nil, err
		}
		texts = append(texts, text)
	}
	if len(texts) != len(files) {
		return nil, fmt.Errorf("it heard %d of %d files", len(texts), len(files))
	}
	return texts, nil
}
