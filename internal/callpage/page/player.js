// Plays the coach's voice piece after piece without a gap, and knows how much of it was heard.

import { Resampler } from "./resample.js";

const lead = 0.03; // seconds until the first piece sounds, so that it starts whole
const margin = 0.005; // seconds that the audio thread needs to take a piece up
const fade = 0.008; // seconds: a cut without a click

export class Player {
  constructor(context) {
    this.context = context;
    this.output = context.createGain();
    this.output.connect(context.destination);
    this.resamplers = new Map();
    this.pieces = [];
    this.onstart = () => {}; // (milliseconds until it is heard)
    this.onempty = () => {}; // everything that was added has been heard
    this.#begin();
  }

  #begin() {
    this.voice = this.context.createGain();
    this.voice.connect(this.output);
    this.pieces = [];
    this.next = 0; // frame of the context at which the next piece begins
    this.resampler = null;
    this.finished = false;
  }

  // mute makes the voice inaudible; time goes on.
  mute(on) {
    this.output.gain.value = on ? 0 : 1;
  }

  // playing says whether something sounds or is about to.
  get playing() {
    return this.pieces.length > 0;
  }

  // add plays samples of an item after what was added before. from is where they lie in the item, in milliseconds.
  add(item, from, samples, rate) {
    if (this.resampler?.rate !== rate) this.#rate(rate);
    this.#schedule({ item, from, length: (1000 * samples.length) / rate }, this.resampler.filter.push(samples));
  }

  #rate(rate) {
    if (!this.resamplers.has(rate)) this.resamplers.set(rate, new Resampler(rate, this.context.sampleRate));
    this.resampler = { rate, filter: this.resamplers.get(rate) };
    this.resampler.filter.reset();
  }

  #schedule(piece, samples) {
    if (samples.length === 0) return;
    const { context } = this;
    const buffer = context.createBuffer(1, samples.length, context.sampleRate);
    buffer.copyToChannel(samples, 0);
    const source = context.createBufferSource();
    source.buffer = buffer;
    source.connect(this.voice);
    // The first piece, or one that came too late for the end of the last.
    if (this.next < (context.currentTime + margin) * context.sampleRate) this.next = Math.ceil((context.currentTime + lead) * context.sampleRate);
    const begins = this.next / context.sampleRate;
    source.start(begins);
    this.next += samples.length; // whole frames: the next piece follows without a gap
    piece = { ...piece, begins, ends: this.next / context.sampleRate, source };
    source.onended = () => { if (piece === this.pieces.at(-1)) this.#empty(); };
    if (!this.playing) this.onstart(1000 * (begins - context.currentTime + latency(context)));
    this.pieces.push(piece);
  }

  // end says that nothing more comes.
  end() {
    if (this.resampler) this.#schedule({ item: this.pieces.at(-1)?.item, from: 0, length: 0 }, this.resampler.filter.flush());
    this.resampler = null;
    this.finished = true;
    if (!this.playing || this.context.currentTime >= this.pieces.at(-1).ends) this.#empty();
  }

  #empty() {
    if (!this.finished) return; // the voice catches its breath: more comes
    this.voice.disconnect();
    this.#begin();
    this.onempty();
  }

  // heard tells how much of each item has left the loudspeaker by now, in milliseconds.
  heard() {
    const now = this.context.currentTime - latency(this.context);
    const heard = new Map();
    for (const { item, from, length, begins, ends } of this.pieces) {
      if (length === 0) continue;
      const part = Math.max(0, Math.min(1, (now - begins) / (ends - begins)));
      if (part > 0 || !heard.has(item)) heard.set(item, part > 0 ? from + part * length : 0);
    }
    return heard;
  }

  // stop silences it at once and returns what was heard.
  stop() {
    const heard = this.heard();
    const { voice, pieces, context } = this;
    voice.gain.setValueAtTime(1, context.currentTime);
    voice.gain.linearRampToValueAtTime(0, context.currentTime + fade);
    for (const { source } of pieces) {
      source.onended = null;
      source.stop(context.currentTime + fade);
    }
    setTimeout(() => voice.disconnect(), 1000 * (fade + margin));
    this.#begin();
    return heard;
  }
}

// latency is the seconds between the context's clock and the ear.
function latency(context) {
  return context.outputLatency || context.baseLatency || 0;
}
