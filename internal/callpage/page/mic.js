// The microphone: frames with their loudness as they come, and the utterance since a mark as a file. Two ways: samples from an
// AudioWorklet, whose length is exact, and MediaRecorder where there is no worklet.

import { FrameMS } from "./vad.js";
import { Rate, decibels, wav } from "./pcm.js";

const kept = 1200 / FrameMS; // frames kept while nobody is known to speak
const before = 300; // ms before speech was first noticed that belong to it
const judged = 10000 / FrameMS; // frames that the server looks at to judge a pause

// Echo cancellation is no matter of taste: without it the coach interrupts itself.
const wanted = { audio: { channelCount: 1, echoCancellation: true, noiseSuppression: true, autoGainControl: true } };

// openMicrophone asks for the microphone and calls onframe(level) every 20 ms, and onlost when it is unplugged. How is "pcm",
// "recorder" or "auto".
export async function openMicrophone(context, how, onframe, onlost) {
  const stream = await navigator.mediaDevices.getUserMedia(wanted);
  stream.getAudioTracks()[0].onended = onlost;
  try {
    if (how !== "recorder" && context.audioWorklet) {
      try {
        await context.audioWorklet.addModule("capture.js");
        return new Samples(context, stream, onframe);
      } catch (error) {
        if (how === "pcm") throw error;
        console.info("no worklet, so MediaRecorder records:", error);
      }
    }
    return new Recorded(context, stream, onframe);
  } catch (error) {
    stop(stream);
    throw error;
  }
}

function stop(stream) {
  for (const track of stream.getTracks()) track.stop();
}

class Samples {
  constructor(context, stream, onframe) {
    this.stream = stream;
    this.frames = [];
    this.marked = false;
    this.source = context.createMediaStreamSource(stream);
    this.node = new AudioWorkletNode(context, "capture", { channelCount: 1, channelCountMode: "explicit" });
    this.node.port.onmessage = ({ data }) => {
      this.frames.push(data.samples);
      if (!this.marked && this.frames.length > kept) this.frames.shift();
      onframe(data.level);
    };
    this.source.connect(this.node).connect(context.destination); // its output is silence; without one it would not run
  }

  get lengthMS() {
    return this.frames.length * FrameMS;
  }

  // mark begins an utterance that was noticed so many ms ago; earlier are the frames of one that it goes on from.
  mark(ago, earlier) {
    this.marked = true;
    this.frames = [...earlier, ...this.frames.slice(-Math.ceil((ago + before) / FrameMS))];
  }

  drop() {
    this.marked = false;
    this.frames = this.frames.slice(-kept);
  }

  // recent is the end of the utterance so far, for the judge of pauses.
  recent() {
    return wav(this.frames.slice(-judged), Rate);
  }

  // take ends the utterance.
  async take() {
    const { frames } = this;
    this.marked = false;
    this.frames = [];
    return { blob: wav(frames, Rate), frames };
  }

  close() {
    this.node.port.onmessage = null;
    this.node.port.postMessage("close");
    this.source.disconnect();
    this.node.disconnect();
    stop(this.stream);
  }
}

const types = ["audio/webm;codecs=opus", "audio/ogg;codecs=opus"];
const stale = 4000; // ms of waiting that are not kept

class Recorded {
  constructor(context, stream, onframe) {
    this.type = globalThis.MediaRecorder && types.find((type) => MediaRecorder.isTypeSupported(type));
    if (!this.type) throw new DOMException("this browser records neither WebM nor Ogg", "NotSupportedError");
    this.stream = stream;
    this.source = context.createMediaStreamSource(stream);
    this.analyser = context.createAnalyser();
    this.analyser.fftSize = 1024;
    this.source.connect(this.analyser);
    const samples = new Float32Array(this.analyser.fftSize);
    this.timer = setInterval(() => {
      if (!this.marked && performance.now() - this.began > stale) this.drop();
      this.analyser.getFloatTimeDomainData(samples);
      onframe(decibels(samples));
    }, FrameMS);
    this.#record();
  }

  #record() {
    this.marked = false;
    this.since = undefined;
    this.began = performance.now();
    const chunks = [];
    this.recorder = new MediaRecorder(this.stream, { mimeType: this.type });
    this.recorder.ondataavailable = ({ data }) => chunks.push(data);
    this.whole = new Promise((resolve) => { this.recorder.onstop = () => resolve(new Blob(chunks, { type: this.type })); });
    this.recorder.start();
  }

  get lengthMS() {
    return performance.now() - (this.since ?? this.began);
  }

  // mark begins an utterance. Noticed late, it keeps what was recorded of the pause before it, since a recording cannot be cut at its
  // front; one that begins by a button begins a recording of its own.
  mark(ago) {
    if (ago < FrameMS) this.drop();
    this.marked = true;
    this.since = performance.now();
  }

  drop() {
    this.recorder.stop();
    this.#record();
  }

  // recent is nothing: a recording that goes on has no end to look at.
  recent() {
    return null;
  }

  async take() {
    const { recorder, whole } = this;
    recorder.stop();
    this.#record();
    return { blob: await whole, frames: [] };
  }

  close() {
    clearInterval(this.timer);
    this.source.disconnect();
    if (this.recorder.state !== "inactive") this.recorder.stop();
    stop(this.stream);
  }
}
