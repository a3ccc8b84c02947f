// All tasks: live, filtered, a page at a time.

import { el, put, said, badge, word, ago, count, announce, leaf, PHASES } from "./dom.js";
import { getJson, getText, query, calm, Stream } from "./api.js";

const PAGE = 50;
const FRESH_MAX = 200;
const TILES = [
  ["Needs you", ["awaiting_approval"], "awaiting_approval"],
  ["Working", ["preparing", "running", "validating", "delivering"], "running"],
  ["Waiting", ["received", "mediating", "queued", "paused"], "queued"],
  ["In review", ["in_review"], "in_review"],
  ["Done", ["done"], "done"],
  ["Failed", ["failed"], "failed"],
];

const state = { heads: [], next: null, filter: {}, busy: false };
const rows = new Map();
let ui;

/** Shows the page. */
export async function show(main, page) {
  document.title = "Tasks · Orchestrator";
  state.filter = Object.fromEntries(new URLSearchParams(location.search));
  build(main);
  const end = /ready (\d+)/.exec(await getText("/health/ready"))?.[1] ?? null;
  await Promise.all([load(false), tiles()]);
  const slow = calm(state.filter.text || state.filter.host ? 3000 : 1500, fresh);
  const told = calm(2500, tiles);
  if (end === null) setInterval(() => (slow(), told()), 5000);
  else {
    new Stream("/v1/events", end, () => {
      slow();
      told();
    }, (s) => {
      page.link(s);
      if (s === "live") slow();
    }, { brief: true });
  }
  return { key };
}

function build(main) {
  const f = state.filter;
  const pick = (name, label, options) => el("label", { class: "pick" }, el("span", {}, label),
    el("select", { name, on: { change: filter } },
      el("option", { value: "" }, "All"),
      options.map((o) => el("option", { value: o, selected: f[name] === o }, word(o)))));
  const type = (name, label, width) => el("label", { class: "pick" }, el("span", {}, label),
    el("input", { name, value: f[name] ?? "", size: width, spellcheck: "false", autocomplete: "off", on: { change: filter } }));
  ui = {
    tiles: el("ul", { class: "tiles", "aria-label": "Tasks by state" }),
    search: el("input", { name: "text", type: "search", value: f.text ?? "", placeholder: "Search titles, ids, people, repositories",
      "aria-label": "Search", autocomplete: "off", spellcheck: "false", maxlength: 200 }),
    list: el("ol", { class: "tasks", "aria-label": "Tasks, newest first" }),
    note: el("p", { class: "note", role: "status" }),
    more: el("button", { type: "button", class: "more", hidden: true, on: { click: () => load(true) } }, "Older tasks"),
  };
  let typing;
  ui.search.addEventListener("input", () => {
    clearTimeout(typing);
    typing = setTimeout(filter, 250);
  });
  ui.form = el("form", { class: "filters", role: "search", "aria-label": "Filter tasks", on: { submit: (e) => (e.preventDefault(), filter()) } },
    ui.search,
    pick("phase", "State", PHASES),
    pick("type", "Type", ["fix", "code_review", "summarize", "analyze", "documentation"]),
    pick("priority", "Priority", ["high", "medium", "low"]),
    type("requester", "Requester", 12),
    type("host", "Host", 10),
    el("button", { type: "button", class: "quiet", on: { click: clear } }, "Clear"));
  put(main, el("h1", { class: "unseen" }, "Tasks"), ui.tiles, ui.form, ui.list, ui.note, ui.more);
}

function clear() {
  for (const field of ui.form.elements) if (field.name) field.value = "";
  filter();
}

function filter() {
  state.filter = Object.fromEntries([...new FormData(ui.form)].filter(([, v]) => v !== ""));
  history.replaceState(null, "", location.pathname + query(state.filter));
  load(false).then(() => announce(`${state.heads.length} tasks shown`));
  marks();
}

let asked = 0;

async function load(older) {
  const mine = ++asked;
  ui.list.setAttribute("aria-busy", "true");
  const page = await getJson("/v1/tasks" + query({ ...state.filter, max: PAGE, after: older ? state.next : "" }));
  if (mine !== asked) return;
  state.heads = older ? [...state.heads, ...page.tasks] : page.tasks;
  state.next = page.next ?? null;
  draw();
}

