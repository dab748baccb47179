// What went wrong, in words that say what to do about it.

// microphoneProblem is about what the browser threw when it was asked for the microphone.
export function microphoneProblem(error) {
  switch (error.name) {
    case "SecurityError":
      return {
        title: "The browser gives no microphone to this address.",
        fix: "Browsers give it to https:// and to this machine only. Open http://localhost" + (location.port && ":" + location.port) +
          "/call on the machine itself, or bring its port here first with `ssh -L 8080:127.0.0.1:" + (location.port || "80") + " " + location.hostname +
          "`, then open http://localhost:8080/call. Until then you can write.",
      };
    case "NotAllowedError":
      return { title: "The microphone is not allowed.", fix: "Allow it for this page (the icon beside the address), then press Unmute. Until then you can write." };
    case "NotFoundError":
      return { title: "No microphone was found.", fix: "Connect one and press Unmute. Until then you can write." };
    case "NotReadableError":
      return { title: "The microphone is in use or switched off.", fix: "Close the program that uses it, or switch it on, and press Unmute. Until then you can write." };
    case "NotSupportedError":
      return { title: "This browser cannot record.", fix: "Use a current Firefox, Chrome, Edge or Safari. Until then you can write." };
  }
  return { title: "The microphone could not be opened (" + error.name + ").", fix: "Reload the page. Until then you can write." };
}

const token = "Run `intellifit token --as ID` and paste what it prints into the field above.";

const known = {
  token_missing: ["A token is missing.", token],
  token_invalid: ["The token does not hold.", token],
  token_expired: ["The token has expired; it holds for 15 minutes.", token],
  role_not_allowed: ["This token is not a member's.", "`intellifit token --as ID` prints one."],
  call_capacity: ["All lines are busy.", ""],
  too_many_calls: ["All lines are busy.", ""],
  queue_full: ["The machine has too much to do.", ""],
  rate_limited: ["That were too many turns for a minute.", ""],
  turn_running: ["The turn before has not ended yet.", "Send it again in a moment."],
  function_not_found: ["This host has no function call.", "Start it with `intellifit up`."],
  unreachable: ["The server does not answer.", "`intellifit status` tells whether it runs. Then try again."],
  timeout: ["That took too long.", "Send it again."],
  audio_too_long: ["That was too long.", "Say at most 60 seconds at once."],
  audio_too_large: ["That was too long.", "Say at most 60 seconds at once."],
};

// problemWords is about an answer of the server.
export function problemWords({ status, code, detail, hint, retryAfter }) {
  let [title, fix] = known[code] ?? ["", ""];
  if (!title && (status === 503 || /_(unavailable|missing|stalled)$/.test(code ?? ""))) {
    [title, fix] = ["The engines are not ready: " + (detail || code) + ".", "They may still load: `intellifit status` tells."];
  }
  title ||= detail ? capital(detail) + "." : "That went wrong (" + (code || "no reason given") + ").";
  fix ||= hint ? capital(hint) + "." : "";
  if (retryAfter && (status === 429 || status === 503)) fix = (fix + " Try again in " + retryAfter + " s.").trim();
  return { title, fix };
}

// tokenEnd is when a token expires, or undefined for what is no token that we can read.
export function tokenEnd(token) {
  try {
    const claims = JSON.parse(atob(token.split(".")[1].replaceAll("-", "+").replaceAll("_", "/")));
    return Number.isFinite(claims.exp) ? new Date(1000 * claims.exp) : undefined;
  } catch {
    return undefined; // the server judges it
  }
}

function capital(text) {
  return text.charAt(0).toUpperCase() + text.slice(1).replace(/\.$/, "");
}
