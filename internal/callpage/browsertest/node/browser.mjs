// A Chromium for tests of the page: its microphone plays a WAV file, and what goes in and out of its audio is measured.

import { chromium } from 'playwright-core';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const quiet = ['--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync'];

// input is the configuration that the test wrote to standard input.
export async function input() {
  let text = '';
  for await (const part of process.stdin) text += part;
  return JSON.parse(text);
}

// open starts a browser with one page. microphone is the WAV file that the microphone plays from its opening on (once, then silence),
// false for a machine without one, or undefined for the browser's own beeps. tap is the path of a worklet on the page's server that
// measures loudness exactly, if it has one.
export async function open({ chromium: executablePath, microphone, flags = [], viewport = { width: 1100, height: 1000 }, colorScheme = 'light', allow = true, tap = '' }) {
  const profile = await mkdtemp(join(tmpdir(), 'chromium-'));
  const args = [...quiet, ...flags];
  if (microphone !== false) args.push('--use-fake-device-for-media-stream');
  if (allow) args.push('--use-fake-ui-for-media-stream');
  if (microphone) args.push(`--use-file-for-fake-audio-capture=${microphone}%noloop`);
  const context = await chromium.launchPersistentContext(profile, { executablePath, headless: true, chromiumSandbox: false, args, viewport, colorScheme });
  const page = context.pages()[0];
  const seen = { errors: [], requests: [] };
  page.on('console', (message) => { if (message.type() === 'error' || message.type() === 'warning') seen.errors.push(message.text()); });
  page.on('pageerror', (error) => seen.errors.push(String(error)));
  context.on('request', (request) => seen.requests.push(request.url()));
  await page.addInitScript(measureAudio, tap);
  await page.addInitScript(logStates);
  const close = async () => {
    await context.close();
    await rm(profile, { recursive: true, force: true });
  };
  return { context, page, seen, close };
}

// foreign are the requests that left the host of base.
export function foreign(seen, base) {
  const { host } = new URL(base);
  return seen.requests.filter((url) => /^(https?|wss?):/.test(url) && new URL(url).host !== host);
}

// measureAudio runs in the page before its scripts: how loud the loudspeaker ("out") and the microphone ("mic") are, by the clock of the
// audio. With a worklet every 256 samples, which a busy machine does not falsify; else it looks as often as it can.
function measureAudio(module) {
  const audio = { out: [], mic: [], now: () => 1000 * audio.context.currentTime };
  window.__audio = audio;
  const ready = new WeakMap();
  window.AudioContext = class extends AudioContext {
    constructor(...options) {
      super(...options);
      audio.context = this;
      const loaded = module ? this.audioWorklet?.addModule(module) : undefined;
      loaded?.catch(() => {}); // whoever waits for it hears of that
      ready.set(this, loaded);
    }
  };
  const { connect } = AudioNode.prototype;
  const tap = async (node, log) => {
    const { context } = node;
    try {
      await ready.get(context);
    } catch {
      return; // the context was closed meanwhile: nothing sounds
    }
    if (module && context.audioWorklet) {
      const meter = new AudioWorkletNode(context, 'tap', { numberOfOutputs: 1 });
      meter.port.onmessage = ({ data }) => log.push(data);
      connect.call(node, meter);
      connect.call(meter, context.destination); // silence; without an output it would not run
      return;
    }
    const meter = context.createAnalyser();
    meter.fftSize = 256;
    connect.call(node, meter);
    const samples = new Float32Array(meter.fftSize);
    setInterval(() => {
      meter.getFloatTimeDomainData(samples);
      log.push([audio.now(), Math.sqrt(samples.reduce((sum, s) => sum + s * s, 0) / samples.length)]);
    }, 5);
  };
  AudioNode.prototype.connect = function (to, ...rest) {
    if (to instanceof AudioDestinationNode && this.context instanceof AudioContext) tap(this, audio.out);
    return connect.call(this, to, ...rest);
  };
  const { createMediaStreamSource } = AudioContext.prototype;
  AudioContext.prototype.createMediaStreamSource = function (stream) {
    const node = createMediaStreamSource.call(this, stream);
    tap(node, audio.mic);
    return node;
  };
}

