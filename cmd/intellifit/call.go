package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/google/uuid"
	"github.com/spf13/cobra"

	"github.com/intellifit/intellifit/internal/dial"
	"github.com/intellifit/intellifit/shared/faas"
	"github.com/intellifit/intellifit/shared/gym"
	"github.com/intellifit/intellifit/shared/speech/pcm"
	"github.com/intellifit/intellifit/shared/speech/wav"
	"github.com/intellifit/intellifit/shared/voice"
)

// caller is one call from a terminal.
type caller struct {
	as, gymID, conversation, voice string
	files                          []string // each is a turn; none: the microphone
	outDir                         string   // for the answers to files
	output                         string
	handsFree                      bool // headphones: speaking over the coach breaks the answer off

	line    *dial.Line
	out     io.Writer
	answers []turnReport
	before  []float32 // what was said over the answer before
}

// turnReport is a turn as -o json has it.
type turnReport struct {
	File         string         `json:"file,omitempty"`
	Heard        string         `json:"heard"`
	Reply        string         `json:"reply"`
	Answer       string         `json:"answer,omitempty"` // the file
	Proposal     string         `json:"proposal,omitempty"`
	Status       string         `json:"status"`
	Code         string         `json:"code,omitempty"`
	FirstSoundMS int64          `json:"first_sound_ms"` // as it was felt here
	Metrics      *voice.Metrics `json:"metrics"`
}

// callReport is a whole call.
type callReport struct {
	SessionID        string       `json:"session_id"`
	ConversationID   string       `json:"conversation_id"`
	Greeting         string       `json:"greeting"`
	Turns            []turnReport `json:"turns"`
	TranscriptStored bool         `json:"transcript_stored"`
}

func newCall() *cobra.Command {
	c := &caller{}
	cmd := &cobra.Command{
		Use:   "call",
		Short: "Call the coach as a member",
		Long: `Call the coach as a member of the gym: you speak, the coach answers in speech.

With a microphone and a loudspeaker it is a conversation: stop speaking and the coach
answers. While the coach speaks the microphone is not listened to, unless you wear
headphones and say so with --headphones; then speaking breaks the answer off.
With --wav each file is one thing you say, in order, and the answers are written as
answer-N.wav into the folder of --out. What the coach would change is asked for, and
is done after a "yes" by voice.`,
		Example: `  intellifit call --as mara
  intellifit call --as mara --wav question.wav --wav yes.wav --out answers`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := checkOutput(c.output); err != nil {
				return err
			}
			c.out = cmd.OutOrStdout()
			return c.run(cmd.Context())
		},
	}
	flags := cmd.Flags()
	flags.StringVar(&c.as, "as", demoMember, "id of the member")
	flags.StringVar(&c.gymID, "gym", demoGym, "id of the gym")
	flags.StringVar(&c.conversation, "conversation", "", "id of a conversation to go on with, also one of the chat")
	flags.StringVar(&c.voice, "voice", "", "id of the voice; GET /function/speak/v1/audio/voices lists them")
	flags.StringArrayVar(&c.files, "wav", nil, "a recording in place of the microphone (WAV, FLAC, MP3, Ogg or WebM with Opus); may be repeated")
	flags.StringVar(&c.outDir, "out", ".", "folder for the answers to recordings")
	flags.BoolVar(&c.handsFree, "headphones", false, "you wear headphones: speaking over the coach breaks the answer off")
	flags.StringVarP(&c.output, "output", "o", "text", "text or json")
	return cmd
}

