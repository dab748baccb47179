package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/intellifit/intellifit/shared/coach"
	"github.com/intellifit/intellifit/shared/faas"
	"github.com/intellifit/intellifit/shared/gym"
)

func newChat() *cobra.Command {
	var as, gymID, conversation string
	cmd := &cobra.Command{
		Use:   "chat [MESSAGE]",
		Short: "Talk with the coach as a member",
		Long: `Talk with the coach as a member of the gym, word by word as an app would show it.

What the coach would change is put as a question: y does it, n does not, anything
else goes on talking. With a MESSAGE it says that one thing and ends. An empty line
or Ctrl-D ends the conversation; --conversation goes on with it later.`,
		Example: `  intellifit chat --as mara
  intellifit chat --as mara "what do I train today?"`,
		Args: cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			t, err := newTerminal(gym.Principal{GymID: gymID, Subject: as, Role: gym.RoleMember}, conversation, cmd.OutOrStdout())
			if err != nil {
				return err
			}
			if len(args) == 1 {
				return t.send(cmd.Context(), chatMessage{Message: args[0]})
			}
			return t.talk(cmd.Context(), cmd.InOrStdin())
		},
	}
	flags := cmd.Flags()
	flags.StringVar(&as, "as", demoMember, "id of the member")
	flags.StringVar(&gymID, "gym", demoGym, "id of the gym")
	flags.StringVar(&conversation, "conversation", "", "id of a conversation to go on with")
	return cmd
}

// demoMember is the member whom the demo shows.
const demoMember = "mara"

// chatMessage is the body of POST /function/chat.
type chatMessage struct {
	Message        string `json:"message,omitempty"`
	ConversationID string `json:"conversation_id,omitempty"`
	Confirm        string `json:"confirm,omitempty"`
	Decline        string `json:"decline,omitempty"`
}

// terminal is one conversation on a terminal.
type terminal struct {
	home, url    string
	who          gym.Principal
	conversation string
	proposal     *coach.Proposal
	out          io.Writer
	client       *http.Client
}

func newTerminal(who gym.Principal, conversation string, out io.Writer) (*terminal, error) {
	home, state, err := installed()
	if err != nil {
		return nil, err
	}
	return &terminal{home: home, url: state.URL + "/function/chat", who: who, conversation: conversation, out: out, client: &http.Client{}}, nil
}

func (t *terminal) talk(ctx context.Context, in io.Reader) error {
	fmt.Fprintf(t.out, "You talk with the coach as member %s. An empty line ends it.\n", t.who.Subject)
	lines := bufio.NewScanner(in)
	for {
		fmt.Fprint(t.out, "\nyou: ")
		if !lines.Scan() || strings.TrimSpace(lines.Text()) == "" {
			if t.conversation != "" {
				fmt.Fprintf(t.out, "\ngo on later: intellifit chat --as %s --conversation %s\n", t.who.Subject, t.conversation)
			}
			return lines.Err()
		}
		if err := t.send(ctx, t.message(lines.Text())); err != nil {
			if ctx.Err() != nil {
				return ctx.Err()
			}
			fmt.Fprintln(t.out, "! "+err.Error())
		}
	}
}

// message takes y and n as the answer to an open proposal.
func (t *terminal) message(line string) chatMessage {
	if p := t.proposal; p != nil {
		switch strings.ToLower(strings.TrimSpace(line)) {
		case "y", "yes":
			return chatMessage{Confirm: p.ID}
		case "n", "no":
			return chatMessage{Decline: p.ID}
		}
	}
	return chatMessage{Message: line}
}

func (t *terminal) send(ctx context.Context, m chatMessage) error {
	m.ConversationID = t.conversation
	body, err := json.Marshal(m)
	if err != nil {
		return err
	}
	token, err := signToken(t.home, t.who, faas.MaxTokenTTL, time.Now())
	if err != nil {
		return err
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, t.url, bytes.NewReader(body))
	if err != nil {
		return err
	}
	req.Header.Set("Authorization", "Bearer "+token)
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("Accept", "text/event-stream")
	res, err := t.client.Do(req)
	if err != nil {
		return fmt.Errorf("reach the coach: %w (is `intellifit up` running?)", err)
	}
	defer res.Body.Close()
	if res.StatusCode != http.StatusOK {
		return problemIn(res.Body)
	}
	t.proposal = nil
	return t.listen(res.Body)
}

// listen shows the events of one turn.
func (t *terminal) listen(stream io.Reader) error {
	lines := bufio.NewScanner(stream)
	lines.Buffer(nil, 1<<20)
	begun := false
	for lines.Scan() {
		data, ok := strings.CutPrefix(lines.Text(), "data: ")
		if !ok {
			continue
		}
		var e coach.Event
		if err := json.Unmarshal([]byte(data), &e); err != nil {
			return fmt.Errorf("read the coach's answer: %w", err)
		}
		switch e.Kind {
		case coach.Started:
			t.conversation = e.ConversationID
		case coach.Proposed:
			t.proposal = e.Proposal
		case coach.Delta:
			if !begun {
				begun = true
				fmt.Fprint(t.out, "coach: ")
			}
			fmt.Fprint(t.out, e.Text)
		case coach.Done:
			if t.proposal != nil {
				fmt.Fprint(t.out, " [y/n]")
			}
			fmt.Fprintln(t.out)
			return nil
		default:
			if strings.HasPrefix(string(e.Kind), "urn:") { // the problem of a turn that broke off
				return problemIn(strings.NewReader(data))
			}
		}
	}
	return errors.Join(errors.New("the answer broke off"), lines.Err())
}

func problemIn(body io.Reader) error {
	var p faas.Problem
	if err := json.NewDecoder(io.LimitReader(body, 1<<20)).Decode(&p); err != nil || p.Code == "" {
		return errors.New("the coach's answer cannot be read")
	}
	if p.Hint != "" {
		return fmt.Errorf("%s (%s)", p.Detail, p.Hint)
	}
	return errors.New(p.Detail)
}
