// Tests the page's modules that need no browser.

import assert from 'node:assert/strict';
import { Resampler } from './page/resample.js';
import { decibels, floats, samples16, wav } from './page/pcm.js';
import { Detector } from './page/vad.js';
import { Wire, parse } from './page/wire.js';
import { problemWords, tokenEnd } from './page/words.js';

const sine = (rate, hertz, seconds) => Float32Array.from({ length: rate * seconds }, (_, i) => 0.5 * Math.sin((2 * Math.PI * hertz * i) / rate));
const whole = (from, to, input) => {
  const r = new Resampler(from, to);
  return Float32Array.of(...r.push(input), ...r.flush());
};

const tests = {
  'resampling keeps length and tone'() {
    for (const [from, to] of [[48000, 16000], [44100, 16000], [22050, 48000], [16000, 44100], [24000, 24000]]) {
      const out = whole(from, to, sine(from, 440, 0.5));
      assert.ok(Math.abs(out.length - to / 2) <= 1, `${from} to ${to}: ${out.length} samples`);
      for (let i = 300; i < out.length - 300; i++) {
        const off = Math.abs(out[i] - 0.5 * Math.sin((2 * Math.PI * 440 * i) / to));
        assert.ok(off < 2e-3, `${from} to ${to}: off by ${off} at ${i}`);
      }
    }
  },
  'what would fold back is gone'() {
    for (const [from, hertz] of [[48000, 9000], [48000, 12000], [48000, 20000], [44100, 9000], [44100, 15000]]) {
      const left = decibels(whole(from, 16000, sine(from, hertz, 0.5)).slice(200, -200)) - decibels(sine(from, hertz, 0.5));
      assert.ok(left < -60, `${hertz} Hz at ${from}: ${left} dB`);
    }
  },
  'pieces of any length give the same samples'() {
    const input = sine(44100, 1000, 0.3);
    const r = new Resampler(44100, 16000);
    const pieces = [];
    for (let at = 0, n = 1; at < input.length; at += n, n = ((n * 5) % 701) + 1) pieces.push(...r.push(input.slice(at, at + n)));
    pieces.push(...r.flush());
    const want = whole(44100, 16000, input);
    assert.equal(pieces.length, want.length);
    want.forEach((s, i) => assert.ok(Math.abs(s - pieces[i]) < 1e-6));
  },
  async 'a WAV says what it holds'() {
    const file = new DataView(await wav([Int16Array.of(1, -2), Int16Array.of(3)], 16000).arrayBuffer());
    assert.equal(file.byteLength, 44 + 6);
    assert.equal(file.getUint32(40, true), 6);
    assert.equal(file.getUint32(24, true), 16000);
    assert.equal(file.getInt16(46, true), -2);
  },
  'samples go both ways and clip'() {
    assert.deepEqual([...samples16(Float32Array.of(0, 1.5, -1.5, 0.5))], [0, 32767, -32768, 16384]);
    assert.deepEqual([...floats(Buffer.from([0, 64, 0, 192, 7]).toString('base64'))], [0.5, -0.5]);
    assert.equal(decibels(new Float32Array(10)), -100);
  },
  'speech is what stands out of the room'() {
    const d = new Detector();
    for (let i = 0; i < 200; i++) assert.equal(d.push(-48 + (i % 3)), false, 'a steady noise');
    for (let i = 0; i < 20; i++) assert.equal(d.push(-25 + (i % 5)), true, 'speech above it');
    assert.equal(d.recent(10), 10);
    assert.equal(d.push(-47), false, 'a pause');
    d.forget();
    assert.equal(d.recent(10), 0);
    for (let i = 0; i < 1500; i++) d.push(-35);
    assert.equal(d.push(-35), false, 'a fan that started half a minute ago');
  },
  'silence is never speech'() {
    const d = new Detector();
    for (const level of [-100, -90, -70, -60, -100]) assert.equal(d.push(level), false);
  },
  async 'events come whole, however they were cut'() {
    const text = ': hello\n\nid: 1\nevent: a\ndata: {"n":\ndata: 1}\n\nid: 2\r\ndata:{"n":"ä"}\r\n\r\ndata: {"n":3}\n';
    const bytes = new TextEncoder().encode(text);
    for (const size of [1, 2, 7, 1000]) {
      const body = new ReadableStream({
        start(controller) {
          for (let at = 0; at < bytes.length; at += size) controller.enqueue(bytes.slice(at, at + size));
          controller.close();
        },
      });
      const got = [];
      for await (const event of parse(body)) got.push([event.id, event.data.n]);
      assert.deepEqual(got, [['1', 1], ['2', 'ä']]);
    }
  },
  async 'a broken stream goes on where it was, or begins anew'() {
    for (const [rest, want] of [['id: event_10\ndata: {"n":2}\n\n', [1, 2]], ['id: event_1\ndata: {"n":1}\n\nid: event_2\ndata: {"n":2}\n\n', [1, 'anew', 1, 2]]]) {
      const answers = [() => new Response('id: event_9\ndata: {"n":1}\n\n'), () => { throw new TypeError('fetch failed'); }, () => new Response(rest)];
      const asked = [];
      globalThis.fetch = async (url, { headers }) => { asked.push(headers['Last-Event-ID']); return answers.shift()(); };
      const got = [];
      const told = [];
      await new Wire('http://x').events('', { turn: 't' }, { text: 'x' }, {
        signal: new AbortController().signal, onevent: ({ n }) => got.push(n), last: ({ n }) => n === 2, onretry: (why) => told.push(why), onanew: () => got.push('anew'),
      });
      assert.deepEqual([got, asked, told], [want, [undefined, 'event_9', 'event_9'], ['unreachable', 'unreachable']]);
    }
  },
  async 'a problem is no broken connection'() {
    globalThis.fetch = async () => new Response('{"code":"call_capacity","detail":"all lines are busy"}', { status: 429, headers: { 'Retry-After': '7' } });
    const once = new Wire('http://x').events('', {}, {}, { signal: new AbortController().signal, onevent() {}, last: () => false, onretry: () => assert.fail('tried again') });
    const problem = await once.then(() => assert.fail('it passed'), (error) => error);
    assert.deepEqual([problem.code, problem.status, problem.retryAfter], ['call_capacity', 429, 7]);
    assert.match(problemWords(problem).fix, /7 s/);
  },
  async 'who hangs up is not called back'() {
    const abort = new AbortController();
    globalThis.fetch = async () => { abort.abort(); throw abort.signal.reason; };
    const gone = new Wire('http://x').events('', {}, {}, { signal: abort.signal, onevent() {}, last: () => false, onretry: () => assert.fail('tried again') });
    assert.equal((await gone.then(() => 0, (error) => error)).name, 'AbortError');
  },
  'problems say what mends them'() {
    assert.match(problemWords({ status: 401, code: 'token_expired' }).fix, /intellifit token/);
    assert.match(problemWords({ status: 503, code: 'whisper_unavailable', detail: 'whisper loads its model' }).title, /not ready: whisper loads/);
    assert.deepEqual(problemWords({ status: 400, code: 'new_code', detail: 'it is too loud', hint: 'speak softly' }), { title: 'It is too loud.', fix: 'Speak softly.' });
    assert.match(problemWords({}).title, /went wrong/);
  },
  'a token tells when it ends'() {
    const token = 'x.' + Buffer.from('{"exp":1700000000}').toString('base64url') + '.y';
    assert.equal(tokenEnd(token).getTime(), 1700000000000);
    assert.equal(tokenEnd('rubbish'), undefined);
  },
};

const failed = {};
for (const [name, test] of Object.entries(tests)) {
  try {
    await test();
  } catch (error) {
    failed[name] = String(error.stack);
  }
}
console.log(JSON.stringify({ count: Object.keys(tests).length, failed }));
