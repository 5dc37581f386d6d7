// Server-sent events over fetch, so that a bearer token can be sent along. No DOM here.

/** The server refused in a sentence of its own; `retryable` tells whether trying again can help. */
export class Refused extends Error {
  constructor(status, { code = "failed", message, retryable = false } = {}, retryAfter = 0) {
    super(message || "Something went wrong on our side. Please ask again.");
    Object.assign(this, { status, code, retryable, retryAfter });
  }
}

/** Call the API; give what it answers. Throws Refused, or TypeError when the network is away. */
export async function call(url, { method = "POST", token = "", body } = {}) {
  const response = await fetch(url, request({ method, token, body, accept: "application/json" }));
  if (!response.ok) throw await refusal(response);
  return response.json();
}

/** Open a stream and yield {id, event, data} as they arrive; ends when the server ends it, throws when the line drops. */
export async function* stream(url, { method = "GET", token = "", body, lastId = "", signal } = {}) {
  const response = await fetch(url, { ...request({ method, token, body, accept: "text/event-stream", lastId }), signal });
  if (!response.ok) throw await refusal(response);
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
  try {
    for (let pending = ""; ; ) {
      const { value, done } = await reader.read();
      if (done) return;
      const frames = (pending + value).split("\n\n");
      pending = frames.pop(); // a frame may arrive in pieces
      for (const frame of frames) {
        const event = parse(frame);
        if (event) yield event;
      }
    }
  } finally {
    reader.cancel().catch(() => {});
  }
}

/** One frame as {id, event, data}; null for a comment, which is only a sign of life. */
export function parse(frame) {
  const event = { id: "", event: "message", data: null };
  const data = [];
  for (const line of frame.split("\n")) {
    const colon = line.indexOf(":");
    const value = line.slice(colon + 1).replace(/^ /, "");
    const field = line.slice(0, colon);
    if (field === "id") event.id = value;
    if (field === "event") event.event = value;
    if (field === "data") data.push(value);
  }
  if (!data.length) return null;
  event.data = JSON.parse(data.join("\n"));
  return event;
}

/** Milliseconds to wait before the next try: longer each time, and not all customers at once. */
export function pause(attempt) {
  return Math.min(500 * 2 ** attempt, 8000) * (0.75 + Math.random() / 2);
}

/** Wait that long, or until the browser says that the network is back. */
export function rest(milliseconds) {
  return new Promise((resolve) => {
    const done = () => {
      clearTimeout(timer);
      removeEventListener("online", done);
      resolve();
    };
    const timer = setTimeout(done, milliseconds);
    addEventListener("online", done);
  });
}

function request({ method, token, body, accept, lastId = "" }) {
  const headers = { Accept: accept };
  if (token) headers.Authorization = `Bearer ${token}`;
  if (lastId) headers["Last-Event-ID"] = lastId;
  if (body !== undefined) headers["Content-Type"] = "application/json";
  return { method, headers, body: body === undefined ? undefined : JSON.stringify(body), cache: "no-store", credentials: "omit" };
}

async function refusal(response) {
  const body = await response.json().catch(() => ({}));
  return new Refused(response.status, body.error, Number(response.headers.get("Retry-After")) || 0);
}
