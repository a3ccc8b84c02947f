// Hosts with their slots, and the queue with its reasons.

import { el, put, said, span, ago, count, word, plain } from "./dom.js";
import { Refused, getJson, send, calm } from "./api.js";
import { confirm } from "./dialogs.js";

const PERIOD = 3000;
const EXPLAINED = 10;

/** Shows the page. */
export async function show(main, page) {
  document.title = "Hosts · Orchestrator";
  const hosts = el("div", { class: "cards" });
  const queue = el("section", { class: "card", "aria-labelledby": "queue-title" });
  const server = el("section", { class: "card", "aria-labelledby": "server-title" });
  put(main, el("h1", {}, "Hosts and queue"), el("section", { "aria-label": "Hosts" }, hosts),
    el("div", { class: "columns" }, el("div", { class: "wide" }, queue), el("div", { class: "narrow" }, server)));
  const reasons = new Map();

  const load = async () => {
    const [list, status, waiting] = await Promise.all([
      getJson("/v1/hosts"), getJson("/v1/status"), getJson("/v1/tasks?phase=queued&max=50"),
    ]);
    const first = waiting.tasks.slice(-EXPLAINED);
    await Promise.all(first.map(async (t) => {
      const told = await getJson(`/v1/tasks/${encodeURIComponent(t.task_id)}/explain`).catch(() => null);
      reasons.set(t.task_id, told);
    }));
    const focus = document.activeElement?.dataset?.focus;
    put(hosts, list.hosts.length > 0 ? list.hosts.map((h) => card(h, again)) : el("p", { class: "note" }, "No host has registered yet."));
    drawQueue(queue, status.queue ?? {}, waiting, reasons, again);
    drawServer(server, status);
    if (focus) main.querySelector(`[data-focus="${CSS.escape(focus)}"]`)?.focus();
  };
  const again = calm(500, load);
  await load();
  page.link("live");
  setInterval(async () => {
    if (document.hidden || document.querySelector("dialog[open]")) return;
    try {
      await load();
      page.link("live");
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      page.link("cut");
    }
  }, PERIOD);
  return {};
}

function card(h, again) {
  const drained = h.state === "drained";
  const used = h.slots_used ?? 0;
  const free = Math.max(0, h.slots - used);
  return el("article", { class: "card host", "data-state": h.state },
    el("div", { class: "row spread" }, el("h2", {}, said(h.host)), el("span", { class: "badge", "data-host": h.state }, word(h.state))),
    el("p", { class: "slots", role: "img", "aria-label": `${used} of ${h.slots} slots in use` },
      Array.from({ length: Math.min(h.slots, 64) }, (_, i) => el("span", { class: "slot", "data-used": i < used }))),
    el("p", { class: "meta" }, el("span", {}, `${used} in use, ${free} free`),
      h.disk_free_bytes != null && el("span", {}, `${count(Math.round(h.disk_free_bytes / 1e9))} GB disk free`),
      Math.abs(h.clock_skew_seconds ?? 0) > 5 && el("span", { class: "minus" }, `clock off by ${span(Math.abs(h.clock_skew_seconds))}`),
      h.lease_until && el("span", {}, "lease ends ", ago(h.lease_until))),
    h.problem && el("p", { class: "problem" }, said(h.problem)),
    (h.labels ?? []).length > 0 && el("p", { class: "labels" }, h.labels.map((l) => said(l, "code"))),
    (h.runners ?? []).length > 0 && el("ul", { class: "plain" }, h.runners.map((r) => el("li", { "data-bad": !!r.problem },
      el("strong", {}, said(r.kind)), " ", said(r.version), r.problem && el("span", { class: "minus" }, " ", said(r.problem)),
      r.drift && el("span", { class: "meta" }, " ", said(r.drift))))),
    (h.runs ?? []).length > 0 && el("ul", { class: "plain", "aria-label": "Runs" }, h.runs.map((r) => {
      const [task, attempt] = r.split("#");
      return el("li", {}, el("a", { href: "/tasks/" + encodeURIComponent(task) }, plain(task)), ` attempt ${plain(attempt ?? "")}`);
    })),
    (h.state === "online" || drained) && el("button", { type: "button", "data-focus": "drain " + h.host, on: { click: () => confirm({
      title: drained ? "Take work again" : "Drain the host",
      text: drained ? `${plain(h.host)} takes new runs again.` : `${plain(h.host)} gets no new runs; those that run go on.`,
      verb: drained ? "Take work" : "Drain",
      act: async () => {
        await send(drained ? "DELETE" : "PUT", `/v1/hosts/${encodeURIComponent(h.host)}/drain`);
        again();
      },
    }) } }, drained ? "Take work again" : "Drain"));
}

