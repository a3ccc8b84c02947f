// The Orleans dashboard behind the door: it works in a browser, and shows a living task's state.

import { withBrowser, newPage, login, picture } from "./browser.mjs";

export const dashboard = (order) =>
  withBrowser(order, async (browser) => {
    const { page, seen } = await newPage(browser, { width: 1440, height: 900 });
    await login(page, order.url, order.token);
    const failed = [];
    page.on("response", (r) => r.status() >= 400 && failed.push(`${r.status()} ${new URL(r.url()).pathname}`));
    await page.goto(order.url + "/dashboard/");
    await page.locator("#menu a").first().waitFor();
    await page.goto(`${order.url}/dashboard/#/grainDetails`);
    await page.locator("select.form-control").first().selectOption(order.grain);
    await page.getByPlaceholder("Grain Id").fill(order.task);
    await page.getByRole("button", { name: "Show Details" }).click();
    await page.locator("pre", { hasText: order.task }).waitFor();
    await page.evaluate(() => document.querySelectorAll("*").forEach((n) => (n.scrollLeft = 0)));
    const text = await page.locator("body").innerText();
    await picture(page, order, "dashboard");
    return { text, failed, ...seen };
  });
