// Messages as elements; the same structure as templates/chat/_message.html.

import { answerHtml, hidden, icon, make, safeUrl } from "./dom.js";
import { orderCard } from "./order_card.js";

export function mine(text, id = "") {
  const lines = text.split("\n").flatMap((line, place) => (place ? [make("br"), line] : [line]));
  return make(
    "article",
    { class: "message mine arriving", "data-role": "user", "data-id": id },
    make("h2", { class: "visually-hidden" }, "You wrote"),
    make("div", { class: "bubble" }, lines),
  );
}

/** A message of the bot or of staff that is known whole. */
export function theirs(message, { signedIn, shop }) {
  const view = new AnswerView({ staff: message.role === "staff", shop, signedIn });
  view.name(message.id);
  view.finish({ ...message, id: message.id });
  return view.element;
}

/** An answer while it arrives. Each event counts once, however often the stream begins again. */
export class AnswerView {
  #place = 0;

  constructor({ staff = false, shop = "", signedIn = false } = {}) {
    this.signedIn = signedIn;
    this.staff = staff;
    this.status = make("p", { class: "status" }, make("i", { "aria-hidden": "true" }, make("b")), make("span", {}, "Looking…"));
    this.bubble = make("div", { class: "bubble answer", hidden: true });
    this.orders = make("div", { class: "orders" });
    this.element = make(
      "article",
      { class: `message theirs arriving${staff ? " staff" : ""}`, "aria-busy": "true", "data-role": staff ? "staff" : "assistant" },
      make("h2", { class: staff ? "who" : "visually-hidden" }, staff ? `A colleague at ${shop}` : "The assistant wrote"),
      this.status,
      this.bubble,
    );
  }

  name(id) {
    this.element.dataset.id = id;
  }

  /** Apply one event of the turn; tells whether it was new. */
  apply({ id, event, data }) {
    const place = Number(id.split(".")[1]);
    if (place <= this.#place) return false;
    this.#place = place;
    this.name(id.split(".")[0]);
    if (event === "status") this.status.lastElementChild.textContent = data.text;
    if (event === "order") this.#order(data);
    if (event === "delta") this.#delta(data);
    if (event === "final") this.finish(data);
    if (event === "error") this.fail(data.message);
    return true;
  }

  #order(order) {
    this.orders.append(orderCard(order, { open: this.orders.childElementCount === 0 }));
    if (this.orders.childElementCount > 1) for (const more of this.orders.querySelectorAll("details")) more.open = false;
    if (!this.orders.isConnected) this.element.append(this.orders);
  }

  /** html is the whole of that paragraph so far; it takes the place of what was shown of it. */
  #delta({ html, block = 0 }) {
    this.status.hidden = true;
    this.bubble.hidden = false;
    while (this.bubble.children.length <= block) this.bubble.append(make("div", { class: "block" }));
    this.bubble.children[block].replaceChildren(answerHtml(html));
  }

  /** The whole answer: what was streamed is replaced by the same words in one piece. */
  finish(answer) {
    this.status.remove();
    this.bubble.hidden = !answer.html;
    this.bubble.replaceChildren(answerHtml(answer.html || ""));
    const cards = answer.orders ?? [];
    if (cards.length !== this.orders.childElementCount) {
      this.orders.replaceChildren(...cards.map((order) => orderCard(order, { open: cards.length === 1 })));
    }
    const rest = [
      answer.needs_sign_in && !this.signedIn ? signInLink() : null,
      cards.length ? this.orders : null,
      answer.citations?.length ? sources(answer.citations, answer.id) : null,
      this.staff || !answer.outcome ? null : thumbs(answer.id, answer.feedback),
    ].filter(Boolean);
    this.orders.remove();
    this.element.append(...rest);
    this.element.removeAttribute("aria-busy");
  }

  /** The answer broke off: what was shown stays, and is marked as cut. */
  fail(message, retry) {
    this.status.remove();
    this.element.querySelector(".cut")?.remove();
    const again = retry ? make("button", { class: "link", type: "button" }, "Try again") : null;
    again?.addEventListener("click", retry);
    this.element.append(make("p", { class: "cut" }, message, again));
    this.element.removeAttribute("aria-busy");
  }

  /** Forget what was shown, to be answered again from the start. */
  restart() {
    this.#place = 0;
    this.orders.replaceChildren();
    this.orders.remove();
    this.bubble.replaceChildren();
    this.bubble.hidden = true;
    this.element.querySelector(".cut")?.remove();
    this.status.hidden = false;
    this.bubble.before(this.status);
    this.element.setAttribute("aria-busy", "true");
  }
}

function signInLink() {
  return make("p", { class: "ask-sign-in" }, make("a", { class: "button", href: "/sign-in/", "data-sign-in": true }, "Sign in with your e-mail"));
}

function sources(citations, messageId) {
  return make("ul", { class: "sources", "aria-label": "Sources" }, citations.map((citation) => source(citation, messageId)));
}

function source({ n, document: name, heading, quote, url }, messageId) {
  const id = `q-${messageId}-${n}`;
  const parts = (heading || name).split(" > ");
  const section = parts.at(-1);
  return make(
    "li",
    {},
    make(
      "a",
      { class: "source", href: safeUrl(url), target: "_blank", rel: "noopener", "aria-describedby": id },
      make("span", { class: "n" }, String(n)),
      make("span", { class: "from" }, name, section === name ? null : [" ", make("span", {}, section)]),
      hidden(" (opens in a new tab)"),
    ),
    make("div", { class: "quote", role: "tooltip", id }, make("strong", {}, parts.join(" › ")), make("q", {}, quote)),
  );
}

function thumbs(messageId, given) {
  const thumb = (value, name, label, pressed) =>
    make("button", { class: "thumb", name: "helpful", value, "aria-pressed": String(pressed) }, icon(name), hidden(label));
  return make(
    "form",
    { class: "thumbs", "data-thumbs": true },
    make("input", { type: "hidden", name: "message", value: messageId }),
    thumb("yes", "up", "This helped", given === true),
    thumb("no", "down", "This did not help", given === false),
    make("span", { class: "thanks", role: "status" }),
  );
}
