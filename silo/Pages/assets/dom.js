// Makes elements. Text of agents, repositories and chats only ever becomes text: there is no way to markup in here.

const SVG = "http://www.w3.org/2000/svg";

/** An element; props are attributes, `on` an object of listeners, children are nodes or text. */
export function el(tag, props = {}, ...children) {
  return fill(document.createElement(tag), props, children);
}

/** The same in SVG. */
export function svg(tag, props = {}, ...children) {
  return fill(document.createElementNS(SVG, tag), props, children);
}

function fill(node, props, children) {
  for (const [name, value] of Object.entries(props)) {
    if (value === null || value === undefined || value === false) continue;
    if (name === "on") {
      for (const [event, listener] of Object.entries(value)) node.addEventListener(event, listener);
    } else if (name === "value" || name === "checked") {
      node[name] = value;
    } else {
      node.setAttribute(name, value === true && !name.startsWith("data-") ? "" : String(value));
    }
  }
  add(node, children);
  return node;
}

function add(node, children) {
  for (const child of children.flat(Infinity)) {
    if (child === null || child === undefined || child === false) continue;
    node.append(child instanceof Node ? child : document.createTextNode(String(child)));
  }
}

/** Puts other children in place of the present ones. */
export function put(node, ...children) {
  node.replaceChildren();
  add(node, children);
  return node;
}

// What would turn the order of letters round, or hide something, is shown as what it is.
const HIDDEN = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u00ad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]/g;

/** A text with everything invisible in it made visible. */
export function plain(text) {
  return String(text ?? "").replace(
    HIDDEN,
    (c) => "‹U+" + c.charCodeAt(0).toString(16).toUpperCase().padStart(4, "0") + "›",
  );
}

/** Foreign text as its own island: its direction does not leak into what stands around it. */
export function said(text, tag = "bdi", props = {}) {
  return el(tag, props, plain(text));
}

/** For lines of prose: newlines stay, the rest as plain. */
export function prose(text, max = 20000) {
  const whole = String(text ?? "").replace(/\r\n?/g, "\n");
  const lines = (whole.length > max ? whole.slice(0, max) + "\n… (cut)" : whole).split("\n").map(plain);
  return el("div", { class: "prose", dir: "auto" }, lines.join("\n"));
}

const WORDS = {
  none: "New", received: "Received", mediating: "Planning", queued: "Queued", preparing: "Preparing", running: "Running",
  validating: "Checking", delivering: "Delivering", in_review: "In review", done: "Done",
  awaiting_approval: "Needs approval", paused: "Paused", failed: "Failed", cancelled: "Cancelled",
  fix: "Fix", code_review: "Review", summarize: "Summary", analyze: "Analysis", documentation: "Docs", unknown: "—",
};

/** The word that people are shown for a name of the API. */
export function word(name) {
  return WORDS[name] ?? plain(String(name ?? "").replaceAll("_", " "));
}

/** The phases in the order of a task's life. */
export const PHASES = ["received", "mediating", "queued", "preparing", "running", "validating", "awaiting_approval",
  "paused", "delivering", "in_review", "done", "failed", "cancelled"];

/** A phase as a coloured word. */
export function badge(phase) {
  return el("span", { class: "badge", "data-phase": phase }, word(phase));
}

const NUMBERS = new Intl.NumberFormat("en");
const WHEN = new Intl.DateTimeFormat("en-GB", { dateStyle: "medium", timeStyle: "medium" });
const CLOCK = new Intl.DateTimeFormat("en-GB", { timeStyle: "medium" });

export const count = (n) => NUMBERS.format(n ?? 0);
export const money = (n) => "$" + Number(n ?? 0).toFixed(Number(n ?? 0) >= 100 ? 0 : 2);

/** Seconds as people say them. */
export function span(seconds) {
  const s = Math.max(0, Number(seconds) || 0);
  if (s > 0 && s < 0.1) return "under 0.1 s";
  if (s < 10) return (Math.round(s * 10) / 10) + " s";
  if (s < 90) return Math.round(s) + " s";
  if (s < 5400) return Math.round(s / 60) + " min";
  if (s < 129600) return Math.round(s / 3600) + " h";
  return Math.round(s / 86400) + " d";
}

/** An instant: how long ago, and exactly when in its title. Told anew by tick(). */
export function ago(instant) {
  const node = el("time", { datetime: instant, title: instant ? WHEN.format(new Date(instant)) : "" });
  tell(node);
  return node;
}

/** The time of day. */
export function clock(instant) {
  return el("time", { datetime: instant, title: WHEN.format(new Date(instant)), "data-fixed": true }, CLOCK.format(new Date(instant)));
}

function tell(node) {
  const seconds = (Date.now() - Date.parse(node.dateTime)) / 1000;
  node.textContent = !(seconds > -1) ? "in " + span(Math.round(-seconds)) : seconds < 5 ? "just now" : span(seconds) + " ago";
}

/** Brings every "… ago" up to date. */
export function tick() {
  for (const node of document.querySelectorAll("time:not([data-fixed])")) tell(node);
}

let spoken;
/** Says something to people who hear the page. */
export function announce(text) {
  const live = document.getElementById("live");
  if (!live) return;
  clearTimeout(spoken);
  spoken = setTimeout(() => (live.textContent = plain(text)), 150);
}

/** The last part of a path. */
export const leaf = (path) => String(path ?? "").split(/[\\/]/).filter(Boolean).pop() ?? "";
