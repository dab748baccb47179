// What the page shows. All text goes in as text, never as HTML.

// The stages of a turn in the order in which they pass: key, heading, what it means.
const stages = [
  ["heard_after", "you waited", "from the end of speech until the coach is heard: measured here"],
  ["waited", "end of turn", "from the end of speech until the turn was sent"],
  ["decode_ms", "decode", "reading the recording"],
  ["stt_ms", "speech to text", "hearing the words"],
  ["first_token_ms", "first token", "until the model's first word"],
  ["first_clause_ms", "first clause", "until the first clause is whole"],
  ["tts_first_ms", "first sound", "until the first clause sounds"],
  ["turn_ms", "server", "from the last byte of the request to the first of the voice"],
  ["total_ms", "whole turn", "until the last byte"],
  ["stopped_after", "stopped in", "from the beginning of an interruption until silence: measured here"],
];
const results = new Set(["heard_after", "stopped_after"]);

export const $ = (name) => document.getElementById(name);

function make(tag, attributes = {}, ...children) {
  const node = document.createElement(tag);
  for (const [key, value] of Object.entries(attributes)) node.setAttribute(key, value);
  node.append(...children);
  return node;
}

// showState says who speaks, where a screen reader reads it.
export function showState(text) {
  if ($("state").textContent !== text) $("state").textContent = text;
}

export function showLevel(decibels) {
  $("level").value = Math.max(0, Math.min(1, (decibels + 60) / 60));
}

// showProblem says what is wrong and what mends it; again sends the turn once more.
export function showProblem({ title, fix }, again) {
  $("problem-title").textContent = title;
  // What is between backticks is typed as it stands.
  $("problem-fix").replaceChildren(...fix.split("`").map((part, i) => (i % 2 ? make("code", {}, part) : part)));
  $("again").hidden = !again;
  $("again").onclick = () => { hideProblem(); again(); };
  $("problem").hidden = false;
}

export function hideProblem() {
  $("problem").hidden = true;
}

// Captions are what both sides said.
export class Captions {
  constructor() {
    this.list = $("captions");
    this.coach = new Map(); // number of the turn → its entry
  }

  #append(kind, who, ...content) {
    const entry = make("p", { class: kind }, make("span", { class: "who" }, who), ...content);
    this.list.append(entry);
    this.#follow();
    return entry;
  }

  #follow() {
    this.list.scrollTop = this.list.scrollHeight;
  }

  you(text) {
    this.#append("you", "You", text);
  }

  note(text) {
    if (this.list.lastElementChild?.textContent !== text) this.#append("note", "", text);
  }

  // clause is the next part of what the coach says. from is the millisecond of the item at which it sounds.
  clause(turn, item, text, from) {
    if (!this.coach.has(turn.number)) this.coach.set(turn.number, this.#append("coach", "Coach"));
    const entry = this.coach.get(turn.number);
    const space = entry.childElementCount > 1 && !/^\s/.test(text) && !/\s$/.test(entry.textContent) ? " " : "";
    const span = make("span", { class: "clause" }, space + text);
    Object.assign(span, { item, from });
    entry.append(span);
    this.#follow();
  }

  // said gives the whole text where it did not come clause by clause.
  said(turn, item, text) {
    if (text && !this.coach.has(turn.number)) this.clause(turn, item, text, 0);
  }

  // cut marks what was not heard, clause by clause, until the server tells it by the word.
  cut(turn, heard) {
    const clauses = this.#clauses(turn);
    if (clauses.length === 0) return;
    const first = clauses.findIndex((span) => !(span.from < (heard.get(span.item) ?? 0)));
    this.#cutAt(turn, first < 0 ? clauses : clauses.slice(0, first), first < 0 ? [] : clauses.slice(first));
  }

  // cutText marks what is not in the text that the server keeps as heard.
  cutText(turn, text) {
    const whole = this.#clauses(turn).map((span) => span.textContent).join("").trimStart();
    if (whole.startsWith(text)) this.#cutAt(turn, [make("span", {}, text)], [make("span", {}, whole.slice(text.length))]);
  }

  #clauses(turn) {
    return [...(this.coach.get(turn.number)?.querySelectorAll(".clause") ?? [])];
  }

  #cutAt(turn, heard, unheard) {
    const entry = this.coach.get(turn.number);
    for (const span of [...heard, ...unheard]) span.className = "clause";
    const rest = make("s", {}, ...unheard);
    const parts = rest.textContent ? [make("span", { class: "hidden" }, " (not heard:) "), rest] : [];
    entry.replaceChildren(entry.firstElementChild, ...heard, ...parts, make("span", { class: "muted" }, " (interrupted)"));
  }

  // forget drops the coach's part of a turn that is sent once more.
  forget(turn) {
    this.coach.get(turn.number)?.remove();
    this.coach.delete(turn.number);
  }

  // resume shows what was said before the page was loaded.
  resume(items) {
    for (const item of items ?? []) {
      const text = item.text ?? item.transcript ?? (item.content ?? []).map((part) => part.transcript ?? part.text ?? "").join(" ").trim();
      if (text) this.#append(item.role === "user" ? "you" : "coach", item.role === "user" ? "You" : "Coach", text);
    }
  }

  clear() {
    this.list.replaceChildren();
    this.coach.clear();
  }
}

// Latency is the table of what each turn took, the last one first.
export class Latency {
  constructor() {
    this.rows = new Map();
    for (const [key, heading, meaning] of stages) $("stages").append(make("th", { scope: "col", title: meaning, "data-key": key }, heading));
  }

  show(turn) {
    const took = { ...turn.response?.metrics, waited: turn.kind === "audio" ? turn.waited : undefined, heard_after: turn.heardAfter, stopped_after: turn.stoppedAfter };
    const name = turn.number === 0 ? "greeting" : turn.number + (turn.kind === "text" ? " (written)" : "");
    const row = make("tr", { "data-turn": turn.number }, make("th", { scope: "row" }, name));
    for (const [key] of stages) {
      const value = took[key];
      row.append(make("td", { "data-key": key, ...(results.has(key) && { class: "result" }) }, value === undefined ? "–" : String(Math.round(value))));
    }
    const old = this.rows.get(turn.number);
    if (old) old.replaceWith(row);
    else $("turns").prepend(row);
    this.rows.set(turn.number, row);
  }

  clear() {
    this.rows.clear();
    $("turns").replaceChildren();
  }
}

// Proposal is the card of what waits for a yes.
export class Proposal {
  show({ summary, expires_at: expires }) {
    this.hide();
    $("proposal-summary").textContent = summary;
    this.end = expires === undefined ? undefined : Date.parse(expires);
    $("proposal").hidden = false;
    this.#tick();
    this.timer = setInterval(() => this.#tick(), 1000);
  }

  #tick() {
    const left = this.end === undefined || Number.isNaN(this.end) ? Infinity : Math.max(0, Math.round((this.end - Date.now()) / 1000));
    const over = left === 0;
    $("yes").disabled = over;
    $("no").disabled = over;
    const time = Math.floor(left / 60) + ":" + String(left % 60).padStart(2, "0");
    $("proposal-expiry").textContent = over ? "This has expired; ask again." : left === Infinity ? "" : "Say yes or no, or press a button. It holds for " + time + ".";
    if (over) clearInterval(this.timer);
  }

  hide() {
    clearInterval(this.timer);
    if ($("proposal").contains(document.activeElement)) $("text").focus(); // the focus does not fall off the page
    $("proposal").hidden = true;
  }
}
