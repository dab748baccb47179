// The page at /call: connects what is pressed, said and written with the call, and the call with what is shown.

import { Call } from "./call.js";
import { Wire } from "./wire.js";
import { $, Captions, Latency, Proposal, hideProblem, showLevel, showProblem, showState } from "./view.js";
import { microphoneProblem, problemWords, tokenEnd } from "./words.js";

// The token and the call survive a reload of this tab and nothing else.
const kept = (key) => ({ get: () => sessionStorage.getItem(key) ?? undefined, set: (value) => (value === undefined ? sessionStorage.removeItem(key) : sessionStorage.setItem(key, value)) });
const store = Object.defineProperties({}, { token: kept("intellifit.token"), session: kept("intellifit.session"), conversation: kept("intellifit.conversation") });

const wire = new Wire();
const call = new Call(wire, store);
const captions = new Captions();
const latency = new Latency();
const proposal = new Proposal();
let asked = ""; // the summary of the open proposal

// The token

function useToken(token) {
  wire.token = token;
  store.token = token || undefined;
  $("token").value = token;
  const end = token ? tokenEnd(token) : undefined;
  const words = !token ? "" : !end ? "Kept in this tab only." : end < new Date() ? "It has expired." : "Kept in this tab only; it holds until " + end.toLocaleTimeString([], { hour: "2-digit", minute: "2-digit" }) + ".";
  $("token-state").textContent = words;
}

// The fragment never reaches a server; it leaves the address bar and the history as well.
function tokenOfAddress() {
  const token = new URLSearchParams(location.hash.slice(1)).get("token");
  if (token === null) return;
  history.replaceState(null, "", location.pathname);
  useToken(token.trim());
}

useToken(store.token ?? "");
tokenOfAddress();
addEventListener("hashchange", tokenOfAddress);
$("access").addEventListener("submit", (event) => {
  event.preventDefault();
  useToken($("token").value.trim());
  if ($("again").hidden) hideProblem();
  else $("again").click(); // what the old token could not do
});

// The call

const running = () => call.state !== "idle";

$("start").addEventListener("click", async () => {
  useToken($("token").value.trim());
  if (!wire.token) return refuse({ code: "token_missing" });
  hideProblem();
  captions.clear();
  latency.clear();
  call.recording = $("recording").value;
  try {
    await call.start();
  } catch (error) {
    refuse(error);
  }
});

function refuse(error, again) {
  showProblem(problemWords(error), again);
  if (!error.code?.startsWith("token_")) return;
  $("access").hidden = false;
  $("token").focus();
}

$("hangup").addEventListener("click", async () => {
  proposal.hide();
  try {
    const end = await call.hangUp();
    captions.note("The call has ended" + (end.transcript_stored ? "; its transcript is kept." : "."));
  } catch (error) {
    refuse(error);
  }
});

$("mute").addEventListener("click", () => (call.mic ? call.mute() : call.unmute()));
$("stop").addEventListener("click", () => call.interrupt("stop"));
$("dismiss").addEventListener("click", hideProblem);
$("voice-on").addEventListener("change", voice);
for (const radio of document.getElementsByName("mode")) radio.addEventListener("change", () => { call.listen(radio.value); refresh(); });

// voice: a screen reader reads the captions when the coach is silent, and does not talk over him when he is not.
function voice() {
  call.player?.mute(!$("voice-on").checked);
  $("captions").setAttribute("aria-live", $("voice-on").checked ? "off" : "polite");
}

$("write").addEventListener("submit", (event) => {
  event.preventDefault();
  const text = $("text").value.trim();
  if (!text || !running()) return;
  $("text").value = "";
  hideProblem();
  call.say(text);
});
$("yes").addEventListener("click", () => answer("yes"));
$("no").addEventListener("click", () => answer("no"));

function answer(word) {
  closeProposal();
  call.answer(word);
}

function closeProposal() {
  asked = "";
  proposal.hide();
}

// The talk button: held by pointer or space bar; a click without a pointer (Enter, a screen reader) presses and releases.

