// Shows a patch as git prints it, file by file. A large one is drawn as it is opened.

import { el, put, said, plain, count } from "./dom.js";

const OPEN_LINES = 400;
const DRAW_MAX = 3000;
const LINE_MAX = 2000;

/** The viewer. */
export class Diff {
  constructor() {
    this.node = el("div", { class: "diff" });
    this.at = -1;
  }

  /** Draws a patch and returns the node that shows it. */
  show(patch) {
    const files = parse(patch);
    this.at = -1;
    if (files.length === 0) return put(this.node, el("p", { class: "note" }, patch ? "Nothing that can be shown." : "No changes yet."));
    let left = OPEN_LINES;
    put(this.node, files.map((file) => {
      const open = left > 0 && file.lines <= left;
      left -= file.lines;
      return draw(file, open);
    }));
    return this.node;
  }

  /** Moves to the next or previous file. */
  step(by) {
    const heads = [...this.node.querySelectorAll("summary")];
    if (heads.length === 0) return false;
    const focused = heads.indexOf(document.activeElement);
    this.at = Math.min(heads.length - 1, Math.max(0, (focused >= 0 ? focused : this.at) + by));
    heads[this.at].focus();
    heads[this.at].scrollIntoView({ block: "nearest" });
    return true;
  }
}

function draw(file, open) {
  const body = el("div", { class: "hunks", tabindex: "0", role: "region", "aria-label": "Changes of " + plain(file.path) });
  let drawn = false;
  const node = el("details", { class: "file", open },
    el("summary", {},
      el("span", { class: "kind", "data-kind": file.kind }, file.kind),
      said(file.old && file.old !== file.path ? `${file.old} → ${file.path}` : file.path, "code"),
      el("span", { class: "counts" }, el("span", { class: "plus" }, "+" + count(file.added)), " ", el("span", { class: "minus" }, "−" + count(file.removed)))),
    body);
  const fillOnce = () => {
    if (drawn || !node.open) return;
    drawn = true;
    put(body, file.binary ? el("p", { class: "note" }, "Binary file.")
      : file.hunks.length === 0 ? el("p", { class: "note" }, "No lines changed", file.mode ? `: mode ${file.mode}` : ".")
      : table(file));
  };
  node.addEventListener("toggle", fillOnce);
  if (open) fillOnce();
  return node;
}

function table(file) {
  const rows = [];
  for (const hunk of file.hunks) {
    rows.push(el("tr", { class: "hunk" }, el("td", { colspan: 4 }, plain(hunk.head))));
    for (const line of hunk.lines) {
      if (rows.length >= DRAW_MAX) {
        rows.push(el("tr", { class: "hunk" }, el("td", { colspan: 4 }, `… the rest of ${count(file.lines)} lines is in: orchestrator diff`)));
        return grid(rows);
      }
      rows.push(el("tr", { "data-sign": line.sign === "+" ? "plus" : line.sign === "-" ? "minus" : null },
        el("td", { class: "num" }, line.before ?? ""), el("td", { class: "num" }, line.after ?? ""),
        el("td", { class: "sign" }, line.sign === " " ? "" : line.sign),
        el("td", { class: "code" }, colours(line.text))));
    }
  }
  return grid(rows);
}

const grid = (rows) => el("table", {}, el("tbody", {}, rows));

