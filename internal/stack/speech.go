package stack

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"path/filepath"
	"regexp"
	"runtime"
	"strconv"
	"strings"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/intellifit/intellifit/internal/models"
)

// The ports that the speech servers prefer.
const (
	whisperPort = 21435
	ttsPort     = 21436
)

// Speech says how to provide the servers of speech.
type Speech struct {
	// Whisper and TTS are the sources of our own servers.
	Whisper, TTS fs.FS
	// Profile chooses the recogniser. It may wait for the choice.
	Profile func(context.Context) (models.Choice, error)
	// Progress shows the work for one server; nil is that of all.
	Progress func(server string) models.Progress
}

// packages is the list of what a server needs, in its source.
const packages = "requirements.lock"

// WhisperServer and TTSServer are what our servers of speech are made of.
func (s Speech) WhisperServer() models.Server {
	return models.Server{Name: whisper, Files: s.Whisper, Lists: []string{packages}}
}

// TTSServer is WhisperServer's counterpart.
func (s Speech) TTSServer() models.Server {
	return models.Server{Name: tts, Files: s.TTS, Lists: []string{packages}}
}

// The secrets that open a server of speech of somebody else, where it wants one.
const (
	SecretWhisper = "whisper-key"
	SecretTTS     = "tts-key"
)

// spoken is one server of speech on its way.
type spoken struct {
	name, variable string
	port           int
	url            *string
	ask            func(context.Context, SpeechServer) error
	start          func(context.Context, Options, net.Listener) (part, error)
}

// startSpeech begins to bring up the servers of speech. Their addresses stand at once; AwaitSpeech waits until they answer.
func (s *Stack) startSpeech(ctx context.Context, o Options) error {
	ctx, s.endSpeech = context.WithCancel(ctx)
	s.WhisperModel, s.TTSVoice = o.Getenv("WHISPER_MODEL"), o.Getenv("TTS_VOICE")
	for i, p := range []spoken{
		{whisper, "WHISPER_URL", whisperPort, &s.WhisperURL, AskWhisper, s.startWhisper},
		{tts, "TTS_URL", ttsPort, &s.TTSURL, AskTTS, s.startTTS},
	} {
		begin := s.provideSpeech
		if o.Getenv(p.variable) != "" {
			begin = s.useSpeech
		}
		if err := begin(ctx, o, i, p); err != nil {
			return err
		}
	}
	return nil
}

// useSpeech takes a server that the user runs, once it has answered a real question.
func (s *Stack) useSpeech(ctx context.Context, o Options, i int, p spoken) (err error) {
	server, err := speechServer(o.Getenv, s.Secrets, p.variable)
	if err != nil {
		return err
	}
	*p.url = server.URL
	s.set(i, part{Component: Component{Name: p.name, State: StateStarting, Address: address(server.URL), Source: SourceURL}})
	s.speech.Go(func() {
		began := time.Now()
		if err := p.ask(ctx, server); err != nil {
			s.speechErrs[i] = fmt.Errorf("use the %s of %s at %s: %w", p.name, p.variable, address(server.URL), err)
			return
		}
		s.up(i, given(p.name, strings.Join(strings.Fields("OpenAI API "+server.Model+" "+server.Voice), " "), address(server.URL)), o, began)
	})
	return nil
}

// speechServer is the server that a variable names.
func speechServer(getenv func(string) string, secrets, variable string) (server SpeechServer, err error) {
	if server.URL, err = SpeechURL(variable, getenv(variable)); err != nil {
		return server, err
	}
	secret := SecretTTS
	server.Model, server.Voice = getenv("TTS_MODEL"), getenv("TTS_VOICE")
	if variable == "WHISPER_URL" {
		secret, server.Model, server.Voice = SecretWhisper, getenv("WHISPER_MODEL"), ""
	}
	server.Key, err = ReadSecret(secrets, secret)
	if errors.Is(err, fs.ErrNotExist) {
		err = nil
	}
	return server, err
}

