// One call: who speaks, what is sent and when, what is interrupted. It knows no page; it tells what happens by events.

import { openMicrophone } from "./mic.js";
import { Player } from "./player.js";
import { Detector, FrameMS } from "./vad.js";
import { Turn } from "./turn.js";
import { id } from "./wire.js";

const deaf = 500; // ms of the coach's voice during which nobody can interrupt by speaking: echo cancellation has to learn first
const longest = 55000; // ms of an utterance; the server takes 60 s
const longestWait = 10000; // ms of endpoint_ms that the server takes
const shortest = 300; // ms that the button must be held
// Speech that begins an utterance: so many of the last frames. To interrupt takes more than a cough; a turn that was thought to be over
// goes on only by real speech.
const begins = { listening: { voiced: 3, frames: 5 }, speaking: { voiced: 6, frames: 8 }, thinking: { voiced: 20, frames: 25 } };
// The end of a turn in open mic: after a pause the server is asked, and asked again. Where it cannot judge, silence decides.
const pauseMS = 200;
const againMS = 150;
const silenceMS = 700;
const silenceAtMostMS = 3000;

export class Call extends EventTarget {
  constructor(wire, store) {
    super();
    this.wire = wire;
    this.store = store; // where a reload finds the call again
    this.state = "idle"; // idle, opening, listening, hearing, thinking, speaking
    this.mode = "talk"; // or "open"
    this.recording = "auto";
    this.turn = null;
    this.count = 0;
    this.rate = 22050;
    this.truncated = Promise.resolve();
    this.tell = (type, detail = {}) => this.dispatchEvent(new CustomEvent(type, { detail }));
  }

