// One conversation with the shop: starting it, asking, following it. No DOM here.

import { call, pause, Refused, rest, stream } from "./stream.js";

const TRIES = 9; // with growing pauses about a minute

export class Conversation {
  /** places: {api, start} addresses; csrf: the page's token, needed only to start. */
  constructor({ id, token, api, start, csrf }) {
    Object.assign(this, { id, token, api, startUrl: start, csrf });
  }

  get exists() {
    return Boolean(this.id);
  }

  /** Make the conversation before its first message; the server sets the cookie that keeps it over a reload. */
  async begin() {
    if (this.exists) return;
    const response = await fetch(this.startUrl, {
      method: "POST",
      body: new URLSearchParams({ csrfmiddlewaretoken: this.csrf }),
      headers: { Accept: "application/json" },
    });
    if (!response.ok) {
      const body = await response.json().catch(() => ({}));
      throw new Refused(response.status, body.error, Number(response.headers.get("Retry-After")) || 0);
    }
    ({ id: this.id, token: this.token } = await response.json());
  }

  /**
   * Ask; yield {id, event, data} until `final` or `error`. When the line drops, yields {event: "dropped"} and goes on from the
   * last event once it is back. Throws Refused, or Error when the network stays away.
   */
  async *ask(text, clientId) {
    let lastId = "";
    for (let attempt = 0; attempt < TRIES; attempt++) {
      try {
        await this.begin();
        const options = { method: "POST", token: this.token, body: { text, client_id: clientId }, lastId };
        for await (const event of stream(this.#path("messages"), options)) {
          attempt = 0;
          lastId = event.id || lastId;
          yield event;
          if (event.event === "final" || event.event === "error") return;
        }
      } catch (error) {
        if (error instanceof Refused && !(error.status === 503 && attempt < 3)) throw error;
      }
      yield { event: "dropped" };
      await rest(pause(attempt));
    }
    throw new Error("The connection could not be made. Please check your network and try again.");
  }

  /** Yield what happens here, for ever; goes on by itself after a dropped line. lastId: where the page stands. */
  async *follow(lastId, signal) {
    for (let attempt = 0; !signal.aborted; attempt++) {
      try {
        for await (const event of stream(this.#path("events"), { token: this.token, lastId, signal })) {
          attempt = 0;
          lastId = event.id || lastId;
          yield event;
        }
      } catch (error) {
        if (error instanceof Refused && error.status === 404) return; // the conversation is gone
      }
      await rest(pause(Math.max(attempt, 1)));
    }
  }

  /** proof: {email, order_number} asks for a code, {email, code} signs in. */
  identify(proof) {
    return call(this.#path("identify"), { token: this.token, body: proof });
  }

  handoff() {
    return call(this.#path("handoff"), { token: this.token });
  }

  feedback(messageId, helpful) {
    return call(`${this.api}messages/${encodeURIComponent(messageId)}/feedback`, { token: this.token, body: { helpful } });
  }

  #path(name) {
    return `${this.api}conversations/${encodeURIComponent(this.id)}/${name}`;
  }
}
