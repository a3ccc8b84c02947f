// Markup and script in every field that an agent, a repository or a chat can set, on every page: none of it may run.

import { withBrowser, newPage, login, call, ready } from "./browser.mjs";

const RUN = "globalThis.hit=1";
const TAGS = ["img src=x onerror", "svg onload", "body onload", "video src=x onerror", "audio src=x onerror", "details open ontoggle",
  "input autofocus onfocus", "select autofocus onfocus", "textarea autofocus onfocus", "marquee onstart", "iframe onload", "object data=x onerror",
  "embed src=x onload", "link rel=stylesheet href=x onerror", "style onload", "math onmouseover", "a onmouseover", "div onpointerover",
  "video onloadstart src=x", "form onsubmit"];
const FRAMES = [(s) => s, (s) => `"><${s.slice(1)}`, (s) => `'><${s.slice(1)}`, (s) => `</script>${s}`, (s) => `--></style></title></textarea>${s}`];
const OTHERS = [
  `<script>${RUN}</script>`, `<script src=data:,${RUN}></script>`, `<SCRIPT>${RUN}</SCRIPT>`, `<scr<script>ipt>${RUN}</script>`,
  `javascript:${RUN}`, `JaVaScRiPt:${RUN}`, `java\tscript:${RUN}`, `data:text/html,<script>${RUN}</script>`,
  `<a href="javascript:${RUN}">x</a>`, `<iframe srcdoc="<script>parent.${RUN}</script>"></iframe>`, `<iframe src="javascript:parent.${RUN}">`,
  `<base href="//example.invalid/">`, `<meta http-equiv=refresh content="0;url=javascript:${RUN}">`, `<link rel=import href=data:,x>`,
  `{{constructor.constructor('${RUN}')()}}`, `\${${RUN}}`, `<%= ${RUN} %>`, `#{${RUN}}`, `";${RUN};//`, `';${RUN};//`, "`;" + RUN + ";//",
  `\\u003cscript\\u003e${RUN}\\u003c/script\\u003e`, `&lt;script&gt;${RUN}&lt;/script&gt;`, `&#60;script&#62;${RUN}&#60;/script&#62;`,
  `<svg><script>${RUN}</script></svg>`, `<svg><animate onbegin=${RUN} attributeName=x dur=1s>`, `<math><mtext></table><img src=x onerror=${RUN}>`,
  `<template><img src=x onerror=${RUN}></template>`, `<noscript><p title="</noscript><img src=x onerror=${RUN}>">`, `__proto__`, `constructor`,
  `<xss id=x tabindex=1 onfocus=${RUN}></xss>`, `\u202e<img src=x onerror=${RUN}>\u202c`, `<img src=x onerror=${RUN}\u0000>`, `%3Cscript%3E${RUN}%3C/script%3E`,
];

/** At least a hundred and ten strings. */
export const STRINGS = [...TAGS.flatMap((tag) => FRAMES.map((frame) => frame(`<${tag}=${RUN}>`))), ...OTHERS];

// What programs go by is left as it is; everything else is whatever a stranger likes.
const KEPT = /^(task_id|phase|kind|fact|at|created_at|updated_at|due|priority|step|verdict|state|error_class|mode|next|patch_blob|started_at|lease_until|deadline|write|return_to|day|stopped_at|expires|status|role)$/;

function poison(value, name, turn) {
  if (typeof value === "string") return KEPT.test(name) ? value : STRINGS[turn.n++ % STRINGS.length];
  if (Array.isArray(value)) return value.map((v) => poison(v, name, turn));
  if (value && typeof value === "object") return Object.fromEntries(Object.entries(value).map(([k, v]) => [k, poison(v, k, turn)]));
  return value;
}

// Elements that this server's pages never have: there is one only if text became markup.
const FOREIGN = `main img:not([src="/assets/icon.svg"]), main script, main iframe, main object, main embed, main video, main audio, main style, main link, main base,
  main meta, main marquee, main math, main template, main xss, main [onerror], main [onload], main [onfocus], main [onmouseover], main a[href^="javascript:" i], main a[href^="data:" i]`;

export const hostile = (order) =>
  withBrowser(order, async (browser) => {
    const seenBy = [];
    const found = { hits: 0, foreign: 0, shown: 0, pages: 0, strings: STRINGS.length };
    const look = async (page, path) => {
      await page.goto(order.url + path);
      await ready(page);
      await page.locator("main > *").first().waitFor();
      await page.evaluate(() => document.querySelectorAll("details").forEach((d) => (d.open = true)));
      await page.waitForFunction(() => [...document.querySelectorAll("details.file .hunks")].every((h) => h.children.length > 0));
      found.hits += await page.evaluate(() => (globalThis.hit ? 1 : 0));
      found.foreign += await page.locator(FOREIGN).count();
      found.shown += await page.evaluate(() => (document.body.innerText.match(/globalThis\.hit=1/g) ?? []).length);
      found.pages++;
    };
    {
      // As the server itself tells it: what got through the real doors, runs, checks and diffs.
      const { page, seen } = await newPage(browser);
      seenBy.push(seen);
      await login(page, order.url, order.token);
      for (const path of ["/", "/hosts", "/figures", ...order.tasks.map((t) => "/tasks/" + t)]) await look(page, path);
      found.real = found.shown;
    }
    for (let round = 0; round < order.rounds; round++) {
      // As a server would tell it whose every text came from a stranger, whatever today's doors refuse.
      const { page, seen } = await newPage(browser);
      seenBy.push(seen);
      const turn = { n: round * 7 };
      await login(page, order.url, order.token);
      await page.route(/\/v1\/(?!.*(events|openapi)).*/, async (route) => {
        const answer = await route.fetch();
        const type = answer.headers()["content-type"] ?? "";
        if (type.includes("json")) await route.fulfill({ response: answer, json: poison(await answer.json(), "", turn) });
        else if (type.includes("x-diff")) await route.fulfill({ response: answer, body: patch(turn) });
        else await route.fulfill({ response: answer });
      });
      await page.route(/\/v1\/.*events/, async (route) => {
        const { facts } = await call(order, "GET", `/v1/tasks/${order.tasks[0]}/facts?max=1000`);
        const more = facts.map((f, i) => ({ ...poison(f, "", turn), sequence: 100_000 + i, position: 100_000 + i }));
        await route.fulfill({
          contentType: "text/event-stream",
          body: more.map((f) => `id: ${f.sequence}\ndata: ${JSON.stringify(f)}\n\n`).join(""),
        });
      });
      for (const path of ["/", "/hosts", "/figures", ...order.tasks.map((t) => "/tasks/" + t)]) await look(page, path);
    }
    return {
      ...found,
      dialogs: seenBy.reduce((sum, s) => sum + s.dialogs, 0),
      violations: seenBy.flatMap((s) => s.violations),
      errors: seenBy.flatMap((s) => s.errors),
    };
  });

function patch(turn) {
  return Array.from({ length: 8 }, () => {
    const [path, head, ...lines] = Array.from({ length: 6 }, () => STRINGS[turn.n++ % STRINGS.length].replace(/[\n\r]/g, " "));
    return `diff --git a/${path} b/${path}\n--- a/${path}\n+++ b/${path}\n@@ -1,1 +1,${lines.length} @@ ${head}\n-${lines[0]}\n${lines.map((l) => "+" + l).join("\n")}\n`;
  }).join("");
}
