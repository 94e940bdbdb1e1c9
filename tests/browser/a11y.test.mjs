// axe-core looks at the mirror, screen by screen.

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { after, before, test } from "node:test";

import { launch, open } from "./chromium.mjs";
import { press, reach, ready } from "./page.mjs";
import { serve } from "./server.mjs";

const here = import.meta.dirname;
let browser, server, axe;

before(async () => {
  axe = await readFile(join(here, "node_modules/axe-core/axe.min.js"), "utf8");
  server = await serve({ "/": join(here, "../../web/dist") });
  browser = await launch();
});

after(async () => {
  await browser?.close();
  await server?.close();
});

async function check(page, screen) {
  const { violations, passes } = await page.evaluate(() => axe.run(document));
  const told = violations.map(({ id, nodes }) => `${id}: ${nodes.map((n) => n.html).join(" ")}`);
  assert.deepEqual(told, [], screen);
  assert.ok(passes.length > 10, screen);
}

for (const [lang, view, names] of [
  ["en", "teacher", ["Sample drawing 1", "Look at my drawing", "Settings"]],
  ["zh", "student", ["示例画 1", "看看我的画", "设置"]],
]) {
  test(`axe-core finds nothing on any screen (${lang}, ${view})`, async () => {
    const url = `${server.origin}/?device=cpu&lang=${lang}&view=${view}`;
    const { context, page } = await open(browser, url, { bypassCSP: true });
    await ready(page);
    await page.evaluate(axe);
    await check(page, "welcome");
    await press(page, names[0]);
    await reach(page, "preview");
    await check(page, "preview");
    await press(page, names[1]);
    await reach(page, "scoring", "writing", "done");
    await check(page, "working");
    await reach(page, "done");
    await check(page, "result");
    await press(page, names[2]);
    await page.getByRole("checkbox").first().waitFor();
    await check(page, "settings");
    await context.close();
  });
}
