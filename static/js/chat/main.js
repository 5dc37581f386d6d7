// The chat page: ties the conversation (conversation.js) to what is seen (messages.js, composer.js, sign_in.js).

import { Composer } from "./composer.js";
import { Conversation } from "./conversation.js";
import { make } from "./dom.js";
import { AnswerView, mine, theirs } from "./messages.js";
import { SignIn } from "./sign_in.js";
import { Refused } from "./stream.js";

const LONGEST_TIMER = 2 ** 31 - 1; // milliseconds a browser can wait
const DROPPED = "The connection dropped — reconnecting…";
const main = document.getElementById("chat");
const find = (name) => document.querySelector(`[data-${name}]`);
const [log, scroll, notice, suggestions, welcome, identity] = ["log", "scroll", "notice", "suggestions", "welcome", "identity"].map(find);
const shop = document.querySelector(".brand strong").textContent;
const { conversation: id, token, api, start, running } = main.dataset;
const csrf = document.querySelector("[name=csrfmiddlewaretoken]").value;
const conversation = new Conversation({ id, token, api, start, csrf });
const answers = new Map(); // turn id -> AnswerView, while it arrives
let signedIn = !identity.hidden;
let asked = [...log.querySelectorAll('[data-role="user"] .bubble')].pop()?.innerText ?? ""; // the newest question
let wantsSignIn = Boolean(log.lastElementChild?.querySelector("[data-sign-in]"));
let following = null;
let ending = 0; // the timer of endAt
let placed = 0; // where the log was scrolled to by us

const composer = new Composer(document.getElementById("composer"), find("count"), { max: Number(main.dataset.max), send: ask });
const signIn = new SignIn(document.getElementById("sign-in"), conversation, nowSignedIn);

// --- asking ---------------------------------------------------------------------------------------------------------

async function ask(text) {
  if (composer.busy) return;
  asked = text;
  say("");
  composer.clear();
  show(mine(text));
  const view = new AnswerView({ signedIn, shop });
  show(view.element);
  suggest([]);
  await answer(view, text, newId());
}

async function answer(view, text, clientId) {
  composer.waiting = true;
  let ending = null;
  try {
    for await (const event of conversation.ask(text, clientId)) {
      if (event.event === "dropped") {
        say(DROPPED);
        continue;
      }
      say("");
      answers.set(turnOf(event.id), view);
      if (apply(view, event) && (event.event === "final" || event.event === "error")) ending = event;
    }
    if (ending?.event === "error" && ending.data.retryable) {
      // an answer that nobody is writing any more can be taken up again; one that failed is asked anew
      const again = ending.data.code === "interrupted" ? clientId : newId();
      view.fail(ending.data.message, () => retry(view, text, again));
    }
  } catch (error) {
    say("");
    const pointless = error instanceof Refused && !error.retryable;
    view.fail(error.message, pointless ? null : () => retry(view, text, clientId));
    if (error instanceof Refused && error.status === 422) composer.restore(text);
  } finally {
    composer.waiting = false;
    follow();
  }
}

function retry(view, text, clientId) {
  if (composer.busy) return;
  view.restart();
  answer(view, text, clientId);
}

/** 128 random bits; randomUUID is missing where a shop serves this page without TLS. */
function newId() {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, "0")).join("");
}

function turnOf(eventId) {
  return eventId.split(".")[0];
}

function apply(view, event) {
  const near = isAtEnd();
  if (!view.apply(event)) return false;
  if (event.event === "final") {
    suggest(event.data.suggestions ?? []);
    wantsSignIn = Boolean(event.data.needs_sign_in);
  }
  if (near) toEnd();
  return true;
}

// --- what others write, and what other windows of this conversation ask -------------------------------------------------

async function follow(lastId = "") {
  if (following || !conversation.exists) return;
  following = new AbortController();
  const newest = log.querySelector(".message:last-child[data-id]")?.dataset.id;
  for await (const event of conversation.follow(lastId || `m.${newest ?? ""}`, following.signal)) {
    if (event.event === "message") heard(event.data);
    else if (event.event !== "state") {
      const turn = turnOf(event.id);
      if (!answers.has(turn)) {
        const view = new AnswerView({ signedIn, shop });
        answers.set(turn, view);
        show(view.element);
      }
      const view = answers.get(turn);
      if (apply(view, event) && event.event === "error" && event.data.retryable) view.fail(event.data.message, () => ask(asked));
    }
  }
  following = null;
}

/** A message that came by another way than this window's own question. */
function heard(message) {
  if (log.querySelector(`[data-id="${CSS.escape(message.id)}"]`) || answers.has(message.id)) return;
  if (message.role === "user") {
    const own = [...log.querySelectorAll('[data-role="user"]:not([data-id])')];
    const same = own.find((element) => element.querySelector(".bubble").innerText.trim() === message.text.trim());
    if (same) same.dataset.id = message.id;
    else if (!composer.busy) show(mine(message.text, message.id));
    return;
  }
  if (composer.busy && message.role !== "staff") return; // this window's answer is arriving on its own stream
  show(theirs(message, { signedIn, shop }));
}

// --- the page -----------------------------------------------------------------------------------------------------------

