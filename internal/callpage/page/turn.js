// One turn of a call: what was said, and what came of it so far.

import { floats } from "./pcm.js";
import { id, pause } from "./wire.js";

const timeout = 3000; // ms for an event of ours

export class Turn {
  // what is its kind (greeting, audio, text), and of the last two the body and when the member ended, by performance.now. call is what
  // the turn acts on: player, rate, tell(type, detail), adopt(session), whole(turn), again(turn).
  constructor(number, what, call) {
    Object.assign(this, what);
    this.number = number;
    this.call = call;
    this.id = id();
    this.abort = new AbortController();
    this.items = new Map(); // ms of sound that came of each item
    this.open = false;
    this.reopen();
  }

  // reopen says that more comes; over is done when nothing more does.
  reopen() {
    if (this.open) return;
    this.open = true;
    this.over = new Promise((resolve) => { this.end = resolve; });
  }

  close() {
    this.open = false;
    this.end();
  }

  // renew gets the turn ready to be sent once more. It keeps its id, so that what it did is not done twice; but what ended without being
  // heard did nothing, and would only end so again.
  renew() {
    this.#anew();
    if (this.response) this.id = id();
    Object.assign(this, { ended: performance.now(), waited: undefined, heardAfter: undefined, response: undefined, failed: undefined });
  }

  // #anew forgets what came of an answer that is given from the beginning.
  #anew() {
    this.replayed = false;
    this.call.player.stop();
    this.items.clear();
    this.call.tell("again", { turn: this });
  }

  // take gets the next event of the answer.
  take(event) {
    const { tell } = this.call;
    switch (event.type) {
      case "session.created":
        this.call.adopt(event.session);
        this.greeting = event.session.greeting;
        break;
      case "conversation.item.input_audio_transcription.completed":
        if (this.kind !== "audio" || this.heard !== undefined) break;
        this.heard = event.transcript;
        if (event.transcript) tell("heard", { turn: this, text: event.transcript });
        break;
      case "response.output_audio_transcript.delta":
        this.#clause(event.item_id, event.delta);
        break;
      case "response.output_audio.delta":
        this.#audio(event);
        break;
      case "response.function_call_arguments.done":
        tell("action", { turn: this, name: event.name, status: event.status, proposal: event.proposal });
        break;
      case "response.output_audio_transcript.done":
        tell("said", { turn: this, item: event.item_id, text: event.transcript });
        break;
      case "response.done":
        this.response = event.response;
        tell("measured", { turn: this });
        if (event.response.status === "failed") this.#failed(event.response.status_details?.code, event.response.status_details?.reason);
        this.call.whole(this);
        break;
      case "error": // an apology may follow, or the rest of the words
        this.#failed(event.error.code, event.error.message);
    }
  }

  // #failed tells of a turn that was answered with a failure, once.
  #failed(code, detail) {
    if (this.failed) return;
    this.failed = true;
    const deaf = this.kind === "audio" && this.heard === undefined;
    this.call.tell("problem", { turn: this, error: { code, detail }, again: deaf ? () => this.call.again(this) : undefined });
  }

  #clause(item, text) {
    if (this.replayed) this.#anew();
    this.worded = true;
    this.call.tell("clause", { turn: this, item, text, from: this.items.get(item) ?? 0 });
  }

  #audio({ item_id: item, delta, start_ms: start }) {
    if (this.replayed) this.#anew();
    if (this.greeting && !this.worded) this.#clause(item, this.greeting);
    const { player, rate } = this.call;
    const samples = floats(delta);
    const from = start ?? this.items.get(item) ?? 0;
    this.items.set(item, from + (1000 * samples.length) / rate);
    player.add(item, from, samples, rate);
  }

  // truncate tells the server how many ms of each item were heard.
  async truncate(wire, session, heard) {
    for (const [item, ms] of heard) {
      if (ms >= (this.items.get(item) ?? 0) && this.response) continue; // heard to its end
      try {
        const { transcript } = await tellHeard(wire, session, { type: "conversation.item.truncate", item_id: item, content_index: 0, audio_end_ms: Math.floor(ms) });
        if (transcript !== undefined) this.call.tell("truncated", { turn: this, item, text: transcript });
      } catch (error) {
        if (error.code === "item_unknown") continue; // nothing of it was kept
        this.call.tell("note", "The server could not be told where you stopped the coach (" + (error.code || error.name) + "): it believes that you heard everything.");
      }
    }
  }
}

// tellHeard sends an event. The answer that was broken off is in the call only once the server has noticed that.
async function tellHeard(wire, session, event) {
  for (const wait of [100, 200, 400, 800, 0]) {
    try {
      return await wire.json("POST", "/events", { session }, event, { signal: AbortSignal.timeout(timeout) });
    } catch (error) {
      if (error.code !== "item_unknown" || wait === 0) throw error;
    }
    await pause(wait);
  }
}
