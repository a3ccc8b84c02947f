// What the orchestrator's own checks and the policy said.

import { el, said, span, word, plain } from "./dom.js";

/** Verification and judgement of the last attempt. */
export function checks(task) {
  const v = task.verification;
  const j = task.judgement;
  return [
    j && el("p", { class: "verdict", "data-good": j.accepted }, j.accepted ? "✓ Accepted" : "✗ Not accepted",
      el("span", { class: "meta" }, " ", plain(j.outcome), " by evidence")),
    j && (j.findings ?? []).length > 0 && el("ul", { class: "findings" }, j.findings.map((f) =>
      el("li", { "data-bad": f.blocking }, el("code", {}, plain(f.code)), " ", said(f.message)))),
    v && (v.commands ?? []).length > 0 && el("ul", { class: "commands" }, v.commands.map(command)),
    v && (v.commands ?? []).length === 0 && el("p", { class: "note" }, v.problem ? said(v.problem) : "No verify commands: nothing was run."),
    v && el("p", { class: "meta" }, "Commands from ", said(v.source), "; run by the orchestrator, not by the agent."),
    !v && !j && el("p", { class: "note" }, "Nothing was checked yet."),
    (task.result?.denials ?? []).length > 0 && el("details", {}, el("summary", {}, `${task.result.denials.length} denied tool calls`),
      el("ul", {}, task.result.denials.map((d) => el("li", {}, said(d, "code"))))),
    task.result?.stderr_tail && el("details", {}, el("summary", {}, "Last words on stderr"), output(task.result.stderr_tail)),
  ];
}

function command(c) {
  const good = c.exit_code === 0 && !c.timed_out;
  return el("li", {},
    el("details", { open: !good },
      el("summary", {}, el("span", { class: good ? "plus" : "minus" }, good ? "✓ " : "✗ "), said(c.command, "code"),
        el("span", { class: "meta" }, good ? ` ${span(c.duration_seconds)}` : c.timed_out ? " timed out" : ` exit code ${c.exit_code}`)),
      output(c.output_tail || "(no output)")));
}

function output(text) {
  return el("pre", { class: "output", tabindex: "0" }, el("code", {}, String(text).split("\n").map(plain).join("\n")));
}

/** The policy's last word. */
export function ruling(policy) {
  if (!policy) return null;
  return el("div", { class: "policy" },
    el("h3", {}, "Policy"),
    el("p", {}, el("span", { class: "badge", "data-verdict": policy.verdict }, word(policy.verdict)), " ",
      el("span", { class: "meta" }, "on the ", said(policy.stage), " by ", said(policy.policy, "code"),
        policy.lane && [", lane ", said(policy.lane.name)])),
    el("ul", {}, (policy.rulings ?? []).map((r) => el("li", {},
      el("strong", {}, said(r.rule)), " ", said(r.reason), r.path && [" ", said(r.path, "code")],
      r.source && el("span", { class: "meta" }, " ", said(r.source))))));
}
