// A browser, and what all scenarios do with it.

import { createRequire } from "node:module";
import { mkdirSync, statSync } from "node:fs";
import { join } from "node:path";

const require = createRequire(import.meta.url);
const { chromium } = require("playwright-core");

export const DEADLINE = 60_000;
const FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"];

/** Starts chromium, hands it to the scenario and ends it. */
export async function withBrowser(order, use) {
  const browser = await chromium.launch({ executablePath: order.chromium ?? "/usr/bin/chromium", args: FLAGS });
  try {
    return await use(browser);
  } finally {
    await browser.close();
  }
}

/** A page that counts what must not happen: script errors, refusals of the content policy, dialogs of foreign script. */
export async function newPage(browser, { width = 1280, height = 900, dark = false, bypassCSP = false } = {}) {
  const context = await browser.newContext({ viewport: { width, height }, colorScheme: dark ? "dark" : "light", bypassCSP, reducedMotion: "reduce" });
  context.setDefaultTimeout(DEADLINE);
  const page = await context.newPage();
  const seen = { errors: [], violations: [], dialogs: 0 };
  page.on("pageerror", (error) => seen.errors.push(String(error)));
  page.on("console", (message) => {
    if (/content security policy|trustedhtml|trusted type/i.test(message.text())) seen.violations.push(message.text());
  });
  page.on("dialog", async (dialog) => {
    seen.dialogs++;
    await dialog.dismiss();
  });
  return { context, page, seen };
}

/** Shows the token at the door, as a person does, and waits for the page that was asked for. */
export async function login(page, url, token, path = "/") {
  await page.goto(url + path);
  await page.waitForURL(/\/login/);
  await page.getByLabel("Token").fill(token);
  await page.getByRole("button", { name: "Log in" }).click();
  await ready(page);
}

/** Waits until the page has drawn itself. */
export const ready = (page) => page.waitForSelector("main[data-ready]");

/** A call of the API as a program makes it. */
export async function call(order, method, path, body, token = order.token) {
  const response = await fetch(order.url + path, {
    method,
    headers: { Authorization: "Bearer " + token, ...(body ? { "Content-Type": "application/json" } : {}) },
    body: body && JSON.stringify(body),
  });
  const text = await response.text();
  if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${text}`);
  return text ? JSON.parse(text) : null;
}

/** Writes a picture when the order names a folder; at most 300 kB, or it fails. */
export async function picture(page, order, name) {
  if (!order.images) return;
  mkdirSync(order.images, { recursive: true });
  const path = join(order.images, name + ".png");
  await page.screenshot({ path });
  const { size } = statSync(path);
  if (size > 300_000) throw new Error(`${path} has ${size} bytes; a picture of the documentation has at most 300,000.`);
}
