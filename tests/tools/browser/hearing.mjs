// Every page under axe-core, in both colours and widths: what keeps people from using it.

import { createRequire } from "node:module";
import { readFileSync } from "node:fs";
import { withBrowser, newPage, login, ready } from "./browser.mjs";

const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

export const hearing = (order) =>
  withBrowser(order, async (browser) => {
    const wrong = [];
    let pages = 0;
    for (const dark of [false, true]) {
      for (const width of [1280, 390]) {
        // axe puts a script of its own into the page, which the page's policy would refuse.
        const { page } = await newPage(browser, { width, dark, bypassCSP: true });
        const judge = async (name) => {
          await page.evaluate(axe);
          const { violations } = await page.evaluate(() => globalThis.axe.run(document, { resultTypes: ["violations"] }));
          pages++;
          for (const v of violations) {
            if (v.impact !== "serious" && v.impact !== "critical") continue;
            wrong.push(`${name} ${dark ? "dark" : "light"} ${width}: ${v.id} (${v.impact}): ` +
              v.nodes.slice(0, 3).map((n) => n.html.slice(0, 160) + " " + (n.any[0]?.message ?? "")).join(" | "));
          }
        };
        await page.goto(order.url + "/login");
        await page.getByLabel("Token").waitFor();
        await judge("/login");
        await page.goto(order.url + "/dashboard/");
        await judge("refused");
        await login(page, order.url, order.token);
        await judge("/");
        for (const [key, name] of [["?", "help"], ["n", "new task"]]) {
          await page.keyboard.press(key);
          await page.locator("dialog[open]").waitFor();
          await judge("dialog " + name);
          await page.keyboard.press("Escape");
          await page.locator("dialog").waitFor({ state: "detached" });
        }
        for (const path of order.paths) {
          await page.goto(order.url + path);
          await ready(page);
          await page.locator("main > *").first().waitFor();
          await judge(path);
        }
        await page.context().close();
      }
    }
    return { wrong, pages };
  });