// logStates keeps every state that the page told.
function logStates() {
  window.__states = [];
  window.__at = -1;
  document.addEventListener('DOMContentLoaded', () => {
    const line = document.getElementById('state');
    new MutationObserver(() => window.__states.push(line.textContent)).observe(line, { childList: true, characterData: true, subtree: true });
  });
}

// spans are the stretches [from, to] in ms of the audio's clock in which the loudspeaker ("out") or the microphone ("mic") was louder than
// `above`; pauses shorter than `gap` ms do not end one.
export async function spans(page, which, above, gap) {
  await page.waitForTimeout(100); // what was measured is on its way
  const log = await page.evaluate((which) => window.__audio[which], which);
  const found = [];
  for (const [at, level] of log.toSorted((a, b) => a[0] - b[0])) {
    if (level <= above) continue;
    if (found.length > 0 && at - found.at(-1)[1] < gap) found.at(-1)[1] = at;
    else found.push([at, at]);
  }
  return found;
}

// table is the latency table: an object for each turn, the first turn first.
export function table(page) {
  return page.$$eval('#turns tr', (rows) => rows.reverse().map((row) => Object.fromEntries([
    ['turn', row.firstElementChild.textContent],
    ...[...row.querySelectorAll('td')].map((cell) => [cell.dataset.key, cell.textContent === '–' ? null : Number(cell.textContent)]),
  ])));
}

// captions are the lines of both sides.
export function captions(page) {
  return page.$$eval('#captions > p', (lines) => lines.map((line) => ({ who: line.className, text: [...line.childNodes].slice(1).map((n) => n.textContent).join('') })));
}

// accessibility is what axe-core finds serious or worse.
export async function accessibility(page) {
  await page.evaluate(await readFile(createRequire(import.meta.url).resolve('axe-core'), 'utf8'));
  const { violations } = await page.evaluate(() => window.axe.run());
  return violations.filter((v) => v.impact === 'serious' || v.impact === 'critical').map((v) => `${v.id}: ${v.help}: ${v.nodes.map((n) => n.html).join(' | ')}`);
}

// state waits until the page has said, since the last call, that its state is one that matches. It also finds states that are over.
export async function state(page, pattern, timeout = 15000) {
  await page.waitForFunction((source) => {
    const at = window.__states.findIndex((text, i) => i > window.__at && new RegExp(source).test(text));
    if (at >= 0) window.__at = at;
    return at >= 0;
  }, pattern.source, { timeout, polling: 30 });
}

// wavWithin writes the sound of a WAV file (16-bit PCM) with silence of so many seconds before and behind it, and returns the seconds of
// the sound.
export async function wavWithin(from, to, before, behind) {
  const { format, data } = await readWAV(from);
  const silence = (seconds) => Buffer.alloc(Math.round(seconds * format.readUInt32LE(4)) * format.readUInt16LE(12));
  await writeFile(to, wav(format, Buffer.concat([silence(before), data, silence(behind)])));
  return data.length / format.readUInt32LE(8);
}

// wavOfSilence writes one second of nothing.
export async function wavOfSilence(to) {
  const format = Buffer.from(new Uint8Array(Uint32Array.of(1 | (1 << 16), 16000, 32000, 2 | (16 << 16)).buffer)); // PCM, mono, 16 kHz, 16 bit
  await writeFile(to, wav(format, Buffer.alloc(32000)));
}

async function readWAV(path) {
  const file = await readFile(path);
  const chunks = {};
  for (let at = 12; at + 8 <= file.length;) {
    const length = Math.min(file.readUInt32LE(at + 4), file.length - at - 8);
    chunks[file.toString('latin1', at, at + 4)] = file.subarray(at + 8, at + 8 + length);
    at += 8 + length + (length % 2);
  }
  const { 'fmt ': format, data } = chunks;
  if (!format || !data || format.readUInt16LE(0) !== 1 || format.readUInt16LE(14) !== 16) throw new Error(`${path} is no WAV file of 16-bit PCM`);
  return { format: format.subarray(0, 16), data };
}

function wav(format, data) {
  const header = Buffer.alloc(44);
  header.write('RIFF', 0);
  header.writeUInt32LE(36 + data.length, 4);
  header.write('WAVEfmt ', 8);
  header.writeUInt32LE(16, 16);
  format.copy(header, 20);
  header.write('data', 36);
  header.writeUInt32LE(data.length, 40);
  return Buffer.concat([header, data]);
}
