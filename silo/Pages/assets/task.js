// One task: where it is and why, what was done, what is asked, what was said.

import { el, put, said, prose, badge, word, ago, span, money, count, announce, plain } from "./dom.js";
import { getJson, getText, send, calm, Stream } from "./api.js";
import { Timeline } from "./timeline.js";
import { Diff } from "./diff.js";
import { Talk } from "./talk.js";
import { buttons } from "./acts.js";
import { checks, ruling } from "./checks.js";

const FACTS_MAX = 1000;
const LOG_MAX = 500;
const LIVE = ["preparing", "running"];

/** Shows the page. */
export async function show(main, page, id) {
  const path = "/v1/tasks/" + encodeURIComponent(id);
  const view = new Task(main, path);
  await view.load();
  const after = Math.max(0, view.task.version - FACTS_MAX);
  await view.facts(after);
  new Stream(path + "/events", view.seen, (entry) => view.take(entry), (s) => {
    page.link(s);
    if (s === "live") view.again();
  });
  return { key: (name) => view.key(name) };
}

class Task {
  constructor(main, path) {
    this.path = path;
    this.seen = 0;
    this.patch = null;
    this.timeline = new Timeline();
    this.diff = new Diff();
    this.talk = new Talk(path, () => this.again());
    this.log = el("div", { class: "log", role: "log", "aria-live": "off", "aria-label": "What the agent does", tabindex: "0" });
    this.again = calm(700, () => this.load());
    this.head = el("header", { class: "task-head" });
    this.ask = el("section", { class: "card ask", "aria-labelledby": "ask-title", hidden: true });
    this.why = el("section", { class: "card why", "aria-labelledby": "why-title" });
    this.live = el("section", { class: "card", "aria-labelledby": "log-title", hidden: true },
      el("h2", { id: "log-title" }, "Agent"), this.log);
    this.work = el("section", { class: "card", id: "diff", "aria-labelledby": "diff-title" });
    this.checks = el("section", { class: "card", id: "checks", "aria-labelledby": "checks-title" });
    this.about = el("section", { class: "card", "aria-labelledby": "about-title" });
    put(main, this.head,
      el("div", { class: "columns" },
        el("div", { class: "wide" }, this.ask, this.why, this.live, this.work, this.checks, this.talk.node),
        el("div", { class: "narrow" }, this.about,
          el("section", { class: "card", "aria-labelledby": "time-title" },
            el("h2", { id: "time-title" }, "Timeline"), this.timeline.node))));
  }

  async load() {
    const [task, explained] = await Promise.all([getJson(this.path), getJson(this.path + "/explain").catch(() => null)]);
    const moved = this.task && this.task.phase !== task.phase;
    this.task = task;
    document.title = `${word(task.phase)}: ${plain(task.title || task.task_id)} · Orchestrator`;
    if (moved) announce("The task is now: " + word(task.phase));
    const { updated_at, version, step, ...lasting } = task;
    this.drawHead();
    if (this.changed("ask", lasting)) this.drawAsk(explained);
    if (this.changed("why", explained)) this.drawWhy(explained);
    if (this.changed("about", lasting)) this.drawAbout();
    if (this.changed("checks", task.verification, task.judgement, task.policy, task.result)) {
      put(this.checks, el("h2", { id: "checks-title" }, "Checks"), checks(task), ruling(task.policy));
    }
    this.live.hidden = !LIVE.includes(task.phase) && this.log.children.length === 0;
    const running = LIVE.includes(task.phase);
    this.live.classList.toggle("running", running);
    // While it runs its steps come first; afterwards what it left does.
    const before = running ? this.work : this.talk.node;
    if (this.live.nextElementSibling !== before) before.before(this.live);
    await Promise.all([this.loadDiff(), this.talk.load()]);
  }

  async facts(after) {
    const page = await getJson(`${this.path}/facts?max=${FACTS_MAX}&after=${after}`);
    if (after > 0) this.timeline.cutAt(after);
    for (const entry of page.facts) this.take(entry, false);
    this.timeline.settle();
    this.live.hidden = !LIVE.includes(this.task.phase) && this.log.children.length === 0;
  }