func (c *caller) run(ctx context.Context) error {
	home, state, err := installed()
	if err != nil {
		return err
	}
	who := gym.Principal{GymID: c.gymID, Subject: c.as, Role: gym.RoleMember}
	c.line = &dial.Line{URL: state.URL + "/function/call", Voice: c.voice, Client: &http.Client{}, Token: func() (string, error) {
		return signToken(home, who, faas.MaxTokenTTL, time.Now())
	}}
	for _, file := range c.files {
		if _, err := os.Stat(file); err != nil {
			return fmt.Errorf("read a recording: %w", err)
		}
	}
	var mic *microphone
	if len(c.files) == 0 {
		if mic, err = findMicrophone(os.Getenv); err != nil {
			return err
		}
	}
	report := callReport{}
	greeting, err := c.line.Open(ctx, c.conversation, func(e dial.Event) error {
		if e.Session != nil {
			report.SessionID, report.ConversationID, report.Greeting = e.Session.ID, e.Session.ConversationID, e.Session.Greeting
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("call the coach: %w", err)
	}
	c.printf("coach  %s\n", greeting.Text)
	if mic != nil {
		err = c.talk(ctx, mic, greeting)
	} else {
		err = c.play(ctx)
	}
	// The call ends also when it was broken off: what was said must be recorded.
	after, cancel := context.WithTimeout(context.WithoutCancel(ctx), 10*time.Second)
	defer cancel()
	ended, hung := c.line.HangUp(after)
	report.Turns, report.TranscriptStored = c.answers, ended.TranscriptStored
	if c.output == "json" {
		return errors.Join(err, hung, writeJSON(c.out, report))
	}
	err = errors.Join(err, c.table())
	if hung == nil {
		c.printf("\nhung up after %d turns; go on by writing: intellifit chat --as %s --conversation %s\n", ended.Turns, c.as, report.ConversationID)
	}
	return errors.Join(err, hung)
}

func (c *caller) printf(format string, args ...any) {
	if c.output == "text" {
		fmt.Fprintf(c.out, format, args...)
	}
}

// play says the recordings one after the other.
func (c *caller) play(ctx context.Context) error {
	if err := os.MkdirAll(c.outDir, 0o755); err != nil {
		return fmt.Errorf("make the folder of the answers: %w", err)
	}
	for i, file := range c.files {
		sound, err := os.ReadFile(file)
		if err != nil {
			return fmt.Errorf("read a recording: %w", err)
		}
		c.printf("\n%s\n", file)
		a, err := c.line.Say(ctx, dial.Turn{ID: uuid.NewString(), Sound: sound, Media: media(file)}, c.show)
		if err != nil {
			return fmt.Errorf("say %s: %w", file, err)
		}
		at := filepath.Join(c.outDir, fmt.Sprintf("answer-%d.wav", i+1))
		if err := writeWAV(at, a); err != nil {
			return err
		}
		c.note(a, file, at)
	}
	return nil
}

// media is the media type of a recording by the end of its name; the function looks into it anyway.
func media(file string) string {
	switch strings.ToLower(filepath.Ext(file)) {
	case ".wav":
		return "audio/wav"
	case ".mp3":
		return "audio/mpeg"
	case ".flac":
		return "audio/flac"
	case ".ogg", ".opus":
		return "audio/ogg"
	case ".webm":
		return "audio/webm"
	}
	return "application/octet-stream"
}

func writeWAV(at string, a dial.Answer) error {
	f, err := os.Create(at)
	if err != nil {
		return fmt.Errorf("write an answer: %w", err)
	}
	return errors.Join(wav.Write(f, pcm.Of16(a.Sound, a.Rate)), f.Close())
}

// show prints a line for each stage as it comes.
func (c *caller) show(e dial.Event) error {
	switch e.Type {
	case voice.Transcribed:
		c.printf("you    %s\n", e.Transcript)
	case voice.FunctionCall:
		c.printf("       · %s %s\n", strings.ReplaceAll(e.Name, "_", " "), e.Status)
	case voice.TranscriptDelta:
		c.printf("coach  %s\n", strings.TrimSpace(e.Delta))
	case voice.ErrorEvent:
		c.printf("!      %s: %s\n", e.Error.Code, e.Error.Message)
	}
	return nil
}

// note keeps what a turn came to, and says what it took.
func (c *caller) note(a dial.Answer, file, answer string) {
	r := turnReport{File: file, Heard: a.Heard, Reply: a.Text, Answer: answer, Status: a.Response.Status, FirstSoundMS: a.FirstSound.Milliseconds(), Metrics: a.Response.Metrics}
	if a.Response.Details != nil {
		r.Code = a.Response.Details.Code
	}
	if a.Proposal != nil {
		r.Proposal = a.Proposal.Summary
	}
	c.answers = append(c.answers, r)
	c.printf("       first sound after %.2f s, %.1f s of speech", a.FirstSound.Seconds(), float64(len(a.Sound)/2)/float64(max(a.Rate, 1)))
	if answer != "" {
		c.printf(" in %s", answer)
	}
	c.printf("\n")
}

// stages are the columns of the table of latencies.
var stages = []struct {
	name string
	of   func(*voice.Metrics) *int64
}{
	{"audio in", func(m *voice.Metrics) *int64 { return m.AudioIn }},
	{"decode", func(m *voice.Metrics) *int64 { return m.Decode }},
	{"stt", func(m *voice.Metrics) *int64 { return m.STT }},
	{"first words", func(m *voice.Metrics) *int64 { return m.FirstToken }},
	{"first clause", func(m *voice.Metrics) *int64 { return m.FirstClause }},
	{"voice", func(m *voice.Metrics) *int64 { return m.TTSFirst }},
	{"first sound", func(m *voice.Metrics) *int64 { return m.Turn }},
	{"audio out", func(m *voice.Metrics) *int64 { return m.AudioOut }},
	{"whole", func(m *voice.Metrics) *int64 { return m.Total }},
}

// table prints the latencies of all turns.
func (c *caller) table() error {
	if len(c.answers) == 0 {
		return nil
	}
	tw := tabwriter.NewWriter(c.out, 0, 4, 2, ' ', tabwriter.AlignRight)
	head := "\nmilliseconds\t"
	for _, s := range stages {
		head += s.name + "\t"
	}
	fmt.Fprintln(tw, head)
	columns := make([][]int64, len(stages))
	for i, a := range c.answers {
		row := fmt.Sprintf("turn %d\t", i+1)
		for j, s := range stages {
			if a.Metrics != nil && s.of(a.Metrics) != nil {
				columns[j] = append(columns[j], *s.of(a.Metrics))
				row += fmt.Sprint(*s.of(a.Metrics))
			}
			row += "\t"
		}
		fmt.Fprintln(tw, row)
	}
	if len(c.answers) > 2 {
		row := "median\t"
		for _, column := range columns {
			if len(column) > 0 {
				slices.Sort(column)
				row += fmt.Sprint(column[len(column)/2])
			}
			row += "\t"
		}
		fmt.Fprintln(tw, row)
	}
	return tw.Flush()
}
