// Sound as bytes: 16-bit samples, their base64, and WAV files of them.

// Rate is the sampling rate in which we record: what recognisers of speech take.
export const Rate = 16000;

// wav is a mono file of 16-bit samples, given in pieces.
export function wav(pieces, rate) {
  const bytes = 2 * pieces.reduce((sum, piece) => sum + piece.length, 0);
  const header = new DataView(new ArrayBuffer(44));
  const text = (at, word) => [...word].forEach((letter, i) => header.setUint8(at + i, letter.charCodeAt(0)));
  text(0, "RIFF");
  header.setUint32(4, 36 + bytes, true);
  text(8, "WAVEfmt ");
  header.setUint32(16, 16, true);
  header.setUint16(20, 1, true); // PCM
  header.setUint16(22, 1, true); // one channel
  header.setUint32(24, rate, true);
  header.setUint32(28, 2 * rate, true);
  header.setUint16(32, 2, true);
  header.setUint16(34, 16, true);
  text(36, "data");
  header.setUint32(40, bytes, true);
  return new Blob([header, ...pieces], { type: "audio/wav" });
}

// samples16 rounds to signed 16-bit and clips what is out of range.
export function samples16(floats) {
  const out = new Int16Array(floats.length);
  for (let i = 0; i < floats.length; i++) out[i] = Math.max(-32768, Math.min(32767, Math.round(floats[i] * 32768)));
  return out;
}

// floats are the samples of base64 text, signed 16-bit little-endian. An odd last byte belongs to no sample.
export function floats(base64) {
  const bytes = Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0));
  const view = new DataView(bytes.buffer);
  const out = new Float32Array(bytes.length >> 1);
  for (let i = 0; i < out.length; i++) out[i] = view.getInt16(2 * i, true) / 32768;
  return out;
}

// decibels is how loud samples are against full scale; silence is -100.
export function decibels(samples) {
  let sum = 0;
  for (const s of samples) sum += s * s;
  return sum === 0 ? -100 : Math.max(-100, 10 * Math.log10(sum / samples.length));
}
