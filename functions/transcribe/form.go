package transcribe

import (
	"context"
	"errors"
	"fmt"
	"io"
	"mime"
	"mime/multipart"
	"regexp"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/intellifit/intellifit/shared/faas"
	"github.com/intellifit/intellifit/shared/gym"
	"github.com/intellifit/intellifit/shared/speech"
	"github.com/intellifit/intellifit/shared/speech/decode"
	"github.com/intellifit/intellifit/shared/speech/recording"
)

// The bounds of a form beside its recording.
const (
	maxFields = 64
	maxField  = 16 << 10
	maxPrompt = 4_000 // characters; Whisper heeds the last few hundred
)

// wish is what a client wants to know, and how.
type wish struct {
	speech.Listening
	Format   string
	Stream   bool
	Words    bool
	Segments bool
	OpenAI   bool // the dialect of the answer
}

// reader decodes a recording.
type reader func(r io.Reader, contentType string) (*recording.Recording, error)

func (f *Function) reader(ctx context.Context) reader {
	return func(r io.Reader, contentType string) (*recording.Recording, error) {
		return recording.Read(ctx, r, contentType, decode.Limits{MaxBytes: maxFile, MaxDuration: maxAudio}, f.room)
	}
}

func isForm(contentType string) bool {
	media, _, err := mime.ParseMediaType(contentType)
	return err == nil && strings.HasPrefix(media, "multipart/")
}

// readForm reads a form whose fields come in any order; OpenAI's clients send the recording first.
func (w *wish) readForm(body *faas.Upload, read reader) (rec *recording.Recording, err error) {
	defer func() {
		if err != nil && rec != nil {
			rec.Close()
			rec = nil
		}
	}()
	_, params, err := mime.ParseMediaType(body.ContentType())
	if err != nil || params["boundary"] == "" {
		return nil, broken(errors.New("the form has no boundary"))
	}
	form := multipart.NewReader(body, params["boundary"])
	w.Segments = false
	for fields := 0; ; fields++ {
		part, err := form.NextPart()
		switch {
		case err == io.EOF: // a form that breaks off gives it wrapped
			if rec == nil {
				return nil, invalid("file", "is missing: it is the recording")
			}
			w.Segments = w.Segments || !w.Words
			return rec, nil
		case err != nil:
			return rec, broken(err)
		case fields == maxFields:
			return rec, invalid("", fmt.Sprintf("the form has more than %d fields", maxFields))
		}
		name := part.FormName()
		if name != "file" {
			if err := w.field(part, name); err != nil {
				return rec, err
			}
			continue
		}
		if rec != nil {
			return rec, invalid(name, "comes twice")
		}
		if rec, err = read(part, part.Header.Get("Content-Type")); err != nil {
			return nil, err
		}
	}
}

// broken is what a client gets to know of a form that cannot be read.
func broken(err error) error {
	var known *gym.Error
	var ready *faas.Problem
	if errors.As(err, &known) || errors.As(err, &ready) || errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
		return err
	}
	return &gym.Error{Kind: gym.ErrInvalid, Code: faas.CodeBodyUnreadable, Detail: "the form breaks off, or is none", Err: err}
}

// field takes one field. What it does not know is let pass: clients send fields for models that we do not have.
func (w *wish) field(part *multipart.Part, name string) error {
	value, err := io.ReadAll(io.LimitReader(part, maxField+1))
	if err != nil {
		return broken(err)
	}
	text := string(value)
	if len(value) > maxField || !utf8.ValidString(text) || strings.ContainsRune(text, 0) {
		return invalid(name, fmt.Sprintf("must be a text of at most %d bytes", maxField))
	}
	switch name {
	case "language":
		w.Language = text
	case "prompt":
		w.Prompt = text
	case "response_format":
		w.Format = text
	case "temperature":
		t, err := strconv.ParseFloat(text, 64)
		if err != nil || !(t >= 0 && t <= 1) {
			return invalid(name, "must be a number from 0 to 1")
		}
		w.Temperature = t
	case "stream":
		stream, err := strconv.ParseBool(text)
		if err != nil {
			return invalid(name, "must be true or false")
		}
		w.Stream = w.Stream || stream
	case "timestamp_granularities", "timestamp_granularities[]":
		switch text {
		case "segment":
			w.Segments = true
		case "word":
			w.Words = true
		default:
			return invalid(name, "must be segment or word")
		}
	}
	return nil
}

// language is the form of a code such as en, en-US or auto.
var language = regexp.MustCompile(`^([a-z]{2,4})(?:[-_][a-z0-9]{2,8})*$`)

// check holds a wish to what there is; standard is the language when it names none.
func (w *wish) check(standard string) error {
	switch w.Format {
	case "json", "verbose_json", "text":
	case "srt", "vtt":
		if w.Stream {
			return invalid("response_format", "a stream has events; ask for json")
		}
	default:
		return invalid("response_format", "must be one of json, text, srt, vtt, verbose_json")
	}
	if utf8.RuneCountInString(w.Prompt) > maxPrompt {
		return invalid("prompt", fmt.Sprintf("must have at most %d characters", maxPrompt))
	}
	if w.Language == "" {
		w.Language = standard
	}
	if w.Language != "" {
		code := language.FindStringSubmatch(strings.ToLower(w.Language))
		if code == nil {
			return invalid("language", "must be a code of ISO 639-1, such as en")
		}
		w.Language = code[1] // recognisers know no regions
	}
	w.Listening.Words = w.Words && (w.Format == "verbose_json" || w.Format == "json" && !w.OpenAI)
	return nil
}

func invalid(field, message string) error {
	return &gym.Error{Kind: gym.ErrInvalid, Code: faas.CodeInvalidRequest, Detail: "the request is wrong", Fields: []gym.Field{{Name: field, Message: message}}}
}
