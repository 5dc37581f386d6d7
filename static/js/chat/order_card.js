// An order as a card; the same structure as templates/chat/_order.html.

import { hidden, icon, make, safeUrl } from "./dom.js";

const SPOKEN = { done: ", done", current: ", now", problem: ", needs attention", todo: ", to come" };

/** open: whether the items show at once, as they do for a single order. */
export function orderCard(order, { open }) {
  return make(
    "section",
    { class: "order", "aria-label": `Order ${order.number}`, "data-order": order.number },
    make(
      "header",
      { class: "order-head" },
      make("p", { class: "order-number" }, "Order ", make("strong", {}, order.number)),
      make("span", { class: "pill", "data-status": order.status }, order.status),
      make("p", { class: "order-headline" }, order.headline),
      order.as_of_words ? make("p", { class: "order-age" }, make("time", { datetime: order.as_of }, order.as_of_words)) : null,
    ),
    order.progress?.length ? make("ol", { class: "progress", "aria-label": "Progress" }, order.progress.map(step)) : null,
    (order.shipments ?? []).map((shipment, place, all) => parcel(shipment, all.length > 1 ? `Parcel ${place + 1}` : "")),
    details(order, open),
  );
}

function step({ label, state, at }) {
  const here = state === "current" || state === "problem";
  return make(
    "li",
    { "data-step": state, "aria-current": here ? "step" : "" },
    make("span", { class: "dot", "aria-hidden": "true" }, icon(state === "problem" ? "bang" : "check")),
    make("span", { class: "step" }, label, hidden(SPOKEN[state] ?? "")),
    at ? make("span", { class: "at" }, at) : null,
  );
}

function parcel(shipment, name) {
  const url = safeUrl(shipment.tracking_url || "");
  const seen = [[shipment.last_event, shipment.place].filter(Boolean).join(", "), shipment.last_event ? shipment.last_event_words : ""];
  const lines = [
    shipment.when_words || null,
    shipment.last_event ? make("span", { class: "soft" }, seen.filter(Boolean).join(" · ")) : null,
  ].filter(Boolean);
  return make(
    "div",
    { class: "parcel" },
    make(
      "p",
      {},
      make("strong", {}, [name, shipment.carrier].filter(Boolean).join(" · ")),
      " ",
      make("span", { class: "tracking" }, shipment.tracking_number),
      lines.flatMap((line) => [make("br"), line]),
    ),
    url ? make("a", { class: "button small", href: url, target: "_blank", rel: "noopener noreferrer" }, "Track parcel", icon("out")) : null,
  );
}

function details(order, open) {
  const count = order.items?.length ?? 0;
  const facts = [
    ["Ordered", order.placed_words],
    ["Goes to", order.destination],
    ["Refunded", order.refunded],
    ["Refund on its way", order.refund_pending],
  ].filter(([, value]) => value);
  return make(
    "details",
    { class: "order-more", open },
    make("summary", {}, `${count} item${count === 1 ? "" : "s"}${order.total ? ` · ${order.total}` : ""}`),
    make("ul", { class: "items" }, (order.items ?? []).map(item)),
    make("dl", { class: "facts" }, facts.map(([name, value]) => make("div", {}, make("dt", {}, name), make("dd", {}, value)))),
  );
}

function item({ name, options, quantity, price }) {
  const label = make("span", {}, quantity === 1 ? "" : `${quantity} × `, name, options ? make("small", {}, options) : null);
  return make("li", {}, label, make("span", { class: "price" }, price));
}
