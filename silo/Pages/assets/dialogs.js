// Dialogs: a confirmation, the keyboard's help, a new task. The browser's own element keeps the focus inside and gives it back.

import { el, announce } from "./dom.js";
import { Refused, send } from "./api.js";

let open = null;

export const isOpen = () => open !== null;
export const close = () => open?.close();

function show(title, ...content) {
  open?.close();
  const dialog = el("dialog", { "aria-labelledby": "dialog-title" },
    el("h2", { id: "dialog-title" }, title), content);
  dialog.addEventListener("close", () => {
    dialog.remove();
    if (open === dialog) open = null;
  });
  document.body.append(dialog);
  open = dialog;
  dialog.showModal();
  return dialog;
}

function form(title, fields, verb, act, danger = false) {
  const problem = el("p", { class: "problem", role: "alert" });
  const ok = el("button", { type: "submit", class: danger ? "danger" : "primary" }, verb);
  const node = el("form", { method: "dialog" }, fields, problem,
    el("div", { class: "row end" },
      el("button", { type: "button", class: "quiet", on: { click: () => dialog.close() } }, "Back"), ok));
  node.addEventListener("submit", async (event) => {
    event.preventDefault();
    ok.disabled = true;
    problem.textContent = "";
    try {
      await act(Object.fromEntries(new FormData(node)));
      dialog.close();
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      problem.textContent = error.message;
    } finally {
      ok.disabled = false;
    }
  });
  const dialog = show(title, node);
  return dialog;
}

/** Asks before something is done; with `reason` also why. */
export function confirm({ title, text, verb, danger = false, reason = null, act }) {
  form(title,
    [
      el("p", {}, text),
      reason && el("label", {}, reason, el("textarea", { name: "reason", rows: 3, maxlength: 1000, dir: "auto" })),
    ],
    verb,
    async (values) => {
      await act(values.reason?.trim() ?? "");
      announce(title + ": done");
    },
    danger);
}

const KEYS = [
  ["/", "Search"], ["j  k", "Next and previous task, or file of a diff"], ["Enter", "Open"], ["r", "Write a reply (on a task)"],
  ["n", "New task"], ["Esc", "Close, leave the field, back to all tasks"], ["?", "This help"],
];

/** What the keys do. */
export function help() {
  show("Keyboard",
    el("dl", { class: "keys" }, KEYS.map(([key, what]) => [
      el("dt", {}, key.split("  ").map((k) => el("kbd", {}, k))), el("dd", {}, what),
    ])),
    el("form", { method: "dialog", class: "row end" }, el("button", { class: "primary" }, "Close")));
}

const choice = (name, options) =>
  el("select", { name }, options.map(([value, text]) => el("option", { value }, text)));

/** Asks for a new task and opens it. */
export function newTask() {
  const key = crypto.randomUUID();
  form("New task",
    [
      el("label", {}, "What is to be done", el("textarea", { name: "request", rows: 5, required: true, maxlength: 200000, dir: "auto", autofocus: true })),
      el("label", {}, "Repository, on the server’s host", el("input", { name: "repository", placeholder: "/home/me/shop", spellcheck: "false" })),
      el("div", { class: "row" },
        el("label", {}, "Type", choice("type", [["", "Decide by the words"], ["fix", "Fix"], ["code_review", "Review"],
          ["summarize", "Summary"], ["analyze", "Analysis"], ["documentation", "Documentation"]])),
        el("label", {}, "Priority", choice("priority", [["medium", "Medium"], ["high", "High"], ["low", "Low"]]))),
    ],
    "Submit",
    async (values) => {
      const body = Object.fromEntries(Object.entries(values).filter(([, value]) => value !== ""));
      const answer = await send("POST", "/v1/tasks", body, { "Idempotency-Key": key });
      location.assign("/tasks/" + encodeURIComponent(answer.task.task_id));
    });
}