  #become(state) {
    if (this.state === state) return;
    this.state = state;
    this.tell("state", state);
  }

  // start opens the microphone and the call. Without a microphone the call goes on in writing.
  async start(voice) {
    this.#become("opening");
    this.context = new AudioContext({ latencyHint: "interactive" });
    this.player = new Player(this.context);
    this.player.onstart = (delay) => this.#sounds(delay);
    this.player.onempty = () => this.#settle();
    this.voice = voice;
    this.session = this.store.session;
    this.conversation = this.store.conversation;
    try {
      await this.context.resume();
      await this.unmute();
      if (!(await this.#resume())) await this.#open();
    } catch (error) {
      this.#close();
      throw error;
    }
  }

  // unmute opens the microphone; what fails is told, and the call goes on.
  async unmute() {
    if (this.mic || this.asking) return;
    this.detector = new Detector();
    this.asking = true;
    this.tell("microphone", { on: false });
    try {
      if (!globalThis.isSecureContext || !navigator.mediaDevices) throw new DOMException("not a secure context", "SecurityError");
      const { context } = this;
      const mic = await openMicrophone(context, this.recording, (level) => this.#frame(level), () => this.#lost());
      this.asking = false;
      if (context.state === "closed") { // hung up while the browser asked
        mic.close();
        return;
      }
      this.mic = mic;
      this.tell("microphone", { on: true });
    } catch (error) {
      if (this.context.state === "closed") return;
      this.asking = false;
      this.tell("microphone", { on: false, error });
    }
  }

  #lost() {
    this.mute();
    this.tell("microphone", { on: false, error: new DOMException("unplugged", "NotFoundError") });
  }

  // mute gives the microphone back to the browser.
  mute() {
    if (this.state === "hearing") this.#become("listening");
    this.mic?.close();
    this.mic = null;
    this.tell("microphone", { on: false });
  }

  // listen sets the mode: "talk" sends what is said while a button is held, "open" what is said at any time.
  listen(mode) {
    if (this.state === "hearing") {
      this.mic?.drop();
      this.#become("listening");
    }
    this.mode = mode;
    this.detector?.forget();
  }

  async #resume() {
    if (!this.session) return false;
    try {
      const state = await this.wire.json("GET", "", { session: this.session });
      this.adopt(state.session ?? state);
      this.tell("resumed", state);
      this.#become("listening");
      return true;
    } catch (error) {
      if (error.code !== "session_unknown") throw error;
      this.session = undefined;
      return false;
    }
  }

  async #open() {
    const turn = this.#begin({ kind: "greeting" });
    const body = { conversation_id: this.conversation, voice: this.voice };
    try {
      await this.wire.events("/open", {}, body, this.#ears(turn, undefined));
      this.whole(turn);
    } catch (error) {
      if (turn.abort.signal.aborted) return;
      if (error.code === "conversation_unknown" && this.conversation) { // another member's, or an older database's
        this.conversation = undefined;
        await this.#open();
        return;
      }
      if (!this.session) throw error;
      this.#fail(turn, error); // the call is open; only its greeting broke off
    }
  }

  // #renew opens a session in place of one that the server has forgotten; the conversation goes on.
  async #renew() {
    const { session } = await this.wire.json("POST", "/open", {}, { conversation_id: this.conversation, voice: this.voice });
    this.adopt(session);
  }

  // adopt takes over what the server says of the call.
  adopt(session) {
    this.session = session.id ?? session.session_id ?? this.session;
    this.conversation = session.conversation_id ?? this.conversation;
    this.rate = session.audio?.output?.format?.rate ?? session.rate ?? this.rate;
    Object.assign(this.store, { session: this.session, conversation: this.conversation });
  }

  // press and release are the talk button.
  press() {
    if (!this.mic || this.mode !== "talk" || !["listening", "thinking", "speaking"].includes(this.state)) return;
    this.pressed = performance.now();
    this.#hear(this.pressed);
  }

  release() {
    if (this.mode !== "talk" || this.state !== "hearing") return;
    if (performance.now() - this.pressed < shortest) {
      this.mic.drop();
      this.#become("listening");
      this.tell("note", "Hold the button while you speak.");
      return;
    }
    this.#finish(performance.now());
  }

  // #frame gets the loudness of 20 ms of the microphone.
  #frame(level) {
    this.tell("level", level);
    const now = performance.now();
    if (this.state === "speaking" && now < this.sounding + deaf) {
      this.detector.forget();
      return;
    }
    if (this.detector.push(level)) this.voiced = now;
    if (this.state === "hearing" && this.mic.lengthMS > longest) this.#finish(now);
    if (this.mode !== "open") return;
    if (this.state === "hearing") this.#pause(now);
    const begin = begins[this.state];
    if (begin && this.detector.recent(begin.frames) >= begin.voiced) this.#hear(now - begin.frames * FrameMS);
  }

  // #hear begins an utterance, which ends whatever the coach does.
  #hear(since) {
    // Nothing of a turn that is cut off before it was understood is kept by the server: it belongs to what is said now.
    const cut = this.turn?.open && this.turn.kind === "audio" && this.turn.heard === undefined;
    const earlier = cut ? this.turn.frames : [];
    this.interrupt("speech", since);
    this.mic.mark(performance.now() - since, earlier);
    this.blind = Boolean(this.judgeless);
    this.utterance = id();
    this.judged = 0;
    this.voiced = performance.now();
    this.#become("hearing");
  }

  #pause(now) {
    const silence = now - this.voiced;
    if (silence >= silenceAtMostMS) this.#finish(this.voiced);
    else if (silence < pauseMS) return;
    else if (this.blind || !this.mic.recent()) {
      if (silence >= silenceMS) this.#finish(this.voiced);
    } else if (!this.judging && now - this.judged >= againMS) this.#judge();
  }

  // #judge asks the server whether the pause is the end.
  async #judge() {
    const { utterance, voiced } = this;
    this.judging = true;
    try {
      const verdict = await this.wire.json("POST", "/detect", { session: this.session }, this.mic.recent(), { signal: AbortSignal.timeout(2000) });
      if (this.state !== "hearing" || this.utterance !== utterance || this.voiced !== voiced) return; // it went on meanwhile
      if (verdict.speech?.length === 0) {
        this.mic.drop(); // it was a noise
        this.detector.forget();
        this.#become("listening");
      } else if (verdict.end_of_turn) this.#finish(voiced);
    } catch (error) {
      this.blind = true; // for this utterance
      if (!this.told) this.tell("note", "The server does not judge pauses (" + (error.code || error.name) + "), so a turn ends after " + silenceMS / 1000 + " s of silence.");
      this.told = true;
      this.judgeless ||= error.status === 404 && error.code !== "session_unknown"; // it has no judge at all
    } finally {
      this.judging = false;
      this.judged = performance.now();
    }
  }

  async #finish(ended) {
    this.#become("thinking");
    this.detector.forget();
    const turn = this.#begin({ kind: "audio", ended });
    const { blob, frames } = await this.mic.take();
    Object.assign(turn, { body: blob, frames });
    if (!turn.abort.signal.aborted) await this.#run(turn);
  }

  // say sends a turn in writing.
  async say(text) {
    if (this.state === "idle" || this.state === "opening") return;
    if (this.state === "hearing") this.mic.drop();
    this.interrupt("text", performance.now());
    const turn = this.#begin({ kind: "text", text, body: { text }, ended: performance.now() });
    this.tell("heard", { turn, text });
    await this.#run(turn);
  }

  // answer says yes or no to what was proposed. Whoever presses the button has read the proposal: none of it counts as unheard, so the
  // turn that proposes it may come to its end, and only its sound stops.
  async answer(word) {
    const { turn } = this;
    await turn?.over;
    if (this.turn !== turn) return; // it was interrupted, and the proposal with it
    this.player.stop();
    await this.say(word);
  }

  #begin(what) {
    this.turn = new Turn(what.kind === "greeting" ? 0 : ++this.count, what, this);
    return this.turn;
  }

  async #run(turn) {
    this.#become("thinking");
    turn.reopen();
    try {
      await this.truncated; // first what was not heard, then what comes next
      turn.waited ??= Math.round(performance.now() - turn.ended);
      const query = { session: this.session, conversation: this.conversation, turn: turn.id, voice: this.voice, endpoint_ms: turn.kind === "audio" ? Math.min(turn.waited, longestWait) : undefined };
      await this.wire.events("", query, turn.body, this.#ears(turn, (why) => this.tell("waiting", { turn, why })));
      this.whole(turn);
    } catch (error) {
      if (turn.abort.signal.aborted) return;
      if (error.code === "session_unknown" && !turn.renewed) {
        turn.renewed = true;
        try {
          await this.#renew();
          await this.#run(turn);
        } catch (again) {
          this.#fail(turn, again);
        }
        return;
      }
      this.#fail(turn, error);
    }
  }

  #fail(turn, error) {
    if (turn !== this.turn) return;
    this.tell("problem", { turn, error, again: turn.body && (() => this.again(turn)) });
    this.whole(turn);
  }

  // again sends a turn that failed once more.
  again(turn) {
    if (this.turn !== turn || turn.open) return;
    turn.renew();
    this.#run(turn);
  }

  #ears(turn, onretry) {
    return {
      signal: turn.abort.signal,
      onevent: (event) => { if (turn === this.turn) turn.take(event); },
      last: ({ type }) => type === "response.done" || type === "error",
      onretry,
      onanew: () => { turn.replayed = true; },
    };
  }

  #sounds(delay) {
    const { turn } = this;
    this.sounding = performance.now() + delay;
    this.detector?.forget();
    this.#become("speaking");
    if (turn.ended !== undefined) turn.heardAfter ??= Math.round(this.sounding - turn.ended);
    this.tell("measured", { turn });
  }

  // whole: nothing more comes of the turn.
  whole(turn) {
    if (!turn.open || turn !== this.turn) return;
    turn.close();
    this.player.end();
  }

  #settle() {
    if (this.turn?.open || this.state === "idle" || this.state === "hearing") return;
    this.#become("listening");
  }

  // interrupt silences the coach at once, drops the running request and tells the server what was heard.
  interrupt(why, since = performance.now()) {
    const { turn } = this;
    if (!turn || (!turn.open && !this.player.playing)) return;
    const heard = this.player.stop();
    turn.abort.abort();
    turn.stoppedAfter = Math.round(performance.now() - since);
    this.turn = null;
    this.truncated = Promise.all([this.truncated, turn.truncate(this.wire, this.session, heard)]);
    turn.close();
    this.tell("interrupted", { turn, why, heard });
    this.tell("measured", { turn });
    if (why === "stop") this.#become("listening");
  }

  // hangUp ends the call and returns what the server says of it.
  async hangUp() {
    this.interrupt("hang up");
    this.#close();
    const { session } = this;
    this.session = undefined;
    Object.assign(this.store, { session: undefined, conversation: undefined });
    await this.truncated;
    return session ? this.wire.json("DELETE", "", { session }, undefined, { keepalive: true }) : {};
  }

  #close() {
    this.player?.stop();
    this.mic?.close();
    this.mic = null;
    this.turn = null;
    this.asking = false;
    this.context?.close();
    this.#become("idle");
  }
}
