// Changes the sampling rate of a stream of samples, piece by piece, without a seam between the pieces: windowed sinc, a filter of
// its own for each phase. The microphone goes down to 16 kHz by it and the coach's voice up to the rate of the loudspeaker.

const crossings = 24; // of the sinc on each side: about 80 dB between what stays and what would fold back
const beta = 8; // Kaiser's window
const edge = 0.92; // of the narrower band, so that the slope ends before it

export class Resampler {
  constructor(from, to) {
    const divisor = gcd(from, to);
    this.up = to / divisor;
    this.down = from / divisor;
    const cutoff = edge * Math.min(1, to / from);
    this.half = Math.ceil(crossings / cutoff);
    this.filters = Array.from({ length: this.up }, (_, phase) => filter(phase / this.up, this.half, cutoff));
    this.reset();
  }

  // reset begins a new stream.
  reset() {
    this.kept = new Float32Array(this.half - 1); // silence before the first sample
    this.at = 0; // of the next output, in phases from kept[half-1]
  }

  // push takes the next samples and returns those that can be computed by now. The last few wait for what follows.
  push(samples) {
    const input = new Float32Array(this.kept.length + samples.length);
    input.set(this.kept);
    input.set(samples, this.kept.length);
    const taps = 2 * this.half;
    const count = Math.max(0, Math.ceil(((input.length - taps + 1) * this.up - this.at) / this.down));
    const output = new Float32Array(count);
    for (let n = 0; n < count; n++, this.at += this.down) {
      const base = Math.floor(this.at / this.up);
      const weights = this.filters[this.at % this.up];
      let sum = 0;
      for (let k = 0; k < taps; k++) sum += weights[k] * input[base + k];
      output[n] = sum;
    }
    const used = Math.min(Math.floor(this.at / this.up), input.length);
    this.kept = input.slice(used);
    this.at -= used * this.up;
    return output;
  }

  // flush returns the last samples of a stream and begins a new one.
  flush() {
    const last = this.push(new Float32Array(this.half));
    this.reset();
    return last;
  }
}

// filter is the weights of 2*half input samples around an output that lies `offset` after the input at half-1.
function filter(offset, half, cutoff) {
  const weights = new Float32Array(2 * half);
  let sum = 0;
  for (let k = 0; k < weights.length; k++) {
    const x = k - (half - 1) - offset;
    const inside = 1 - (x / half) ** 2;
    weights[k] = inside <= 0 ? 0 : cutoff * sinc(cutoff * x) * (bessel(beta * Math.sqrt(inside)) / bessel(beta));
    sum += weights[k];
  }
  return weights.map((w) => w / sum); // what is constant stays as loud in every phase
}

function sinc(x) {
  return Math.abs(x) < 1e-9 ? 1 : Math.sin(Math.PI * x) / (Math.PI * x);
}

// bessel is I0, the modified Bessel function of the first kind.
function bessel(x) {
  let sum = 1;
  for (let k = 1, term = 1; k < 60 && term > 1e-12 * sum; k++) {
    term *= (x / (2 * k)) ** 2;
    sum += term;
  }
  return sum;
}

function gcd(a, b) {
  return b === 0 ? a : gcd(b, a % b);
}
