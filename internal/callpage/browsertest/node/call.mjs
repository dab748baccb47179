// Calls the coach of a real installation from the page: says each recording when it is the member's turn, and prints what happened.
// Configuration: base, token, chromium, recordings (WAV files of 16-bit PCM), microphone (a path that may be written), mode ("open" or
// "talk"), patience (ms for one turn), screenshots (a folder, or nothing).

import { captions, foreign, input, open, spans, state, table, wavOfSilence, wavWithin } from './browser.mjs';

const config = await input();
const { base, token, microphone, recordings, mode = 'open', patience = 60000, screenshots } = config;
const yourTurn = /^Your turn/;
const before = 0.6; // seconds of silence before a recording: the room that the page learns
const behind = 1;

await wavOfSilence(microphone);
const { page, seen, close } = await open(config);
const shown = () => page.evaluate(() => ({
  state: document.getElementById('state').textContent,
  problem: document.getElementById('problem').hidden ? null : document.getElementById('problem').innerText,
  proposal: document.getElementById('proposal').hidden ? null : document.getElementById('proposal-summary').textContent,
}));

// say opens the microphone anew, so that the browser plays the file from its beginning.
async function say(recording) {
  await page.click('#mute');
  const seconds = await wavWithin(recording, microphone, before, behind);
  await page.click('#mute');
  await page.waitForFunction(() => document.getElementById('mute').textContent === 'Mute'); // it is open
  if (mode === 'talk') {
    await page.focus('#talk');
    await page.keyboard.down(' ');
    await page.waitForTimeout(1000 * (before + seconds + 0.3));
    await page.keyboard.up(' ');
  }
  await state(page, /^Thinking/, 1000 * seconds + 20000);
  await state(page, yourTurn, patience);
  await page.waitForTimeout(300);
}

const turns = [];
try {
  await page.goto(base + '/call#token=' + token);
  await page.check(`input[value=${mode}]`);
  await page.click('#start');
  await state(page, yourTurn, patience);
  for (const [i, recording] of recordings.entries()) {
    await say(recording);
    turns.push(await shown());
    if (screenshots) await page.screenshot({ path: `${screenshots}/call-${i + 1}.png`, fullPage: true });
  }
  const result = { turns, captions: await captions(page), latencies: await table(page), sounded: await spans(page, 'out', 0.003, 600) };
  await page.click('#hangup');
  await page.waitForFunction(() => document.getElementById('captions').textContent.includes('The call has ended'), undefined, { timeout: 20000 });
  console.log(JSON.stringify({ ...result, ended: (await captions(page)).at(-1).text, errors: seen.errors, foreign: foreign(seen, base) }));
} catch (error) {
  if (screenshots) await page.screenshot({ path: `${screenshots}/call-failed.png`, fullPage: true });
  throw new Error(`${error}\n${JSON.stringify({ ...(await shown()), turns, captions: await captions(page), errors: seen.errors }, null, 1)}`);
} finally {
  await close();
}
