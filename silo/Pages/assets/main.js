// Which page this is, and what all pages have: colours, connection, help, keys.

import { el, put, tick, announce } from "./dom.js";
import { Refused, send } from "./api.js";
import { help, newTask, isOpen } from "./dialogs.js";

const main = document.getElementById("main");
const PAGES = [
  [/^\/$/, "./list.js"],
  [/^\/tasks\/([^/]+)$/, "./task.js"],
  [/^\/hosts$/, "./hosts.js"],
  [/^\/figures$/, "./figures.js"],
];

const STATES = { idle: "", live: "Live", cut: "Reconnecting" };

/** Says beside the name whether the page is live. */
function link(state) {
  const node = document.getElementById("link");
  if (node.dataset.state === state) return;
  if (state === "cut" || node.dataset.state === "cut") announce(STATES[state]);
  node.dataset.state = state;
  node.querySelector(".link-text").textContent = STATES[state];
}

/** Shows a refusal where the page would be. */
function failed(error) {
  if (!(error instanceof Refused)) throw error;
  put(main, el("section", { class: "card problem-card", role: "alert" },
    el("h1", {}, error.status === 404 ? "Not there" : "The server says no"),
    el("p", {}, error.message),
    el("p", {}, el("a", { class: "button", href: "/" }, "All tasks"))));
}

function theme() {
  const root = document.documentElement;
  const dark = () => (root.dataset.theme ?? (matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light")) === "dark";
  const button = document.getElementById("theme");
  const show = () => button.setAttribute("aria-pressed", String(dark()));
  button.addEventListener("click", () => {
    root.dataset.theme = dark() ? "light" : "dark";
    try {
      localStorage.setItem("theme", root.dataset.theme);
    } catch {
      // Kept for this page only.
    }
    show();
  });
  show();
}

function keys(page) {
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
    const typing = event.target.closest?.("input, textarea, select, [contenteditable]");
    if (event.key === "Escape") {
      if (isOpen()) return; // the dialog closes itself
      if (typing) event.target.blur();
      else if (location.pathname !== "/") location.assign("/");
      return;
    }
    if (typing || isOpen()) return;
    if (event.key === "?") help();
    else if (event.key === "n") newTask();
    else if (!page.key?.(event.key)) return;
    event.preventDefault();
  });
}

async function start() {
  theme();
  document.getElementById("help").addEventListener("click", help);
  document.getElementById("new").addEventListener("click", newTask);
  document.getElementById("leave").addEventListener("click", async () => {
    await send("POST", "/logout");
    location.assign("/login");
  });
  for (const anchor of document.querySelectorAll(".top nav a")) {
    if (anchor.pathname === location.pathname) anchor.setAttribute("aria-current", "page");
  }
  setInterval(tick, 5000);
  for (const [pattern, file] of PAGES) {
    const match = pattern.exec(location.pathname);
    if (!match) continue;
    try {
      const module = await import(file);
      keys((await module.show(main, { link, failed }, ...match.slice(1).map(decodeURIComponent))) ?? {});
    } catch (error) {
      failed(error);
      keys({});
    }
    main.dataset.ready = "true";
    return;
  }
}

window.addEventListener("pageshow", (event) => event.persisted && location.reload());
await start();
