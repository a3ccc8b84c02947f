// What was said in a task, and the next word.

import { el, put, said, prose, ago, announce } from "./dom.js";
import { Refused, getJson, send } from "./api.js";

const SHOWN_MAX = 200;

/** The conversation with its reply box. */
export class Talk {
  constructor(path, then) {
    this.path = path;
    this.then = then;
    this.shown = 0;
    this.key = crypto.randomUUID();
    this.list = el("ol", { class: "talk" });
    this.problem = el("p", { class: "problem", role: "alert" });
    this.box = el("textarea", { name: "text", rows: 3, required: true, maxlength: 200000, dir: "auto", placeholder: "A reply is the task’s next turn" });
    this.now = el("input", { type: "checkbox", name: "interrupt" });
    this.ok = el("button", { type: "submit", class: "primary" }, "Reply");
    this.node = el("section", { class: "card", id: "talk", "aria-labelledby": "talk-title" },
      el("h2", { id: "talk-title" }, "Conversation"), this.list,
      el("form", { class: "reply", on: { submit: (e) => (e.preventDefault(), this.send()) } },
        el("label", {}, "Your reply", this.box), this.problem,
        el("div", { class: "row spread" }, el("label", { class: "check" }, this.now, " Stop what runs for it"), this.ok)));
    this.box.addEventListener("keydown", (e) => {
      if (e.key === "Enter" && (e.ctrlKey || e.metaKey)) this.send();
    });
  }

  focus() {
    this.box.focus();
    this.node.scrollIntoView({ block: "nearest" });
  }

  /** Adds what is new. A reply that waited is told again when its turn comes. */
  async load() {
    const first = await getJson(`${this.path}/conversation?max=1`);
    const after = Math.max(0, first.total - SHOWN_MAX);
    const page = await getJson(`${this.path}/conversation?max=${SHOWN_MAX}&after=${after}`);
    const text = JSON.stringify(page.entries);
    if (this.drawn === text) return;
    this.drawn = text;
    put(this.list, after > 0 && el("li", { class: "note" }, `${after} earlier entries: orchestrator show --conversation`),
      page.entries.map(entry));
  }

  async send() {
    if (!this.box.value.trim() || this.ok.disabled) return;
    this.ok.disabled = true;
    this.problem.textContent = "";
    try {
      const body = { text: this.box.value, ...(this.now.checked ? { interrupt: true } : {}) };
      const answer = await send("POST", this.path + "/reply", body, { "Idempotency-Key": this.key });
      this.key = crypto.randomUUID();
      this.box.value = "";
      this.now.checked = false;
      announce(answer.waiting ? "Your reply waits for what is under way to end" : "Your reply begins a turn");
      this.then();
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      this.problem.textContent = error.message;
    } finally {
      this.ok.disabled = false;
    }
  }
}

const WHO = { user: "Person", mediator: "Mediator", agent: "Agent" };

function entry(e) {
  return el("li", { "data-role": e.role },
    el("p", { class: "meta" },
      el("strong", {}, said(e.author || WHO[e.role] || e.role)),
      e.role !== "user" && e.author && el("span", {}, WHO[e.role] ?? ""),
      e.channel && el("span", {}, "through ", said(e.channel)),
      e.turn > 0 ? el("span", {}, "turn ", e.turn) : el("span", { class: "waiting" }, e.withdrawn ? "withdrawn" : "waits for its turn"),
      ago(e.at)),
    prose(e.text),
    (e.constraints ?? []).length > 0 && el("ul", {}, e.constraints.map((c) => el("li", {}, "Must hold: ", said(c)))),
    (e.attachments ?? []).length > 0 && el("p", { class: "meta" }, "With ", e.attachments.map((a, i) => [i > 0 && ", ", said(a, "code")])));
}
