// Runs in the audio thread: the microphone at 16 kHz in frames of 20 ms.

import { FrameMS } from "./vad.js";
import { Rate, decibels, samples16 } from "./pcm.js";
import { Resampler } from "./resample.js";

const frame = (Rate * FrameMS) / 1000;

class Capture extends AudioWorkletProcessor {
  constructor() {
    super();
    this.resampler = new Resampler(sampleRate, Rate);
    this.buffer = new Float32Array(frame);
    this.filled = 0;
    this.open = true;
    this.port.onmessage = () => { this.open = false; };
  }

  process([[mono]]) {
    if (!mono) return this.open;
    for (const sample of this.resampler.push(mono)) {
      this.buffer[this.filled++] = sample;
      if (this.filled === frame) this.send();
    }
    return this.open;
  }

  send() {
    const samples = samples16(this.buffer);
    this.port.postMessage({ level: decibels(this.buffer), samples }, [samples.buffer]);
    this.filled = 0;
  }
}

registerProcessor("capture", Capture);
