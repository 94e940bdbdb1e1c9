// Each kernel against its reference, on the browser's WebGPU: what tests/checks does natively too.

import assert from "node:assert/strict";
import { access } from "node:fs/promises";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";

import { launch, open } from "./chromium.mjs";
import { serve } from "./server.mjs";

const folder = join(import.meta.dirname, "checks");
/** Other shapes than the named ones, of each kernel: software is slow. */
const OTHERS = 5;
const kernels = ["Attention", "Fused", "Lora", "QuantMatmul", "RmsNorm", "Rotary", "Swiglu"];

let browser, server, opened;

before(async () => {
  await access(join(folder, "easel_checks_bg.wasm")).catch(() => {
    throw new Error("tests/browser/checks is empty: run web/build checks first");
  });
  server = await serve({ "/": folder }, { "/blank.html": "<!doctype html><title>blank</title><link rel=icon href=data:,>" });
  browser = await launch();
  opened = await open(browser, `${server.origin}/blank.html`);
  const names = await opened.page.evaluate(async () => {
    const { default: init, Checks } = await import("/easel_checks.js");
    await init();
    self.checks = await Checks.open();
    return Checks.kernels();
  });
  assert.deepEqual(names, kernels);
});

after(async () => {
  await browser?.close();
  await server?.close();
});

describe("kernels in Chromium", () => {
  for (const [index, name] of kernels.entries()) {
    test(`${name} equals its reference`, { timeout: 300_000 }, async (t) => {
      const error = await opened.page.evaluate(
        ([index, others]) => self.checks.check(index, others),
        [index, OTHERS],
      );
      t.diagnostic(`at most ${error.toExponential(1)}`);
      assert.ok(error <= 1e-5, `${error}`);
    });
  }

  test("a small change is noticed", async () => {
    assert.equal(await opened.page.evaluate(() => self.checks.notices()), true);
  });

  test("nothing complained", () => {
    assert.deepEqual(opened.complaints, []);
  });
});
