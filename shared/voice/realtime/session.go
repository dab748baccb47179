package realtime

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/coder/websocket"
	"github.com/google/uuid"

	"github.com/intellifit/intellifit/shared/speech/vad"
	"github.com/intellifit/intellifit/shared/voice"
)

// session is one connection. All its state belongs to the goroutine of run; the reader, the writer, judges and the turn that runs talk to it by
// channels.
type session struct {
	*Server
	out      *outbox
	inbox    chan frame
	verdicts chan vad.Verdict
	told     chan told
	ended    chan outcome
	asking   sync.WaitGroup

	id     string   // of the session until the call has one
	call   voice.In // the call's member, id, conversation and voice
	set    settings
	began  time.Time
	events int           // sent
	failed error         // why the connection must end
	over   chan struct{} // closed when nobody listens to the turn that runs any more

	input
	answers
}

type frame struct {
	kind websocket.MessageType
	data []byte
}

func (s *Server) newSession(in voice.In) (*session, error) {
	d := standard(s.cfg.Judge != nil, s.cfg.Turns)
	c := &session{
		Server: s, out: newOutbox(s.cfg.queued), inbox: make(chan frame), verdicts: make(chan vad.Verdict), told: make(chan told), ended: make(chan outcome, 1),
		over: make(chan struct{}), id: "sess_" + uuid.NewString(), call: in, began: time.Now(), set: settings{detection: &d, in: standardRate, out: standardRate, voice: in.Voice},
	}
	c.played = time.NewTimer(s.cfg.Life)
	return c, c.listen()
}

// serve leads a connection from its handshake to its end.
func (s *Server) serve(ctx context.Context, conn *websocket.Conn, in voice.In) {
	defer conn.CloseNow()
	ctx = context.WithoutCancel(ctx) // it ends when the connection does, not with the request that it began with
	c, err := s.newSession(in)
	if err != nil {
		s.cfg.Log(ctx).Error("a realtime call could not begin", "cause", err.Error())
		_ = conn.Close(websocket.StatusInternalError, "")
		return
	}
	line, hangUp := context.WithCancel(ctx)
	defer hangUp()
	var wait sync.WaitGroup
	read, wrote := make(chan error, 1), make(chan error, 1)
	wait.Go(func() { read <- c.read(line, conn) })
	wait.Go(func() { wrote <- c.out.run(line, conn) })
	wait.Go(func() { c.ping(line, conn) })
	c.tell(serverEvent{Type: voice.SessionCreated, Session: c.object()})
	end := c.run(ctx, read, wrote)
	if !end.lost {
		c.out.close()
		select {
		case <-wrote:
		case <-time.After(writeTime):
		}
		_ = conn.Close(end.status, end.reason) // the client may have gone first
	}
	hangUp()
	wait.Wait()
	s.cfg.Log(ctx).Info("a realtime call ended", "session_id", c.call.SessionID, "cause", end.reason, "dur_ms", time.Since(c.began).Milliseconds())
}

// goodbye is how a connection ends.
type goodbye struct {
	status websocket.StatusCode
	reason string
	lost   bool // nothing can be sent any more
	hungUp bool // the client said goodbye
}

// run leads the session until its connection or its time ends, and what runs in it.
func (s *session) run(ctx context.Context, read, wrote <-chan error) goodbye {
	work, stop := context.WithCancel(ctx)
	end := s.loop(work, read, wrote)
	close(s.over)
	stop()
	for s.running != nil {
		s.finish(work, <-s.ended, false)
	}
	s.asking.Wait()
	s.played.Stop()
	if end.hungUp && s.call.SessionID != "" {
		ctx, cancel := context.WithTimeout(ctx, pingTime)
		defer cancel()
		if _, err := s.cfg.Calls.HangUp(ctx, s.call.MemberID, s.call.SessionID); err != nil {
			s.cfg.Log(ctx).Warn("a call was not recorded", "session_id", s.call.SessionID, "cause", err.Error())
		}
	}
	return end
}

// partingTime is how long the reader has to say why nothing can be written any more.
const partingTime = 250 * time.Millisecond

// parting is the end of a connection that takes nothing more. A client that said goodbye while an answer was being sent is known by its last
// frame, which the reader may not have come to yet.
func (s *session) parting(read <-chan error, cause error) goodbye {
	lost := goodbye{lost: true, reason: cause.Error()}
	late := time.NewTimer(partingTime)
	defer late.Stop()
	for {
		select {
		case <-s.inbox: // what came before the end is not answered any more
		case err := <-read:
			if end := endOf(err); end.hungUp {
				lost.hungUp, lost.reason = true, end.reason
			}
			return lost
		case <-late.C:
			return lost
		}
	}
}