  // A fact is taken once, in order: what the stream sends again after a cut was seen.
  take(entry, live = true) {
    if (entry.sequence <= this.seen) return;
    this.seen = entry.sequence;
    if (entry.fact.fact === "progressed") this.step(entry);
    else {
      this.timeline.add(entry, live);
      if (entry.fact.fact === "run-started") put(this.log);
      if (live) this.again();
    }
  }

  step(entry) {
    const step = entry.fact.step ?? {};
    const atEnd = this.log.scrollHeight - this.log.scrollTop - this.log.clientHeight < 40;
    this.log.append(el("p", {}, el("time", { "data-fixed": true, datetime: entry.at }, entry.at.slice(11, 19)), said(step.text, "code")));
    while (this.log.children.length > LOG_MAX) this.log.firstElementChild.remove();
    if (atEnd) this.log.scrollTop = this.log.scrollHeight;
    this.live.hidden = false;
  }

  drawHead() {
    const t = this.task;
    const focus = document.activeElement?.closest?.(".acts") && document.activeElement.textContent;
    put(this.head,
      el("p", { class: "crumb" }, el("a", { href: "/" }, "Tasks"), " / ", el("code", {}, plain(t.task_id))),
      el("div", { class: "row head-row" }, el("h1", {}, said(t.title || t.task_id)), badge(t.phase)),
      el("div", { class: "row spread" },
        el("p", { class: "meta" },
          el("span", {}, word(t.kind)),
          t.repository && el("span", { class: "repo" }, said(t.repository)),
          el("span", {}, "by ", said(t.requester)),
          t.turn > 1 && el("span", {}, "turn ", t.turn),
          el("span", {}, "updated ", ago(t.updated_at))),
        buttons(t, this.path, () => this.again())));
    if (focus) [...this.head.querySelectorAll(".acts button")].find((b) => b.textContent === focus)?.focus();
  }

  drawAsk(explained) {
    const t = this.task;
    this.ask.hidden = t.phase !== "awaiting_approval";
    if (this.ask.hidden) return;
    const hash = t.guarded?.diff?.hash;
    const questions = t.questions ?? [];
    put(this.ask,
      el("h2", { id: "ask-title" }, questions.length > 0 ? "It asks before it writes code" : "It waits for your answer"),
      el("p", {}, said(t.waiting_for || explained?.headline || "", "span")),
      questions.length > 0 && el("ol", {}, questions.map((q, i) => el("li", {}, said(q),
        t.assumptions?.[i] && el("span", { class: "meta" }, " otherwise: ", said(t.assumptions[i]))))),
      t.command && el("p", {}, el("span", { class: "meta" }, "In ", said(t.command.folder || "the worktree", "code")),
        el("pre", { class: "output" }, plain(t.command.command))),
      hash && !t.command && el("p", { class: "meta" }, "The diff below, ", el("code", {}, hash.slice(0, 12)), ", is what is approved: another one would be asked about again."),
      el("p", { class: "meta" },
        t.approvals_needed > 0 && `${(t.approved_by ?? []).length} of ${t.approvals_needed} approvals. `,
        (t.approved_by ?? []).length > 0 && ["Yes so far: ", t.approved_by.map((b, i) => [i > 0 && ", ", said(b)]), ". "],
        t.approval_to && ["Asked by name: ", said(t.approval_to), ". "],
        t.due && ["Ends ", ago(t.due), "."]));
  }

