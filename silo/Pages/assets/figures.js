// Cost by day and how tasks end, over all history.

import { el, put, count, money, span, word, leaf } from "./dom.js";
import { getJson } from "./api.js";
import { bars, columns } from "./charts.js";

/** Shows the page. */
export async function show(main, page) {
  document.title = "Figures · Orchestrator";
  const [stats, byDay, budgets] = await Promise.all([
    getJson("/v1/stats"), getJson("/v1/stats/by/day"), getJson("/v1/budgets"),
  ]);
  const t = stats.tasks;
  const spent = byDay.days.reduce((sum, d) => sum + Number(d.cost_usd), 0);
  const figure = (label, value) => el("li", { class: "tile still" }, el("span", { class: "n" }, value), el("span", { class: "of" }, label));
  put(main, el("h1", {}, "Figures"),
    el("ul", { class: "tiles", "aria-label": "All history" },
      figure("Ended tasks", count(t.total)), figure("Succeeded", t.total > 0 ? Math.round(rate(t) * 100) + " %" : "—"),
      figure("Half take at most", t.total > 0 ? span(t.durations.p50) : "—"), figure("95 % take at most", t.total > 0 ? span(t.durations.p95) : "—"),
      figure("Cost, all history", money(t.cost_usd)), figure("Tokens", short(t.tokens))),
    card("Cost per day", `Last ${byDay.days.length} days, UTC: ${money(spent)} together`,
      columns("Cost per day", byDay.days.map((d) => ({ label: d.name, value: Number(d.cost_usd), text: `${money(d.cost_usd)}, ${count(d.runs)} runs` })))),
    el("div", { class: "cards" },
      card("How tasks end", "All history", bars("How tasks end", [
        { label: "Done", value: t.success, tone: "good", text: count(t.success) },
        { label: "Failed", value: t.failed, tone: "bad", text: count(t.failed) },
        { label: "Cancelled", value: t.cancelled, tone: "dim", text: count(t.cancelled) }])),
      card("By type", "Done and failed", bars("Tasks by type", Object.entries(t.by_type ?? {}).map(([kind, n]) => ({
        label: word(kind), value: n.total, part: n.success, tone: "good", text: `${count(n.success)} of ${count(n.total)}` })))),
      card("Why tasks fail", "By class of error", bars("Errors", Object.entries(t.by_error ?? {}).sort((a, b) => b[1] - a[1]).slice(0, 10)
        .map(([kind, n]) => ({ label: word(kind), value: n, tone: "bad", text: count(n) })))),
      card("Time in each phase", "Half and 95 % of the tasks", bars("Time in each phase", Object.entries(t.by_phase ?? {}).map(([phase, p]) => ({
        label: word(phase), value: p.p95, part: p.p50, tone: "go", text: `${span(p.p50)} · ${span(p.p95)}` })))),
      card("Today", "Cost by requester and repository", bars("Cost today", budgets.lines.filter((l) => l.scope !== "all").slice(0, 12).map((l) => ({
        label: (l.scope === "repository" ? leaf(l.name) : l.name) || "—", value: Number(l.cost_usd), tone: l.reached ? "bad" : "go",
        text: money(l.cost_usd) + (l.limit.cost_usd > 0 ? " of " + money(l.limit.cost_usd) : "") }))))));
  page.link("idle");
  return {};
}

const rate = (t) => (t.success_rate > 1 ? t.success_rate / 100 : t.success_rate);

function short(n) {
  return n >= 1e9 ? (n / 1e9).toFixed(1) + " B" : n >= 1e6 ? (n / 1e6).toFixed(1) + " M" : n >= 1e4 ? (n / 1e3).toFixed(0) + " k" : count(n);
}

function card(title, note, content) {
  return el("section", { class: "card" }, el("h2", {}, title), el("p", { class: "meta" }, note), content);
}
