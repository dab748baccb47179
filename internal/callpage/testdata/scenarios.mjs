// Uses the page as a person would, one scenario a run, and prints what was seen.

import { accessibility, captions, foreign, input, open, spans, state, table, wavWithin } from './browser.mjs';

const config = await input();
const { base, token, screenshots } = config;
const yourTurn = /^Your turn/;
const apart = 800; // ms between two sounds that are told apart: a busy machine looks seldom

async function visit(page, path = '/call/#token=' + token) {
  await page.goto(base + path);
}

async function dial(page, mode = 'talk') {
  await visit(page);
  if (mode !== 'talk') await page.check(`input[value=${mode}]`);
  await page.click('#start');
}

const proposal = (page) => page.evaluate(() => (document.getElementById('proposal').hidden ? null : document.getElementById('proposal').innerText));
const problem = (page) => page.evaluate(() => (document.getElementById('problem').hidden ? null : document.getElementById('problem').innerText));
const shoot = (page, name) => screenshots && page.screenshot({ path: `${screenshots}/${name}.png`, fullPage: true });

const scenarios = {
  // The microphone is open, a request is spoken, the card is answered by its button.
  async dialogue(page) {
    await dial(page, 'open');
    await state(page, /^Thinking/, 20000);
    await state(page, yourTurn);
    await page.waitForSelector('#proposal:not([hidden])');
    const card = await proposal(page);
    const state1 = await page.textContent('#state');
    await shoot(page, 'dialogue-light');
    const serious = await accessibility(page);
    await page.emulateMedia({ colorScheme: 'dark' });
    serious.push(...(await accessibility(page)));
    await page.setViewportSize({ width: 375, height: 740 });
    await shoot(page, 'dialogue-dark-phone');
    serious.push(...(await accessibility(page)));
    const wide = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
    await page.click('#yes');
    await state(page, /^The coach speaks/);
    await state(page, yourTurn);
    const cardAfter = await proposal(page);
    const turns = await table(page);
    const sounded = await spans(page, 'out', 0.01, 500);
    await page.click('#hangup');
    await state(page, /Not connected/);
    await page.waitForFunction(() => document.getElementById('captions').textContent.includes('ended'));
    return { card, cardAfter, state: state1, serious, wide, turns, sounded, captions: await captions(page), url: page.url(), kept: await page.evaluate(() => ({ ...sessionStorage })) };
  },

  // What is said while the coach speaks silences him.
  async barge(page) {
    await dial(page, 'open');
    for (const pattern of [/^Thinking/, /^The coach speaks/, /^Listening/]) await state(page, pattern, 20000);
    await shoot(page, 'barge-in');
    for (const pattern of [/^Thinking/, yourTurn]) await state(page, pattern, 20000);
    return { captions: await captions(page), turns: await table(page), out: await spans(page, 'out', 0.01, 600), mic: await spans(page, 'mic', 0.02, 600) };
  },

  // A pause was no end.
  async goesOn(page) {
    await dial(page, 'open');
    for (const pattern of [/^Thinking/, /^Listening/, /^Thinking/, yourTurn]) await state(page, pattern, 20000);
    return { captions: await captions(page) };
  },

  // The button silences him too.
  async stop(page) {
    await dial(page);
    await state(page, yourTurn);
    await page.waitForTimeout(apart);
    await page.fill('#text', 'tell me everything');
    await page.press('#text', 'Enter');
    await state(page, /^The coach speaks/);
    await page.waitForTimeout(1500);
    await page.focus('#stop');
    const pressed = await page.evaluate(() => { document.getElementById('stop').click(); return [window.__audio.now(), Date.now()]; });
    await state(page, yourTurn);
    await page.waitForTimeout(700);
    const out = await spans(page, 'out', 0.01, 500);
    return { pressed: pressed[0], clock: pressed[1], out, captions: await captions(page), turns: await table(page) };
  },

  // The space bar is held while somebody speaks.
  async talk(page) {
    await dial(page);
    await state(page, yourTurn);
    await page.waitForTimeout(800);
    await page.focus('body');
    await page.evaluate(() => { for (const type of ['keydown', 'keyup']) addEventListener(type, (event) => { window['__' + type] ??= event.timeStamp; }); });
    await page.keyboard.down(' ');
    await state(page, /^Listening/);
    const pressed = await page.getAttribute('#talk', 'aria-pressed');
    await page.waitForTimeout(1500);
    await shoot(page, 'push-to-talk');
    await page.keyboard.up(' ');
    await state(page, /^The coach speaks/);
    await state(page, yourTurn);
    const held = await page.evaluate(() => window.__keyup - window.__keydown);
    await page.keyboard.down(' '); // too short to be meant
    await page.waitForTimeout(100);
    await page.keyboard.up(' ');
    await state(page, yourTurn);
    const box = await page.locator('#talk').boundingBox();
    await page.mouse.move(box.x + 20, box.y + 20);
    await page.mouse.down();
    await state(page, /^Listening/);
    await page.waitForTimeout(500);
    await page.mouse.up();
    await state(page, /^The coach speaks/);
    await state(page, yourTurn);
    await page.focus('#talk'); // a screen reader clicks: once to begin, once to send
    await page.evaluate(() => document.getElementById('talk').click());
    await state(page, /^Listening/);
    await page.waitForTimeout(500);
    await page.evaluate(() => document.getElementById('talk').click());
    await state(page, /^The coach speaks/);
    await state(page, yourTurn);
    return { pressed, held, captions: await captions(page), turns: await table(page) };
  },

  // MediaRecorder records in place of the worklet, pauses judged by silence.
  async recorder(page) {
    await visit(page);
    await page.check('input[value=open]');
    await page.click('summary');
    await page.selectOption('#recording', 'recorder');
    await page.click('#start');
    await state(page, /^Thinking/, 20000);
    await state(page, yourTurn);
    await page.check('input[value=talk]');
    await page.focus('#talk');
    await page.keyboard.down(' ');
    await page.waitForTimeout(1000);
    await page.keyboard.up(' ');
    await state(page, /^The coach speaks/);
    await state(page, yourTurn);
    return { captions: await captions(page) };
  },

  // Every way to fail says what mends it.
  async problems(page) {
    const said = {};
    await visit(page, '/call/');
    await page.click('#start');
    said.missing = await problem(page);
    said.focus = await page.evaluate(() => document.activeElement.id);
    await page.fill('#token', 'old');
    await page.click('#access button');
    await page.click('#start');
    await page.waitForSelector('#problem:not([hidden])');
    said.expired = await problem(page);
    said.serious = await accessibility(page);
    await shoot(page, 'problem');
    await page.fill('#token', token);
    await page.click('#start');
    await state(page, yourTurn);
    said.microphone = await problem(page);
    said.talk = await page.isDisabled('#talk');
    for (const text of config.texts) {
      await page.fill('#text', text);
      await page.press('#text', 'Enter');
      await state(page, /^Thinking/);
      await state(page, yourTurn);
      await page.waitForSelector('#problem:not([hidden])');
      said[text] = await problem(page);
    }
    await page.fill('#token', 'new'); // what the old token could not do is done with the new one
    await page.click('#access button');
    await state(page, /^The coach speaks/);
    await state(page, yourTurn);
    said.access = await page.isVisible('#access');
    await page.fill('#text', 'busy');
    await page.press('#text', 'Enter');
    await state(page, /^Thinking/);
    await state(page, yourTurn);
    await page.waitForSelector('#problem:not([hidden])');
    said.busy = await problem(page);
    await page.click('#again');
    await state(page, /^The coach speaks/);
    await state(page, yourTurn);
    said.captions = await captions(page);
    return said;
  },

  // Where the page is not secure, it says so and the call goes on in writing.
  async insecure(page) {
    await dial(page);
    await state(page, yourTurn);
    await page.waitForTimeout(apart);
    const secure = await page.evaluate(() => isSecureContext);
    const said = await problem(page);
    await page.fill('#text', 'hello');
    await page.press('#text', 'Enter');
    await state(page, /^The coach speaks/);
    await state(page, yourTurn);
    return { secure, said, out: await spans(page, 'out', 0.01, 500), captions: await captions(page) };
  },

  // A connection that breaks is made again, a forgotten session opened anew, a reload finds its call.
  async lost(page) {
    await dial(page);
    await state(page, yourTurn);
    const say = async (text) => {
      await page.fill('#text', text);
      await page.press('#text', 'Enter');
      await state(page, /speaks/);
      await state(page, yourTurn);
      await page.waitForTimeout(apart);
    };
    await page.waitForTimeout(apart);
    await say('break');
    await say('forgotten');
    await say('anew');
    const heard = await spans(page, 'out', 0.01, 500);
    const before = await captions(page);
    await page.reload();
    await page.click('#start');
    await state(page, yourTurn);
    return { heard, before, after: await captions(page) };
  },

  // Yes is pressed before the coach has asked to the end.
  async early(page) {
    await dial(page);
    await state(page, yourTurn);
    await page.waitForTimeout(apart);
    await page.fill('#text', 'book');
    await page.press('#text', 'Enter');
    await state(page, /^The coach speaks/);
    await page.click('#yes');
    await state(page, /^Thinking/);
    await page.waitForTimeout(400);
    await state(page, yourTurn);
    return { captions: await captions(page), out: await spans(page, 'out', 0.01, 500) };
  },

  // An engine is away.
  async deaf(page) {
    await dial(page);
    await state(page, yourTurn);
    await page.focus('#talk');
    await page.keyboard.down(' ');
    await page.waitForTimeout(1000);
    await page.keyboard.up(' ');
    await state(page, /^The coach speaks/);
    await state(page, yourTurn);
    const said = await problem(page);
    await page.waitForTimeout(apart);
    await page.click('#again');
    await state(page, /^The coach speaks/);
    await state(page, yourTurn);
    await page.waitForTimeout(100);
    return { said, captions: await captions(page), out: await spans(page, 'out', 0.01, 500), turns: await table(page) };
  },

  // A proposal runs out.
  async expiry(page) {
    await dial(page);
    await state(page, yourTurn);
    await page.fill('#text', 'book');
    await page.press('#text', 'Enter');
    await page.waitForSelector('#proposal:not([hidden])');
    const before = await proposal(page);
    await page.waitForFunction(() => document.getElementById('yes').disabled, undefined, { timeout: 10000 });
    return { before, after: await proposal(page) };
  },

  // A recording of real speech.
  async speech(page) {
    await dial(page, 'open');
    await state(page, yourTurn);
    await page.waitForTimeout(500);
    await page.click('#mute');
    await wavWithin(config.speech, config.microphone, 0.5, 1);
    await page.click('#mute');
    await state(page, /^Thinking/, 20000);
    await state(page, yourTurn);
    return { captions: await captions(page) };
  },

  // Pieces of any length sound as one: a sine that was cut up is a sine.
  async gapless(page) {
    await visit(page);
    return page.evaluate(async () => {
      const { Player } = await import('/call/player.js');
      const rate = 22050;
      const seconds = 2;
      const context = new OfflineAudioContext(1, 48000 * (seconds + 0.2), 48000);
      const player = new Player(context);
      const sine = Float32Array.from({ length: rate * seconds }, (_, i) => 0.5 * Math.sin((2 * Math.PI * 440 * i) / rate));
      for (let at = 0, n = 1; at < sine.length; n = (n * 7 + 3) % 2999) {
        const piece = sine.slice(at, at + n + 1);
        player.add('item', (1000 * at) / rate, piece, rate);
        at += piece.length;
      }
      player.end();
      const out = (await context.startRendering()).getChannelData(0);
      const begin = out.findIndex((s) => s !== 0);
      let worst = 0;
      for (let i = 500; i < 48000 * seconds - 500; i++) worst = Math.max(worst, Math.abs(out[begin + i] - 0.5 * Math.sin((2 * Math.PI * 440 * i) / 48000)));
      return { begin, worst };
    });
  },
};

const browser = await open({ ...config, tap: '/tap.js' });
try {
  const result = await scenarios[config.scenario](browser.page);
  console.log(JSON.stringify({ ...result, errors: browser.seen.errors, foreign: foreign(browser.seen, base) }));
} catch (error) {
  await shoot(browser.page, config.scenario + '-failed');
  throw new Error(`${error}\nstate: ${await browser.page.textContent('#state')}\nproblem: ${await problem(browser.page)}\ncaptions: ${JSON.stringify(await captions(browser.page))}\nerrors: ${browser.seen.errors.join('\n')}`);
} finally {
  await browser.close();
}
