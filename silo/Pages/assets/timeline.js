// A task's facts as a line of time: turns, attempts, waits.

import { el, put, said, clock, span, word, plain, money } from "./dom.js";

const WAIT_SHOWN = 2;

// What each fact says: [tone, words …]. Unknown ones (of a newer release) are shown by their name.
const SAYS = {
  "submitted": (f) => ["", "Submitted by ", said(f.spec.requester), f.spec.source && [" through ", said(f.spec.source)]],
  "screened": (f) => [f.ruling.verdict === "deny" ? "bad" : "", "Screened: ", word(f.ruling.verdict)],
  "plan-made": (f) => ["", "Planned as ", word(f.plan.kind), " by ", f.plan.mode === "llama" ? said(f.plan.model) : "rules", ": ", said(f.plan.title)],
  "ruled": (f) => [f.ruling.verdict === "deny" ? "bad" : f.ruling.verdict === "needs_approval" ? "ask" : "",
    "Policy on the ", said(f.ruling.stage), ": ", word(f.ruling.verdict)],
  "run-started": (f) => ["go", `Attempt ${f.attempt} on `, said(f.host), f.resume && ", session resumed"],
  "workspace-ready": (f) => ["", "Worktree ready", f.workspace.base_commit && [" at ", el("code", {}, plain(f.workspace.base_commit.slice(0, 10)))]],
  "agent-started": (f) => ["go", said(f.agent.label || "Agent"), " started", f.agent.model && [" with ", said(f.agent.model)]],
  "checkpointed": () => ["", "Work so far kept"],
  "run-ended": (f) => [f.result.error_class === "none" ? "good" : "bad",
    f.result.error_class === "none" ? "Agent ended" : ["Attempt ended badly: ", word(f.result.error_class)],
    f.result.message && [", ", said(f.result.message)], " after ", span(f.result.duration_seconds),
    f.result.usage?.cost_usd > 0 && ", " + money(f.result.usage.cost_usd)],
  "retry-scheduled": (f) => ["ask", "Tries again after ", word(f.error_class), (f.reason || f.feedback) && [": ", said((f.reason || f.feedback).slice(0, 200))]],
  "verified": (f) => [(f.report.commands ?? []).every((c) => c.exit_code === 0) ? "good" : "bad",
    f.report.commands?.length > 0 ? `${f.report.commands.filter((c) => c.exit_code === 0).length} of ${f.report.commands.length} checks passed` : "Nothing to check"],
  "judged": (f) => [f.judgement.accepted ? "good" : "bad", f.judgement.accepted ? "Work accepted" : "Work not accepted"],
  "delivered": () => ["good", "Delivered"],
  "paused": (f) => ["ask", "Paused", f.reason && [": ", said(f.reason)]],
  "resumed": () => ["go", "Resumed"],
  "approval-asked": (f) => ["ask", "Asks: ", said(f.what)],
  "approval-reminded": () => ["ask", "Asked again: nobody has answered"],
  "approval-handed-over": (f) => ["ask", said(f.by), " hands the question to ", said(f.to)],
  "approved": (f) => ["good", "Approved by ", said(f.by), f.note && [": ", said(f.note)]],
  "rejected": (f) => ["bad", "Rejected by ", said(f.by), f.note && [": ", said(f.note)]],
  "cancel-requested": (f) => ["bad", "Cancel asked by ", said(f.by), f.reason && [": ", said(f.reason)]],
  "cancelled": () => ["bad", "Cancelled"],
  "failed": (f) => ["bad", "Failed: ", said(f.failure.message)],
  "released": () => ["", "Host released"],
  "turn-started": (f) => ["turn", `Turn ${f.turn}: `, word(f.kind), " by ", said(f.by)],
  "replied": (f) => ["", "Reply by ", said(f.reply.by ?? f.reply.requester ?? "somebody")],
  "staged": (f) => ["ask", "Diff staged ", el("code", {}, plain(f.diff.hash.slice(0, 12)))],
  "apply-started": (f) => ["go", "Applied by ", said(f.by)],
  "applied": (f) => ["good", "Stands in ", said(f.branch, "code"), " as ", el("code", {}, plain(f.commit.slice(0, 10)))],
  "apply-refused": (f) => ["bad", "Not applied: ", said(f.failure.message)],
  "overlap-found": () => ["ask", "Other work touches the same files"],
  "commit-made": (f) => ["good", "Committed to ", said(f.branch, "code"), " by ", said(f.by)],
  "branch-pushed": (f) => ["good", "Pushed to ", said(f.branch, "code")],
  "pull-request-opened": (f) => ["good", "Pull request opened", f.pull_request?.number && ` #${f.pull_request.number}`],
  "feedback-received": (f) => ["ask", `${f.items.length} remarks received`],
  "feedback-answered": (f) => ["", `${f.ids.length} remarks answered`],
  "merge-held": (f) => ["ask", "Not merged yet: ", (f.reasons ?? []).map((r, i) => [i > 0 && "; ", said(r)])],
  "merge-started": (f) => ["go", "Merging by ", said(f.method)],
  "merged": (f) => ["good", "Merged as ", el("code", {}, plain(f.commit.slice(0, 10)))],
  "pull-request-closed": () => ["bad", "Pull request closed"],
};

/** The list; grows as facts come. */
export class Timeline {
  constructor() {
    this.node = el("ol", { class: "timeline" });
    this.last = null;
  }

  /** Says that older facts are left out. */
  cutAt(number) {
    this.node.prepend(el("li", { class: "note" }, `The first ${number} facts are not shown; the API has them.`));
  }

  /** Adds a fact. */
  add(entry, live) {
    const [tone, ...words] = this.says(entry.fact);
    const wait = this.last === null ? 0 : (Date.parse(entry.at) - this.last) / 1000;
    this.last = Date.parse(entry.at);
    const item = el("li", { "data-tone": tone, class: live ? "new" : null },
      el("span", { class: "says" }, words),
      el("span", { class: "meta" }, clock(entry.at), wait >= WAIT_SHOWN && el("span", { class: "wait" }, "+" + span(wait))));
    this.node.append(item);
  }

  /** Nothing is left to be told at once. */
  settle() {
    if (this.node.children.length === 0) put(this.node, el("li", { class: "note" }, "Nothing happened yet."));
  }

  says(fact) {
    try {
      return SAYS[fact.fact]?.(fact) ?? ["", plain(fact.fact)];
    } catch {
      return ["", plain(fact.fact)]; // a fact of another shape than this build knows
    }
  }
}
