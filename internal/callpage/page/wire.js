// What goes to the server and comes back: requests with the token, problems, and streams of events that are taken up again where
// they broke off.

const patience = [300, 700, 1500, 3000, 6000]; // ms before each new try after a broken connection
const silent = 45000; // ms without a byte, three of the server's heartbeats: the connection is dead
const passing = new Set(["unreachable", "stopping", "turn_running"]); // the last: the turn that was interrupted winds down

// Problem is an answer that is none: its code, its words and what to do about it.
export class Problem extends Error {
  constructor({ status = 0, code = "", detail = "", hint = "", retryAfter = 0 }) {
    super(detail || code);
    Object.assign(this, { status, code, detail, hint, retryAfter });
  }
}

// id is a random name. crypto.randomUUID is missing where the page is not secure.
export function id() {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, "0")).join("");
}

export class Wire {
  constructor(base = "/function/call") {
    this.base = base;
    this.token = "";
  }

  // json sends one request and returns the answer's object.
  async json(method, path, query, body, options = {}) {
    const response = await this.#send(method, path, query, body, { Accept: "application/json" }, options);
    const text = await response.text();
    return text ? JSON.parse(text) : {};
  }

  // events sends a request and calls onevent with each event of the answer. last tells the event that makes the answer whole. A
  // connection that breaks off before is made again: the server knows the turn by its id. It goes on after the last event that came, or
  // it gives its answer from the beginning, which onanew hears of first.
  async events(path, query, body, { signal, onevent, last, onretry, onanew }) {
    let seen = "";
    let whole = false;
    for (let tries = 0; ; tries++) {
      let why = "unreachable";
      try {
        const headers = { Accept: "text/event-stream", ...(seen && { "Last-Event-ID": seen }) };
        const response = await this.#send("POST", path, query, body, headers, { signal });
        let fresh = true;
        for await (const event of parse(response.body)) {
          if (fresh && seen && !(number(event.id) > number(seen))) onanew();
          fresh = false;
          seen = event.id ?? seen;
          tries = 0;
          whole ||= last(event.data);
          onevent(event.data);
        }
        if (whole) return;
      } catch (error) {
        if (signal.aborted) throw error;
        if (whole) return; // it broke behind its end
        if (error instanceof Problem && !passing.has(error.code)) throw error;
        if (!(error instanceof Problem || error instanceof TypeError)) throw error; // TypeError is the browser's word for a broken connection
        why = error.code ?? why;
      }
      if (!onretry || tries >= patience.length) throw new Problem({ code: why, detail: "the server does not answer" });
      onretry(why);
      await pause(patience[tries], signal);
    }
  }

  async #send(method, path, query, body, headers, { signal, keepalive } = {}) {
    const text = new URLSearchParams(Object.entries(query).filter(([, value]) => value !== undefined && value !== "")).toString();
    if (body && !(body instanceof Blob)) {
      headers["Content-Type"] = "application/json";
      body = JSON.stringify(body);
    }
    if (this.token) headers.Authorization = "Bearer " + this.token;
    let response;
    try {
      response = await fetch(this.base + path + (text && "?" + text), { method, headers, body, signal, keepalive, cache: "no-store", credentials: "omit" });
    } catch (error) {
      if (signal?.aborted) throw error;
      throw new Problem({ code: "unreachable", detail: "the server does not answer" });
    }
    if (!response.ok) throw await problem(response);
    return response;
  }
}

// number is the count in an event's id: 7 of "event_7".
function number(name) {
  return Number(/\d+$/.exec(name ?? "")?.[0]);
}

async function problem(response) {
  let body = {};
  try {
    body = await response.json();
  } catch {
    // a proxy's own words: the status says enough
  }
  return new Problem({ ...body, status: response.status, code: body.code || "http_" + response.status, retryAfter: Number(response.headers.get("Retry-After")) || 0 });
}

// pause waits, but no longer than the signal lets it.
export function pause(ms, signal) {
  return new Promise((resolve, reject) => {
    const stop = () => { clearTimeout(timer); reject(signal.reason); };
    const timer = setTimeout(() => { signal?.removeEventListener("abort", stop); resolve(); }, ms);
    if (signal?.aborted) stop();
    else signal?.addEventListener("abort", stop, { once: true });
  });
}

// parse reads server-sent events as they come.
export async function* parse(body) {
  const reader = body.pipeThrough(new TextDecoderStream()).getReader();
  let rest = "";
  let event = { data: [] };
  try {
    for (;;) {
      const { value, done } = await within(silent, reader.read());
      if (done) return; // an event without its empty line is not whole
      const lines = (rest + value).split("\n");
      rest = lines.pop();
      for (const line of lines) {
        const text = line.endsWith("\r") ? line.slice(0, -1) : line;
        if (text === "") {
          if (event.data.length > 0) yield { id: event.id, name: event.name, data: JSON.parse(event.data.join("\n")) };
          event = { data: [] };
          continue;
        }
        const [, field, content] = /^([^:]*):? ?(.*)$/.exec(text);
        if (field === "data") event.data.push(content);
        else if (field === "id") event.id = content;
        else if (field === "event") event.name = content;
      }
    }
  } finally {
    reader.cancel().catch(() => {}); // what is not read is not wanted
  }
}

function within(ms, promise) {
  let timer;
  const late = new Promise((_, reject) => { timer = setTimeout(() => reject(new TypeError("the connection is silent")), ms); });
  return Promise.race([promise, late]).finally(() => clearTimeout(timer));
}
