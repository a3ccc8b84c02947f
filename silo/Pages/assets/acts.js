// What a person may do with a task now. What is not possible is refused by the server, with its reason.

import { el } from "./dom.js";
import { send } from "./api.js";
import { confirm } from "./dialogs.js";

const ENDED = ["done", "failed", "cancelled"];

/** The buttons for where a task is. */
export function buttons(task, path, then) {
  const act = (verb, body) => async (reason) => {
    await send("POST", `${path}/${verb}`, { ...body, ...(reason ? { reason } : {}) });
    then();
  };
  const button = (text, kind, ask) => el("button", { type: "button", class: kind, on: { click: () => confirm(ask) } }, text);
  const guarded = task.guarded;
  const command = task.command;
  const hash = command ? task.approval_hash : guarded?.diff?.hash;
  const asked = task.phase === "awaiting_approval";
  const questions = (task.questions ?? []).length > 0;
  const list = [];
  if (asked) {
    list.push(button("Approve", "primary", {
      title: "Approve",
      text: questions ? "The assumptions stand and work begins. To answer the questions write a reply instead."
        : command ? `The agent goes on and may run exactly this, in ${command.folder || "its worktree"}: ${command.command}`
        : hash ? `You approve the diff ${hash.slice(0, 12)} that this page shows.` : "The task goes on.",
      verb: "Approve", reason: "Note (may be empty)", act: act("approve", hash && !questions ? { hash } : {}),
    }));
    list.push(button("Reject", "danger", {
      title: "Reject", text: "The task ends as failed. Its diff is kept, and a reply can take it up again.",
      verb: "Reject", danger: true, reason: "Why", act: act("reject", {}),
    }));
  }
  if (guarded?.step === "approved" && ENDED.includes(task.phase)) {
    list.push(button("Apply", "primary", {
      title: "Apply the diff", text: "The approved diff is committed to the repository’s branch, as a whole or not at all.",
      verb: "Apply", act: act("apply-guarded", {}),
    }));
  }
  if (guarded?.refusal && guarded.step === "approved") {
    list.push(button("Restage", "", {
      title: "Restage", text: "The diff is brought onto the branch as it is now, checked again and asked about again.",
      verb: "Restage", act: act("restage", {}),
    }));
  }
  if (task.phase === "paused") {
    list.push(button("Resume", "primary", { title: "Resume", text: "The task goes on before its time.", verb: "Resume", act: act("resume", {}) }));
  }
  if (ENDED.includes(task.phase)) {
    list.push(button("Retry", "", {
      title: "Retry", text: "Another turn begins with the same request. What was done so far stays in the timeline.",
      verb: "Retry", act: act("retry", {}),
    }));
  } else if (!task.cancelling) {
    list.push(button("Cancel", "danger-quiet", {
      title: "Cancel the task", text: "What runs is stopped, and nothing of it reaches the repository.",
      verb: "Cancel task", danger: true, reason: "Why (may be empty)", act: act("cancel", {}),
    }));
  } else {
    list.push(el("span", { class: "meta" }, "Stopping …"));
  }
  return el("div", { class: "acts row" }, list);
}
