// A person's way: the task appears, is watched live, read, answered, approved, and stands in the repository.

import { withBrowser, newPage, login, call, picture, ready } from "./browser.mjs";

const script = (steps) => JSON.stringify({ version: 1, steps });
// Longer than the half second that steps are told apart by at least, so that each of them is told.
const THINK = { do: "sleep", milliseconds: 1500 };

const WORK = [
  { do: "say", text: "I look at how totals are rounded today." },
  THINK,
  { do: "run", command: ["git", "log", "--oneline", "-3"] },
  THINK,
  { do: "write", path: "src/total.py", text: "# Totals of invoices.\nfrom decimal import Decimal, ROUND_HALF_EVEN\n\n\ndef total(net, tax):\n    # Half a cent goes to the even cent.\n    return (net + tax).quantize(Decimal(\"0.01\"), ROUND_HALF_EVEN)\n" },
  THINK,
  { do: "write", path: "tests/test_total.py", text: "from src.total import total\n\n\ndef test_half_cents_go_to_even():\n    assert str(total(\"1.005\", \"0\")) == \"1.00\"\n" },
  THINK,
  { do: "result", text: "Totals round half cents to even now; a test shows it.", fields: { total_cost_usd: 0.83, usage: { input_tokens: 41200, output_tokens: 2100 } } },
];

// The pictures of docs/board.md and of the README.
const KEPT = ["tasks-wide-light", "approval-wide-light", "diff-wide-light", "live-wide-dark", "talk-wide-dark", "hosts-wide-light",
  "figures-wide-dark", "tasks-phone-dark", "approval-phone-light", "diff-phone-dark"];

export const journey = (order) =>
  withBrowser(order, async (browser) => {
    const { page, seen } = await newPage(browser, order);
    const shot = async (name) => {
      const full = `${name}-${order.width < 600 ? "phone" : "wide"}-${order.dark ? "dark" : "light"}`;
      if (KEPT.includes(full)) await picture(page, order, "board-" + full);
    };
    await login(page, order.url, order.keeper);
    const { task } = await call(order, "POST", "/v1/tasks", {
      request: "Round the totals of invoices half to even, and show it with a test.",
      title: "Round invoice totals half to even", type: "fix", priority: "high",
      runner: "scripted", repository: order.repository, script: script(WORK),
    });
    const row = page.locator(`a.task[href="/tasks/${task.task_id}"]`);
    await row.waitFor();
    await shot("tasks");
    await row.click();
    await page.locator(".log p").nth(2).waitFor();
    await shot("live");
    const asks = page.locator('.task-head .badge[data-phase="awaiting_approval"]');
    await asks.waitFor();
    await page.locator("tr[data-sign=plus]", { hasText: "ROUND_HALF_EVEN)" }).waitFor();
    const lines = await page.locator("tr[data-sign=plus] td.code").allTextContents();
    await shot("approval");
    await page.locator("#diff").scrollIntoViewIfNeeded();
    await page.locator("#diff").evaluate((node) => window.scrollTo(0, node.getBoundingClientRect().top + window.scrollY - (innerWidth < 600 ? 105 : 70)));
    await shot("diff");

    await page.keyboard.press("r");
    await page.getByLabel("Your reply").fill("Good. Please also say so in the changelog.");
    await page.getByRole("button", { name: "Reply" }).click();
    await page.locator(".talk li", { hasText: "also say so in the changelog" }).waitFor();
    await page.locator(".task-head .meta", { hasText: "turn 2" }).waitFor();
    await asks.waitFor();
    await page.locator(".talk li[data-role=agent]").first().waitFor();
    await page.locator("#talk").evaluate((node) => window.scrollTo(0, node.getBoundingClientRect().top + window.scrollY - (innerWidth < 600 ? 105 : 70)));
    await shot("talk");

    await page.getByRole("button", { name: "Approve" }).click();
    await page.getByLabel("Note (may be empty)").fill("Reads well.");
    await page.locator("dialog").getByRole("button", { name: "Approve" }).click();
    await page.locator('.task-head .badge[data-phase="done"]').waitFor();
    await page.getByRole("button", { name: "Apply" }).click();
    await page.locator("dialog").getByRole("button", { name: "Apply" }).click();
    await page.locator(".timeline li", { hasText: "Stands in" }).waitFor();
    await page.keyboard.press("Escape");
    await page.waitForURL(order.url + "/");
    await ready(page);
    await page.keyboard.press("j");
    const focused = await page.evaluate(() => document.activeElement.getAttribute("href"));
    const wider = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
    for (const [path, name] of [["/hosts", "hosts"], ["/figures", "figures"]]) {
      await page.goto(order.url + path);
      await ready(page);
      await shot(name);
    }
    return { task: task.task_id, lines, focused, wider, ...seen };
  });
