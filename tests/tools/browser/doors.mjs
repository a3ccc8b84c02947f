// Who is not let in: a wrong token, an ended or changed cookie, a page of somebody else on the same machine.

import { createServer } from "node:http";
import { withBrowser, newPage, login, call, ready } from "./browser.mjs";

export const doors = (order) =>
  withBrowser(order, async (browser) => {
    const told = {};
    {
      const { page } = await newPage(browser);
      await page.goto(order.url + "/tasks/none");
      await page.waitForURL(/\/login\?to=/);
      await page.getByLabel("Token").fill("orc_wrong");
      await page.getByRole("button", { name: "Log in" }).click();
      await page.getByRole("alert").filter({ hasText: /./ }).waitFor();
      told.wrong = await page.getByRole("alert").textContent();
      told.wrongStays = new URL(page.url()).pathname;
      told.wrongCookies = (await page.context().cookies()).length;
      await page.goto(order.url + "/login?to=https://example.invalid/");
      await page.getByLabel("Token").fill(order.token);
      await page.getByRole("button", { name: "Log in" }).click();
      await ready(page);
      told.elsewhere = page.url();
    }
    for (const [name, value] of Object.entries(order.cookies)) {
      const { page, context } = await newPage(browser);
      await context.addCookies([{ name: "orchestrator", value, url: order.url, httpOnly: true, sameSite: "Strict" }]);
      told[name + "Api"] = (await context.request.get(order.url + "/v1/status")).status();
      await page.goto(order.url + "/");
      told[name + "Page"] = new URL(page.url()).pathname;
    }
    {
      const { page, context } = await newPage(browser);
      await login(page, order.url, order.token);
      const [cookie] = await context.cookies();
      told.cookie = { httpOnly: cookie.httpOnly, sameSite: cookie.sameSite, path: cookie.path, seen: await page.evaluate(() => document.cookie) };
      const before = await call(order, "GET", "/v1/tasks/" + order.task);
      const arrived = [];
      // Another port of the same host is the same site: the browser does send the cookie along.
      const evil = createServer((request, response) => {
        response.setHeader("Content-Type", "text/html");
        response.end(`<form method="post" action="${order.url}/v1/tasks/${order.task}/cancel" enctype="text/plain"><input name='{"reason":"' value='"}'></form>
          <img src="${order.url}/dashboard/GrainState?grainId=x">`);
      });
      await new Promise((done) => evil.listen(0, "127.0.0.1", done));
      const address = `http://127.0.0.1:${evil.address().port}`;
      page.on("response", (r) => r.url().startsWith(order.url) && arrived.push(`${r.request().method()} ${r.status()}`));
      await page.goto(address);
      await page.evaluate(async (url) => {
        const tries = [
          [url + "/cancel", { method: "POST", mode: "no-cors", credentials: "include" }],
          [url + "/cancel", { method: "POST", mode: "no-cors", credentials: "include", body: "{}" }],
          [url + "/cancel", { method: "POST", credentials: "include", headers: { "Content-Type": "application/json", "X-Orchestrator-Page": "1" }, body: "{}" }],
          [url, { mode: "no-cors", credentials: "include" }],
          [url, { credentials: "include" }],
        ];
        for (const [to, how] of tries) await fetch(to, how).catch(() => null);
      }, `${order.url}/v1/tasks/${order.task}`);
      const answer = page.waitForResponse((r) => r.url().endsWith("/cancel"));
      await page.evaluate(() => document.forms[0].submit());
      told.form = (await answer).status();
      await page.waitForURL(/cancel$/);
      told.arrived = [...arrived];
      const after = await call(order, "GET", "/v1/tasks/" + order.task);
      told.unmoved = before.version === after.version;
      evil.close();
      await page.goto(order.url + "/");
      await ready(page);
      await page.getByRole("button", { name: "Log out" }).click();
      await page.waitForURL(/\/login/);
      told.left = (await context.cookies()).length;
    }
    return told;
  });
