// Small makers of elements. Text is always set as text; the one place that takes HTML is `answerHtml`.

/** An element with attributes and children; null and "" attributes and children are left out. */
export function make(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value !== null && value !== undefined && value !== "" && value !== false) element.setAttribute(name, value === true ? "" : value);
  }
  element.append(...children.flat().filter((child) => child !== null && child !== undefined && child !== ""));
  return element;
}

export function hidden(text) {
  return make("span", { class: "visually-hidden" }, text);
}

export function icon(name) {
  const space = "http://www.w3.org/2000/svg";
  const svg = document.createElementNS(space, "svg");
  svg.setAttribute("class", "icon");
  svg.setAttribute("aria-hidden", "true");
  const use = document.createElementNS(space, "use");
  use.setAttribute("href", `#i-${name}`);
  svg.append(use);
  return svg;
}

/** The sanitised HTML of an answer, as nodes. The server made it from an allow-list; the page's policy runs no script either way. */
export function answerHtml(html) {
  const parsed = new DOMParser().parseFromString(html, "text/html"); // a document of its own: nothing in it runs or loads
  const fragment = document.createDocumentFragment();
  fragment.append(...parsed.body.childNodes);
  return fragment;
}

/** An address that may be opened: a web page, or one of our own pages. */
export function safeUrl(url) {
  return /^https?:\/\//i.test(url) || /^\/(?![/\\])/.test(url) ? url : "";
}
