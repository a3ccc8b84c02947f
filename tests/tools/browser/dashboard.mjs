// The Orleans dashboard behind the door: it works in a browser, and shows a living task's state.

import { withBrowser, newPage, login, picture } from "./browser.mjs";

export const dashboard = (order) =>
  withBrowser(order, async (browser) => {
    const { page, seen } = await newPage(browser, { width: 1280, height: 900 });
    await login(page, order.url, order.token);
    const failed = [];
    page.on("response", (r) => r.status() >= 400 && failed.push(`${r.status()} ${new URL(r.url()).pathname}`));
    await page.goto(order.url + "/dashboard/");
    await page.locator("#menu a").first().waitFor();
    await page.goto(`${order.url}/dashboard/#/grainState`);
    await page.waitForLoadState("networkidle");
    const text = await page.locator("body").innerText();
    await picture(page, order, "dashboard");
    return { text, failed, ...seen };
  });
