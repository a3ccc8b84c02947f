// A connection that is cut again and again: what the page shows in the end is what the server has, each fact once.

import { createServer, connect } from "node:net";
import { withBrowser, newPage, login, call, ready } from "./browser.mjs";

export const cuts = (order) =>
  withBrowser(order, async (browser) => {
    const upstream = new URL(order.url);
    const open = new Set();
    let cut = 0;
    // Cuts a connection as soon as it has brought a few events, however it is in the middle of one.
    const server = createServer((client) => {
      const silo = connect(Number(upstream.port), upstream.hostname);
      let stream = false;
      open.add(client);
      client.pipe(silo);
      silo.on("data", (part) => {
        stream ||= part.includes("text/event-stream");
        if (stream && cut < order.cuts && part.includes("data: ")) {
          client.write(part.subarray(0, Math.max(1, Math.floor(part.length * 0.7))));
          cut++;
          client.destroy();
          silo.destroy();
          return;
        }
        client.write(part);
      });
      for (const [one, other] of [[client, silo], [silo, client]]) {
        one.on("error", () => other.destroy());
        one.on("close", () => (other.destroy(), open.delete(client)));
      }
    });
    await new Promise((done) => server.listen(0, "127.0.0.1", done));
    const url = `http://127.0.0.1:${server.address().port}`;
    const { page, seen } = await newPage(browser);
    await login(page, url, order.token);
    await page.goto(`${url}/tasks/${order.task}`);
    await ready(page);
    for (let i = 0; i < order.replies; i++) {
      await call(order, "POST", `/v1/tasks/${order.task}/reply`, { text: `Round ${i}` });
      // The next one when the page knows of this one, through whatever was cut meanwhile.
      await page.locator(".talk li", { hasText: `Round ${i}` }).waitFor();
      await page.locator(`.task-head .badge[data-phase="done"]`).waitFor();
    }
    const { facts } = await call(order, "GET", `/v1/tasks/${order.task}/facts?max=1000`);
    const wanted = facts.filter((f) => f.fact.fact !== "progressed").length;
    await page.waitForFunction((n) => document.querySelectorAll(".timeline li:not(.note)").length >= n, wanted);
    const shown = await page.locator(".timeline li:not(.note)").count();
    const state = await page.locator("#link").getAttribute("data-state");
    server.close();
    return { cut, wanted, shown, state, ...seen };
  });