func (s *session) loop(ctx context.Context, read, wrote <-chan error) goodbye {
	idle, life := time.NewTimer(s.cfg.Idle), time.NewTimer(s.cfg.Life)
	defer idle.Stop()
	defer life.Stop()
	for {
		select {
		case f := <-s.inbox:
			idle.Reset(s.cfg.Idle)
			s.handle(ctx, f)
		case v := <-s.verdicts:
			s.judged(ctx, v)
		case t := <-s.told:
			s.hear(t)
		case o := <-s.ended:
			s.finish(ctx, o, true)
		case <-s.played.C:
			s.silent()
		case err := <-read:
			return endOf(err)
		case err := <-wrote:
			return s.parting(read, err)
		case <-idle.C:
			return goodbye{status: websocket.StatusGoingAway, reason: "nothing was sent for too long"}
		case <-life.C:
			s.refuse("", CodeExpired, "the connection is as old as one gets; connect again and take the call up")
			return goodbye{status: websocket.StatusGoingAway, reason: "session expired"}
		case <-s.ending:
			return goodbye{status: websocket.StatusGoingAway, reason: "the server is stopping"}
		}
		switch {
		case errors.Is(s.failed, errSlow):
			return goodbye{lost: true, reason: errSlow.Error()}
		case s.failed != nil:
			s.cfg.Log(ctx).Error("a realtime call failed", "cause", s.failed.Error())
			return goodbye{status: websocket.StatusInternalError, reason: "internal"}
		}
	}
}

// endOf says how a reader's error ends the connection: a client that closes it normally has hung up; one that is gone may come back.
func endOf(err error) goodbye {
	switch websocket.CloseStatus(err) {
	case websocket.StatusNormalClosure, websocket.StatusNoStatusRcvd:
		return goodbye{lost: true, hungUp: true, reason: "the client hung up"}
	}
	return goodbye{lost: true, reason: err.Error()}
}

// fail ends the connection after what is being done.
func (s *session) fail(err error) {
	if s.failed == nil {
		s.failed = err
	}
}

func (s *session) read(ctx context.Context, conn *websocket.Conn) error {
	for {
		kind, data, err := conn.Read(ctx)
		if err != nil {
			return fmt.Errorf("read an event: %w", err)
		}
		select {
		case s.inbox <- frame{kind, data}:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// ping finds out about clients that went without a word: a ping that is not answered closes the connection, which the reader notices.
func (s *session) ping(ctx context.Context, conn *websocket.Conn) {
	tick := time.NewTicker(s.cfg.Ping)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		ctx, cancel := context.WithTimeout(ctx, pingTime)
		err := conn.Ping(ctx)
		cancel()
		if err != nil {
			_ = conn.CloseNow()
			return
		}
	}
}

// handle does what an event of the client asks.
func (s *session) handle(ctx context.Context, f frame) {
	var e clientEvent
	if f.kind != websocket.MessageText {
		s.refuse("", CodeEventInvalid, "events are JSON text")
		return
	}
	if err := json.Unmarshal(f.data, &e); err != nil {
		s.refuse("", CodeEventInvalid, "the event is not JSON of its shape")
		return
	}
	switch e.Type {
	case clientUpdate:
		s.update(e)
	case clientAppend:
		s.append(ctx, e)
	case clientCommit:
		s.commit(ctx, e)
	case clientClear:
		s.clear()
	case clientItem:
		s.typed(e)
	case clientCreate:
		s.create(ctx, e)
	case voice.ClientResponseCancel:
		s.stop(e)
	case voice.ClientTruncate:
		s.truncate(ctx, e)
	default:
		s.refuse(e.EventID, CodeEventUnknown, "this server does not take events of this type")
	}
}

// update changes the session.
func (s *session) update(e clientEvent) {
	now, err := s.set.change(e.Session, s.cfg.Judge != nil, s.cfg.Turns)
	if err == nil && now.voice != s.set.voice && s.call.SessionID != "" {
		err = errors.New("the voice of a call that has begun stays")
	}
	if err != nil {
		s.refuse(e.EventID, CodeEventInvalid, err.Error())
		return
	}
	was := s.set
	s.set = now
	if err := s.relisten(was.detection); err != nil {
		s.set = was
		s.refuse(e.EventID, CodeEventInvalid, err.Error())
		return
	}
	s.call.Voice = now.voice
	if now.in != was.in {
		s.newFormat()
	}
	s.tell(serverEvent{Type: sessionUpdated, Session: s.object()})
}

// learn takes what the first turn tells of its call.
func (s *session) learn(info *voice.SessionInfo) {
	if info == nil || info.ID == s.call.SessionID {
		return
	}
	s.call.SessionID, s.call.ConversationID = info.ID, info.ConversationID
	s.tell(serverEvent{Type: sessionUpdated, Session: s.object()})
}

func (s *session) object() *sessionObject {
	o := &sessionObject{ID: s.id, Object: "realtime.session", Type: "realtime", ConversationID: s.call.ConversationID, ExpiresAt: s.began.Add(s.cfg.Life).Unix()}
	if s.call.SessionID != "" {
		o.ID = s.call.SessionID
	}
	o.Audio.Input.Format = format{"audio/pcm", s.set.in}
	o.Audio.Input.TurnDetection = s.set.detection
	o.Audio.Output.Format = format{"audio/pcm", s.set.out}
	o.Audio.Output.Voice = s.set.voice
	return o
}