  drawWhy(explained) {
    const t = this.task;
    this.why.hidden = !explained;
    if (!explained) return;
    const why = [t.failure && el("p", { class: "problem" }, el("code", {}, plain(t.failure.code)), " ", said(t.failure.message)),
      explained.reasons?.length > 0 && el("ul", {}, explained.reasons.map((r) => el("li", {}, said(r)))),
      explained.next_steps?.length > 0 && el("div", { class: "next" }, el("span", { class: "meta" }, "What helps"),
        el("ul", {}, explained.next_steps.map((s) => el("li", {}, said(s, "code")))))];
    // What is asked stands above already: the reasons are there for whoever wants them.
    if (t.phase === "awaiting_approval") {
      const open = this.why.querySelector("details")?.open;
      put(this.why, el("h2", { id: "why-title", class: "unseen" }, "Why"), el("details", { open }, el("summary", {}, "Why it asks, and the same on the command line"), why));
    } else put(this.why, el("h2", { id: "why-title", class: "headline" }, said(explained.headline, "span")), why);
  }

  // What did not change is left alone: it may be open, selected or focused.
  changed(name, ...of) {
    const text = JSON.stringify(of);
    this.drawn ??= {};
    if (this.drawn[name] === text) return false;
    this.drawn[name] = text;
    return true;
  }

  drawAbout() {
    const t = this.task;
    const d = t.delivery;
    const line = (name, ...what) => what.flat().some(Boolean) && [el("dt", {}, name), el("dd", {}, what)];
    put(this.about, el("h2", { id: "about-title" }, "About"),
      el("dl", { class: "facts" },
        line("Turn", t.turn, t.attempt > 0 && `, attempt ${t.attempt}`),
        line("Agent", said(t.agent_label || t.runner)),
        line("Host", t.host && said(t.host)),
        line("Priority", word(t.priority)),
        line("Base", t.base_commit && el("code", {}, plain(t.base_commit.slice(0, 12)))),
        line("Took", t.result && span(t.result.duration_seconds)),
        line("Cost", money(t.cost_usd), `, ${count(t.tokens)} tokens`),
        line("Session", t.session && said(t.session)),
        line("Pull request", d?.pull_request && said(`${t.remote} #${d.pull_request.number ?? ""}`)),
        line("Tickets", (t.tickets ?? []).map((k, i) => [i > 0 && ", ", said(k)])),
        line("Forked from", t.parent_task_id && el("a", { href: "/tasks/" + encodeURIComponent(t.parent_task_id) }, plain(t.parent_task_id))),
        line("Accepted", ago(t.created_at))),
      (t.constraints ?? []).length > 0 && [el("h3", {}, "Must hold in every turn"), el("ul", {}, t.constraints.map((c) => el("li", {}, said(c))))],
      (t.overlaps ?? []).length > 0 && [el("h3", {}, "Touches the same files as"),
        el("ul", {}, t.overlaps.map((o) => el("li", {}, el("a", { href: "/tasks/" + encodeURIComponent(o.task_id) }, plain(o.task_id)))))],
      el("details", { open: t.request.length < 600 }, el("summary", {}, "Request"), prose(t.request)));
  }

  async loadDiff() {
    const summary = this.task.result?.diff;
    const patch = summary?.patch_blob ?? "";
    if (this.patch === patch) return;
    this.patch = patch;
    const text = patch ? await getText(this.path + "/diff") : "";
    put(this.work, el("div", { class: "row spread" }, el("h2", { id: "diff-title" }, "Diff"),
      summary && patch && el("p", { class: "meta" }, summary.files_total === 1 ? "1 file " : `${summary.files_total} files `,
        el("b", { class: "plus" }, "+" + count(summary.added_lines)), " ",
        el("b", { class: "minus" }, "−" + count(summary.deleted_lines)))),
      (summary?.excluded_files ?? []).length > 0 && el("p", { class: "note" }, "Never committed: ",
        summary.excluded_files.map((f, i) => [i > 0 && ", ", said(f, "code")])),
      (summary?.secrets ?? []).length > 0 && el("p", { class: "problem" }, "Looks like secrets: ",
        summary.secrets.map((s, i) => [i > 0 && ", ", said(`${s.path}:${s.line} ${s.rule}`, "code")])),
      this.diff.show(text));
  }

  key(name) {
    if (name === "r") {
      this.talk.focus();
      return true;
    }
    return name === "j" || name === "k" ? this.diff.step(name === "j" ? 1 : -1) : false;
  }
}