// provideSpeech makes what a server of our own needs, and starts it.
func (s *Stack) provideSpeech(ctx context.Context, o Options, i int, p spoken) error {
	listener, err := reservePort(p.port)
	if err != nil {
		return err
	}
	*p.url = "http://" + listener.Addr().String()
	if p.name == tts {
		s.TTSVoice = orElse(s.TTSVoice, models.VoiceID)
	}
	s.set(i, part{Component: Component{Name: p.name, State: StateStarting, Address: address(*p.url), Source: SourceProvided, Log: logFile(o.Home, p.name)}})
	s.speech.Go(func() {
		defer listener.Close()
		began := time.Now()
		started, err := p.start(ctx, o, listener)
		if err != nil {
			s.speechErrs[i] = fmt.Errorf("%w\n  or set %s to a server of yours, or go without voice: intellifit up --no-voice", err, p.variable)
			return
		}
		s.up(i, started, o, began)
	})
	return nil
}

// AwaitSpeech returns when the servers of speech have answered a real question, or says why they do not.
func (s *Stack) AwaitSpeech() error {
	s.speech.Wait()
	return errors.Join(s.speechErrs[:]...)
}

func (o Options) progress(server string) models.Progress {
	if o.Speech.Progress == nil {
		return o.Progress
	}
	return o.Speech.Progress(server)
}

func (s *Stack) startWhisper(ctx context.Context, o Options, listener net.Listener) (part, error) {
	store, p := models.NewStore(o.Home, o.Getenv), o.progress(whisper)
	var environment models.Environment
	var model, turn models.SpeechModel
	group, making := errgroup.WithContext(ctx)
	group.Go(func() (err error) {
		environment, err = store.Environment(making, o.Speech.WhisperServer(), p)
		return err
	})
	group.Go(func() error {
		choice, err := o.Speech.Profile(making)
		if err != nil {
			return err
		}
		if model, err = store.Recogniser(making, choice, p); err != nil {
			return err
		}
		turn, err = store.EndOfTurn(making, p)
		return err
	})
	if err := group.Wait(); err != nil {
		return part{}, fmt.Errorf("provide whisper: %w", err)
	}
	threads, workers := whisperThreads(runtime.GOMAXPROCS(0))
	args := []string{"--model", model.Path, "--model-sha256", model.SHA256, "--turn-model", turn.Path, "--turn-model-sha256", turn.SHA256}
	if s.WhisperModel != "" {
		args = append(args, "--model-name", s.WhisperModel) // beside OpenAI's name, by which it always answers
	}
	return s.startEngine(ctx, o, engineOf{
		name: whisper, module: "intellifit_whisper", environment: environment, listener: listener, knobs: whisperKnobs,
		args:    args,
		preset:  map[string]int{"INTELLIFIT_WHISPER_THREADS": threads, "INTELLIFIT_WHISPER_WORKERS": workers},
		version: versionIn(o.Speech.Whisper, "faster-whisper") + " " + model.Name, store: store, models: []models.SpeechModel{model, turn},
	})
}

func (s *Stack) startTTS(ctx context.Context, o Options, listener net.Listener) (part, error) {
	store, p := models.NewStore(o.Home, o.Getenv), o.progress(tts)
	var environment models.Environment
	var voice models.SpeechModel
	group, making := errgroup.WithContext(ctx)
	group.Go(func() (err error) {
		environment, err = store.Environment(making, o.Speech.TTSServer(), p)
		return err
	})
	group.Go(func() (err error) {
		voice, err = store.Voices(making, s.TTSVoice, p)
		return err
	})
	if err := group.Wait(); err != nil {
		return part{}, fmt.Errorf("provide tts: %w", err)
	}
	args := []string{"--voices", voice.Path, "--voice", s.TTSVoice}
	if voice.SHA256 != "" {
		args = append(args, "--voice-sha256", voice.Name+"="+voice.SHA256)
	}
	return s.startEngine(ctx, o, engineOf{
		name: tts, module: "intellifit_tts", environment: environment, listener: listener, knobs: ttsKnobs,
		args:    args,
		version: versionIn(o.Speech.TTS, "piper-tts") + " " + s.TTSVoice, store: store, models: []models.SpeechModel{voice},
	})
}