const talk = $("talk");
talk.addEventListener("pointerdown", (event) => {
  if (event.button !== 0) return;
  talk.setPointerCapture(event.pointerId);
  call.press();
});
for (const type of ["pointerup", "pointercancel"]) talk.addEventListener(type, () => call.release());
talk.addEventListener("contextmenu", (event) => event.preventDefault());
talk.addEventListener("click", (event) => {
  if (event.detail !== 0) return;
  if (call.state === "hearing") call.release();
  else call.press();
});

const typing = (target) => target !== talk && target.closest?.("input, textarea, select, button, summary, a");
let held = false;
addEventListener("keydown", (event) => {
  if (event.key === "Escape" && running()) call.interrupt("stop");
  if (event.key !== " " || !running() || call.mode !== "talk" || typing(event.target)) return;
  event.preventDefault();
  if (!event.repeat) call.press();
  held = true;
});
addEventListener("keyup", (event) => {
  if (event.key !== " " || !held) return;
  held = false;
  event.preventDefault(); // else the button is clicked too
  call.release();
});
addEventListener("blur", () => { // the key may come up elsewhere
  if (held) call.release();
  held = false;
});

// What the call tells

const on = (type, handle) => call.addEventListener(type, ({ detail }) => handle(detail));

on("state", (state) => {
  if (state === "speaking" || state === "opening") voice();
  refresh();
});
on("level", showLevel);
on("microphone", ({ error }) => {
  if (error) showProblem(microphoneProblem(error));
  if (!call.mic) showLevel(-100);
  refresh();
});
on("heard", ({ text }) => captions.you(text));
on("clause", ({ turn, item, text, from }) => captions.clause(turn, item, text, from));
on("said", ({ turn, item, text }) => captions.said(turn, item, text));
on("interrupted", ({ turn, heard }) => captions.cut(turn, heard));
on("truncated", ({ turn, text }) => captions.cutText(turn, text));
on("again", ({ turn }) => captions.forget(turn));
on("measured", ({ turn }) => latency.show(turn));
on("note", (text) => captions.note(text));
on("waiting", ({ why }) => showState(why === "turn_running" ? "The turn before winds down…" : "The connection broke; trying again…"));
on("problem", ({ error, again }) => refuse(error, again));
on("resumed", ({ items = [] }) => {
  captions.resume(items);
  const offer = items.at(-1)?.proposal;
  if (offer && Date.parse(offer.expires_at) > Date.now()) openProposal(offer);
});
on("action", ({ proposal: offer, status }) => {
  if (offer) openProposal(offer);
  else if (["done", "declined", "refused"].includes(status)) closeProposal();
});

function openProposal(offer) {
  asked = offer.summary;
  proposal.show(offer);
  refresh();
}

const words = {
  idle: () => "Not connected.",
  opening: () => "Connecting… If the browser asks for the microphone, allow it.",
  listening: () => (!call.mic ? "Your turn: write" + (call.asking ? "; the browser opens the microphone." : ", or unmute and speak.") : call.mode === "open" ? "Your turn: just speak." : "Your turn: hold the button or the space bar and speak."),
  hearing: () => "Listening…",
  thinking: () => "Thinking…",
  speaking: () => (call.mode === "open" && call.mic ? "The coach speaks. Speak to interrupt." : "The coach speaks."),
};

function refresh() {
  const { state } = call;
  const on = running();
  showState(words[state]() + (asked && state === "listening" ? " The coach asks: " + asked : ""));
  $("access").hidden = on && $("problem").hidden; // a token is wanted again when it has run out
  $("start").hidden = on;
  $("hangup").hidden = !on;
  $("mute").hidden = !on;
  $("mute").disabled = Boolean(call.asking);
  $("mute").textContent = call.mic ? "Mute" : "Unmute";
  $("stop").hidden = !on;
  $("stop").disabled = state !== "thinking" && state !== "speaking";
  talk.hidden = call.mode !== "talk";
  talk.disabled = !on || !call.mic || state === "opening";
  talk.setAttribute("aria-pressed", String(state === "hearing"));
  $("text").disabled = $("send").disabled = !on || state === "opening";
  if (!on) closeProposal();
}
refresh();