function drawQueue(node, q, waiting, reasons, again) {
  const stopped = !!q.stopped_at;
  const priorities = ["high", "medium", "low"];
  put(node,
    el("div", { class: "row spread" }, el("h2", { id: "queue-title" }, "Queue"),
      el("button", { type: "button", class: stopped ? "primary" : "danger-quiet", "data-focus": "stop", on: { click: () => confirm({
        title: stopped ? "Let work go on" : "Stop everything",
        text: stopped ? "The emergency stop ends: runs begin again." : "Every run ends now and none begins. Turns are queued again; nothing is lost.",
        verb: stopped ? "Go on" : "Stop everything", danger: !stopped,
        act: async () => {
          await send(stopped ? "DELETE" : "PUT", "/v1/estop");
          again();
        },
      }) } }, stopped ? "Go on" : "Stop everything")),
    stopped && el("p", { class: "problem" }, "Everything is stopped by ", said(q.stopped_by), " since ", ago(q.stopped_at), "."),
    el("p", { class: "meta" }, `${count(q.waiting)} wait, ${count(q.slots_used)} of ${count(q.slots_total)} slots in use, ${count(q.admitted)} of at most ${count(q.size_max)} admitted`,
      q.refused > 0 && `, ${count(q.refused)} refused`),
    el("ul", { class: "priorities" }, priorities.map((l) => el("li", {},
      el("span", { class: "priority", "data-priority": l }, l), el("strong", {}, count(q.waiting_by_lane?.[l])),
      el("span", { class: "meta" }, (q.oldest_seconds_by_lane?.[l] ?? 0) > 0 ? "longest " + span(q.oldest_seconds_by_lane[l]) : "nobody waits")))),
    (q.accounts ?? []).filter((a) => a.closed_until).map((a) => el("p", { class: "problem" }, "The agent account ", said(a.account), " is closed until ", ago(a.closed_until))),
    waiting.tasks.length > 0
      ? el("ol", { class: "waiting" }, [...waiting.tasks].reverse().map((t) => el("li", {},
        el("a", { href: "/tasks/" + encodeURIComponent(t.task_id) }, said(t.title || t.task_id)),
        el("span", { class: "meta" }, el("span", { class: "priority", "data-priority": t.priority }, t.priority), "by ", said(t.requester), " since ", ago(t.updated_at)),
        reasons.get(t.task_id) && el("span", { class: "reason" }, said([reasons.get(t.task_id).headline, ...(reasons.get(t.task_id).reasons ?? []).slice(-1)].join(" "))))))
      : el("p", { class: "note" }, "Nobody waits for a slot."),
    waiting.next && el("p", { class: "meta" }, "Only the newest 50 are listed."));
}

function drawServer(node, s) {
  put(node, el("h2", { id: "server-title" }, "Server"),
    el("dl", { class: "facts" },
      el("dt", {}, "Version"), el("dd", {}, plain(s.version)),
      el("dt", {}, "Runs since"), el("dd", {}, ago(s.started_at)),
      el("dt", {}, "Dead letters"), el("dd", {}, count(s.dead_letters)),
      el("dt", {}, "Fenced reports"), el("dd", {}, count(s.fenced))),
    el("ul", { class: "plain" }, (s.components ?? []).map((c) => el("li", { "data-bad": !c.ok },
      el("span", { class: c.ok ? "plus" : "minus" }, c.ok ? "✓ " : "✗ "), said(c.name), el("span", { class: "meta" }, " ", said(c.detail))))),
    el("p", {}, el("a", { href: "/dashboard/" }, "Orleans dashboard")));
}