const TOKENS = /("(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*'|`(?:\\.|[^`\\])*`)|(\/\/.*$|(?:^|\s)#.*$|\/\*.*?\*\/|<!--.*?-->)|\b(abstract|as|async|await|break|case|catch|class|const|continue|def|default|delete|do|else|enum|export|extends|false|finally|fn|for|from|func|function|get|if|impl|implements|import|in|interface|internal|is|let|match|mut|namespace|new|nil|none|null|override|package|private|protected|pub|public|raise|readonly|record|ref|return|sealed|self|set|static|struct|super|switch|this|throw|trait|true|try|type|typeof|using|var|virtual|void|where|while|with|yield)\b|\b(\d[\d_.]*)\b/g;

// Cheap colours for any language: strings, comments, words, numbers. Wrong ones cost nothing but looks.
function colours(text) {
  const line = text.length > LINE_MAX ? text.slice(0, LINE_MAX) + " … (cut)" : text;
  const parts = [];
  let at = 0;
  for (const hit of line.matchAll(TOKENS)) {
    if (hit.index > at) parts.push(plain(line.slice(at, hit.index)));
    const kind = hit[1] ? "str" : hit[2] ? "com" : hit[3] ? "key" : "num";
    parts.push(el("span", { class: "t-" + kind }, plain(hit[0])));
    at = hit.index + hit[0].length;
  }
  parts.push(plain(line.slice(at)));
  return parts;
}

/** Reads a patch. Whatever it cannot read it leaves out. */
export function parse(patch) {
  const files = [];
  let file = null;
  let hunk = null;
  let before = 0;
  let after = 0;
  let leftOld = 0;
  let leftNew = 0;
  for (const raw of String(patch).split("\n")) {
    if (hunk && (leftOld > 0 || leftNew > 0)) {
      const sign = raw[0] ?? " ";
      if (sign === "\\") continue;
      const text = raw.slice(1).replace(/\r$/, "␍");
      const line = { sign: sign === "+" || sign === "-" ? sign : " ", text };
      if (line.sign !== "+") {
        line.before = before++;
        leftOld--;
      }
      if (line.sign !== "-") {
        line.after = after++;
        leftNew--;
      }
      file.added += line.sign === "+" ? 1 : 0;
      file.removed += line.sign === "-" ? 1 : 0;
      file.lines++;
      hunk.lines.push(line);
      continue;
    }
    const head = /^@@ -(\d+)(?:,(\d+))? \+(\d+)(?:,(\d+))? @@/.exec(raw);
    if (raw.startsWith("diff --git ")) {
      file = { path: name(raw.slice(11).split(/ "?b\//).pop() ?? "", ""), old: "", kind: "M", hunks: [], lines: 0, added: 0, removed: 0, binary: false, mode: "" };
      hunk = null;
      files.push(file);
    } else if (file && head) {
      before = Number(head[1]);
      after = Number(head[3]);
      leftOld = Number(head[2] ?? 1);
      leftNew = Number(head[4] ?? 1);
      hunk = { head: raw, lines: [] };
      file.hunks.push(hunk);
    } else if (file) {
      read(file, raw);
    }
  }
  return files;
}

function read(file, line) {
  if (line.startsWith("new file")) file.kind = "A";
  else if (line.startsWith("deleted file")) file.kind = "D";
  else if (line.startsWith("rename from ")) (file.kind = "R"), (file.old = name(line.slice(12), ""));
  else if (line.startsWith("rename to ")) file.path = name(line.slice(10), "");
  else if (line.startsWith("new mode ")) file.mode = line.slice(9);
  else if (line.startsWith("+++ ") && line !== "+++ /dev/null") file.path = name(line.slice(4), "b/");
  else if (line.startsWith("Binary files") || line.startsWith("GIT binary patch")) file.binary = true;
}

// Git quotes unusual names like C does, byte by byte.
function name(text, prefix) {
  let path = text.replace(/\t$/, "").replace(/"$/, "");
  if (text.startsWith('"') || text.endsWith('"')) {
    path = path.replace(/^"/, "");
    const bytes = [];
    for (let i = 0; i < path.length; i++) {
      if (path[i] !== "\\") {
        bytes.push(...new TextEncoder().encode(path[i]));
      } else if (/^[0-7]{3}/.test(path.slice(i + 1))) {
        bytes.push(parseInt(path.slice(i + 1, i + 4), 8));
        i += 3;
      } else {
        bytes.push(({ n: 10, t: 9, r: 13, a: 7, b: 8, f: 12, v: 11 })[path[++i]] ?? path.charCodeAt(i));
      }
    }
    path = new TextDecoder().decode(new Uint8Array(bytes));
  }
  return path.startsWith(prefix) ? path.slice(prefix.length) : path;
}