// The knobs of the servers, which the user sets in the environment of `up`: the twins of their flags.
var (
	whisperKnobs = []string{
		"INTELLIFIT_WHISPER_DEVICE", "INTELLIFIT_WHISPER_COMPUTE_TYPE", "INTELLIFIT_WHISPER_WINDOW", "INTELLIFIT_WHISPER_LANGUAGE",
		"INTELLIFIT_WHISPER_WORKERS", "INTELLIFIT_WHISPER_THREADS", "INTELLIFIT_WHISPER_QUEUE", "INTELLIFIT_WHISPER_TIMEOUT",
		"INTELLIFIT_WHISPER_MAX_BYTES", "INTELLIFIT_WHISPER_MAX_SECONDS", "INTELLIFIT_WHISPER_LOG_LEVEL",
	}
	ttsKnobs = []string{"INTELLIFIT_TTS_DEVICE", "INTELLIFIT_TTS_WORKERS", "INTELLIFIT_TTS_THREADS", "INTELLIFIT_TTS_QUEUE", "INTELLIFIT_TTS_DEADLINE"}
)

// engineOf is what differs between the servers.
type engineOf struct {
	name, module, version string
	environment           models.Environment
	listener              net.Listener
	args, knobs           []string
	preset                map[string]int // values of knobs that the user left alone
	store                 *models.Store
	models                []models.SpeechModel
}

// startEngine starts a server. One that refuses a model which was damaged on the disk gets it again, once.
func (s *Stack) startEngine(ctx context.Context, o Options, e engineOf) (part, error) {
	log := logFile(o.Home, e.name)
	options := EngineOptions{
		Name: e.name, Environment: e.environment, Module: e.module, Args: e.args, Variables: e.knobs, Listener: e.listener,
		DataDir: filepath.Join(o.Home, "data", e.name), RunDir: filepath.Join(o.Home, "run"), LogFile: log, Event: o.Event,
		Getenv: func(name string) string {
			if value := o.Getenv(name); value != "" || e.preset[name] == 0 {
				return value
			}
			return strconv.Itoa(e.preset[name])
		},
	}
	server, err := StartEngine(ctx, options)
	if err != nil && ctx.Err() == nil && e.mend(ctx, o) {
		server, err = StartEngine(ctx, options)
	}
	if err != nil {
		return part{}, err
	}
	return part{child: server, Component: Component{
		Name: e.name, Version: e.version, Address: address(server.URL()), Source: SourceProvided, Log: log,
	}}, nil
}

// mend fetches a model of the server again when it is not the pinned one any more. It reports whether that was so.
func (e engineOf) mend(ctx context.Context, o Options) bool {
	mended := false
	for _, m := range e.models {
		var wrong *models.ChecksumError
		if err := e.store.RecheckAssembled(ctx, m.Artifact); !errors.As(err, &wrong) {
			continue
		}
		if _, err := e.store.Assembled(ctx, m.Artifact, o.progress(e.name)); err != nil {
			return false // the error of the start tells more
		}
		mended = true
	}
	return mended
}

// whisperThreads is how a recogniser uses n cores: the threads of one decoding, of which more than four gain little, and how
// many clips are decoded at once.
func whisperThreads(n int) (threads, workers int) { return min(max(n, 1), 4), min(max(n/4, 1), 4) }

// versionIn reads the version of a package in a server's list.
func versionIn(source fs.FS, name string) string {
	list, err := fs.ReadFile(source, packages)
	if err != nil {
		return name
	}
	m := regexp.MustCompile(`(?m)^` + regexp.QuoteMeta(name) + `==([^\s;\\]+)`).FindSubmatch(list)
	if m == nil {
		return name
	}
	return name + " " + string(m[1])
}

func logFile(home, component string) string { return filepath.Join(home, "logs", component+".log") }