function show(element) {
  const near = isAtEnd();
  welcome.hidden = true;
  find("new").hidden = false;
  document.getElementById("latest")?.removeAttribute("id");
  log.append(element);
  if (near || element.dataset.role === "user") toEnd();
}

/** Whether the reader stands where we put them, or lower; who scrolled up to read is left alone. */
function isAtEnd() {
  return scroll.scrollTop >= placed - 8 || scroll.scrollHeight - scroll.scrollTop - scroll.clientHeight < 160;
}

/** Show the newest, but never push the question that it answers out of sight. */
function toEnd() {
  const question = [...log.querySelectorAll('[data-role="user"]')].pop();
  const top = question ? question.getBoundingClientRect().top - scroll.getBoundingClientRect().top + scroll.scrollTop - 16 : Infinity;
  scroll.scrollTop = Math.min(scroll.scrollHeight, top);
  placed = scroll.scrollTop;
}

function suggest(questions) {
  const buttons = questions.map((question) => make("button", { class: "suggestion", type: "button", value: question }, question));
  suggestions.querySelector("form").replaceChildren(...buttons);
  suggestions.hidden = !questions.length;
}

function say(text) {
  if (notice.textContent === text) return;
  notice.textContent = text;
  notice.hidden = !text;
}

function nowSignedIn({ email, until }) {
  if (!find("locked").hidden) return location.reload(); // what was said before may be shown again
  signedIn = true;
  endAt(until);
  identity.querySelector("[data-email]").textContent = email;
  identity.querySelector("[data-until-words]").replaceChildren(...(until ? [" until ", moment(until)] : []));
  identity.hidden = false;
  for (const link of document.querySelectorAll("[data-sign-in]")) link.closest(".ask-sign-in")?.remove();
  document.querySelector(".sign-in-link").hidden = true;
  find("new").hidden = false;
  composer.focus();
  if (wantsSignIn && asked) ask(asked); // the question that could not be answered before
}

/** When the sign-in ends by itself: what was said under it leaves the screen, which may be looked at by somebody else by then. */
function endAt(until) {
  clearTimeout(ending);
  if (!until) return;
  const left = new Date(until) - Date.now();
  if (left > LONGEST_TIMER) {
    ending = setTimeout(endAt, LONGEST_TIMER, until);
    return;
  }
  ending = setTimeout(() => {
    signedIn = wantsSignIn = false;
    identity.hidden = true;
    document.querySelector(".sign-in-link").hidden = false;
    log.replaceChildren();
    suggest([]);
    find("locked").hidden = false;
  }, Math.max(left, 0));
}

function moment(when) {
  const at = new Date(when);
  const sameDay = at.toDateString() === new Date().toDateString();
  const words = at.toLocaleString([], { ...(sameDay ? {} : { weekday: "long" }), hour: "2-digit", minute: "2-digit" });
  return make("time", { datetime: when }, words);
}

document.addEventListener("click", (event) => {
  const link = event.target.closest("[data-sign-in]");
  if (link) {
    event.preventDefault();
    signIn.open();
  }
});

suggestions.addEventListener("click", (event) => {
  const button = event.target.closest(".suggestion");
  if (!button) return;
  event.preventDefault();
  composer.focus();
  ask(button.value);
});

log.addEventListener("submit", async (event) => {
  const form = event.target.closest("[data-thumbs]");
  if (!form) return;
  event.preventDefault();
  const helpful = event.submitter.value === "yes";
  const thanks = form.querySelector(".thanks");
  try {
    await conversation.feedback(form.elements.message.value, helpful);
    for (const thumb of form.querySelectorAll(".thumb")) thumb.setAttribute("aria-pressed", String(thumb === event.submitter));
    thanks.textContent = helpful ? "Thank you." : "Thank you — we will look at this answer.";
  } catch {
    thanks.textContent = "That could not be saved. Please try again.";
  }
});

find("human").addEventListener("submit", async (event) => {
  event.preventDefault();
  if (event.submitter) event.submitter.disabled = true;
  try {
    await conversation.begin();
    follow();
    const { message } = await conversation.handoff();
    say(message);
  } catch (error) {
    say(error instanceof Refused ? error.message : "The connection dropped. Please try again.");
  } finally {
    if (event.submitter) event.submitter.disabled = false;
  }
});

// Escape puts a quotation away that hides what lies under it
document.addEventListener("keydown", (event) => {
  if (event.key === "Escape") event.target.closest?.(".sources")?.classList.add("dismissed");
});
document.addEventListener("focusin", (event) => event.target.closest?.(".sources")?.classList.remove("dismissed"));

endAt(document.querySelector("time[data-ends]")?.dateTime);
for (const time of document.querySelectorAll("time[data-time]")) time.replaceWith(moment(time.dateTime));
if (matchMedia("(pointer: fine)").matches) composer.focus();
toEnd();
main.dataset.ready = "true";
if (running) {
  composer.waiting = true;
  const view = new AnswerView({ signedIn, shop });
  answers.set(running, view);
  show(view.element);
  const done = new MutationObserver(() => {
    if (view.element.hasAttribute("aria-busy")) return;
    composer.waiting = false;
    done.disconnect();
  });
  done.observe(view.element, { attributes: true });
  follow(`${running}.0`);
} else {
  follow();
}
