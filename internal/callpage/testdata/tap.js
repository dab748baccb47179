// Runs in the audio thread for the tests: how loud what it gets is, every 256 samples.

registerProcessor('tap', class extends AudioWorkletProcessor {
  sum = 0;
  blocks = 0;

  process([[mono]]) {
    if (mono) for (const s of mono) this.sum += s * s;
    if (++this.blocks === 2) {
      this.port.postMessage([(1000 * (currentFrame + 128)) / sampleRate, Math.sqrt(this.sum / 256)]);
      this.sum = this.blocks = 0;
    }
    return true;
  }
});