// The newest again, without losing the older ones that were asked for.
async function fresh() {
  const mine = asked;
  const want = Math.min(Math.max(state.heads.length, PAGE), FRESH_MAX);
  const page = await getJson("/v1/tasks" + query({ ...state.filter, max: want }));
  if (mine !== asked) return;
  if (!page.next || state.heads.length <= page.tasks.length) {
    state.heads = page.tasks;
    state.next = page.next ?? null;
  } else {
    const there = new Set(page.tasks.map((t) => t.task_id));
    const last = page.tasks.at(-1)?.created_at ?? "";
    state.heads = [...page.tasks, ...state.heads.filter((t) => !there.has(t.task_id) && t.created_at <= last)];
  }
  draw();
}

function draw() {
  const wanted = state.heads.map((head) => {
    const known = rows.get(head.task_id);
    if (known?.version === head.version) return known.node;
    const node = known?.node ?? el("li", {});
    const moved = known && known.phase !== head.phase;
    const focused = node.contains(document.activeElement);
    put(node, row(head));
    if (focused) node.firstElementChild.focus();
    if (moved) {
      node.classList.remove("moved");
      void node.offsetWidth; // begins the animation anew
      node.classList.add("moved");
      announce(`${head.title || head.task_id}: ${word(head.phase)}`);
    }
    rows.set(head.task_id, { node, version: head.version, phase: head.phase });
    return node;
  });
  const present = new Set(wanted);
  for (const node of [...ui.list.children]) if (!present.has(node)) node.remove();
  wanted.forEach((node, i) => {
    if (ui.list.children[i] !== node) ui.list.insertBefore(node, ui.list.children[i] ?? null);
  });
  const ids = new Set(state.heads.map((h) => h.task_id));
  for (const id of rows.keys()) if (!ids.has(id)) rows.delete(id);
  ui.list.removeAttribute("aria-busy");
  ui.more.hidden = state.next === null;
  const filtered = Object.keys(state.filter).length > 0;
  ui.note.textContent =
    state.heads.length > 0 ? ""
    : state.next !== null ? "Nothing among the newest that were looked through. Older tasks may fit."
    : filtered ? "No task fits." : "No tasks yet. “New task” submits the first one.";
}

function row(head) {
  return el("a", { class: "task", href: "/tasks/" + encodeURIComponent(head.task_id), "data-phase": head.phase },
    badge(head.phase),
    el("span", { class: "what" },
      el("span", { class: "title" }, said(head.title || head.task_id)),
      el("span", { class: "meta" },
        head.kind && head.kind !== "unknown" && el("span", {}, word(head.kind)),
        head.repository && el("span", { class: "repo" }, said(leaf(head.repository))),
        head.requester && el("span", {}, "by ", said(head.requester)),
        head.host && el("span", {}, "on ", said(head.host)),
        head.turn > 1 && el("span", {}, "turn ", head.turn),
        head.attempt > 1 && el("span", {}, "attempt ", head.attempt))),
    el("span", { class: "side" },
      head.priority !== "medium" && el("span", { class: "priority", "data-priority": head.priority }, head.priority ?? "low"),
      ago(head.updated_at)));
}

async function tiles() {
  const status = await getJson("/v1/status");
  const phases = status.phases ?? {};
  put(ui.tiles, TILES.map(([label, of, phase]) => {
    const n = of.reduce((sum, p) => sum + (phases[p] ?? 0), 0);
    return el("li", {}, el("button", { type: "button", class: "tile", "data-phase": phase, "data-none": n === 0, "aria-pressed": "false",
      on: { click: () => toggle(phase) } },
    el("span", { class: "n" }, count(n)), el("span", { class: "of" }, label)));
  }));
  marks();
}

function toggle(phase) {
  const field = ui.form.elements.phase;
  field.value = field.value === phase ? "" : phase;
  filter();
}

function marks() {
  for (const tile of ui.tiles.querySelectorAll(".tile")) {
    tile.setAttribute("aria-pressed", String(tile.dataset.phase === state.filter.phase));
  }
}

function key(name) {
  if (name === "/") {
    ui.search.focus();
    ui.search.select();
    return true;
  }
  if (name === "j" || name === "k") {
    const links = [...ui.list.querySelectorAll("a.task")];
    const at = links.indexOf(document.activeElement);
    const to = links[name === "j" ? at + 1 : Math.max(0, at - 1)];
    to?.focus();
    to?.scrollIntoView({ block: "nearest" });
    return true;
  }
  return false;
}
