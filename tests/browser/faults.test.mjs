// What can break under a page: the graphics processor, the worker, and what is not there at all.

import assert from "node:assert/strict";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";

import { launch, open } from "./chromium.mjs";
import {
  button, comment, dismiss, failed, look, PATIENCE, press, reach, ready, recovered, status,
} from "./page.mjs";
import { serveGolden } from "./server.mjs";

const here = import.meta.dirname;
const picture = join(here, "../../app/assets/samples/1.png");
const ATTACHED = { ...PATIENCE, state: "attached" };

let browser, server;

before(async () => {
  server = await serveGolden();
  browser = await launch();
});

after(async () => {
  await browser?.close();
  await server?.close();
});

async function again(page) {
  await press(page, "Try again");
  await recovered(page);
  await reach(page, "writing", "done");
}

describe("the page says in one sentence and goes on", () => {
  test("when the graphics processor is lost in the middle of a comment", async () => {
    const { context, page } = await open(browser, `${server.origin}/?model=golden&device=gpu`);
    await ready(page);
    await look(page, picture);
    await reach(page, "done");
    const whole = await comment(page).textContent();
    await press(page, "Another picture");
    // A picture that comes before the first screen is there again would be put away with the old one.
    await button(page, "Sample drawing 2").first().waitFor(ATTACHED);
    await look(page, picture);
    await page.waitForSelector('[data-easel="comment"]', ATTACHED);
    for (const worker of page.workers()) {
      await worker.evaluate(() => {
        const { createCommandEncoder } = GPUDevice.prototype;
        GPUDevice.prototype.createCommandEncoder = function (...options) {
          GPUDevice.prototype.createCommandEncoder = createCommandEncoder;
          this.destroy();
          return createCommandEncoder.apply(this, options);
        };
      });
    }
    assert.match(await failed(page), /has stopped.*the graphics processor was lost/);
    // The drawing is still there, and so is what was said.
    await page.getByText("Your drawing is still here").waitFor(ATTACHED);
    const words = await comment(page).textContent();
    assert.ok(words.length > 0 && words.length < whole.length, `${words} of ${whole}`);
    // It goes on after its words, to what it would have been.
    await page.evaluate(() => {
      const shown = () => document.querySelector('[data-easel="comment"]')?.textContent ?? "";
      self.seen = [];
      new MutationObserver(() => self.seen.push(shown())).observe(document.body, {
        childList: true, characterData: true, subtree: true,
      });
    });
    await again(page);
    await reach(page, "done");
    assert.equal(await comment(page).textContent(), whole);
    const seen = await page.evaluate(() => self.seen);
    assert.ok(seen.length > 0 && seen.every((text) => text.startsWith(words)), `${seen[0]}`);
    assert.match(await status(page).getAttribute("data-device"), /^WebGPU/);
    await context.close();
  });

  test("when the worker crashes", async () => {
    const { context, page } = await open(browser, `${server.origin}/?model=golden&device=cpu`);
    await ready(page);
    // In the middle of the next assessment, whenever the worker takes its messages.
    for (const worker of page.workers()) {
      await worker.evaluate(() => {
        self.addEventListener("message", ({ data }) => {
          const crash = () => {
            throw new Error("a crash");
          };
          if (data.head.includes("Assess")) setTimeout(crash, 100);
        });
      });
    }
    await look(page, picture);
    assert.match(await failed(page), /has stopped.*a crash/);
    await again(page);
    await context.close();
  });

  test("when there is no WebGL to draw with", async () => {
    const context = await browser.newContext();
    const page = await context.newPage();
    await page.addInitScript(() => {
      HTMLCanvasElement.prototype.getContext = () => null;
    });
    await page.goto(server.origin);
    await page.getByText("Easel cannot start in this browser").waitFor(PATIENCE);
    await context.close();
  });
});

describe("a camera", () => {
  test("shows its live frame, and takes a picture of it", async () => {
    const seeing = await launch({
      args: ["--use-fake-ui-for-media-stream", "--use-fake-device-for-media-stream"],
    });
    const { context, page } = await open(seeing, `${server.origin}/?device=cpu`, {
      permissions: ["camera"],
    });
    await ready(page);
    await press(page, "Take a photo");
    const dialog = page.getByRole("dialog", { name: "Take a photo" });
    await dialog.waitFor(PATIENCE);
    await page.waitForFunction(() => document.querySelector("video").videoWidth > 0, PATIENCE);
    await dialog.getByRole("button", { name: "Take this picture" }).click();
    await reach(page, "preview");
    assert.ok(await dialog.isHidden());
    assert.equal(await page.evaluate(() => document.querySelector("video").srcObject), null);
    await context.close();
    await seeing.close();
  });

  test("that may not be used leaves the other ways", async () => {
    const { context, page } = await open(browser, `${server.origin}/?device=cpu`);
    await ready(page);
    await page.evaluate(() => {
      navigator.mediaDevices.getUserMedia = async () => {
        throw new DOMException("Permission denied", "NotAllowedError");
      };
    });
    await press(page, "Take a photo");
    assert.match(await failed(page), /camera cannot be used/);
    await dismiss(page);
    await press(page, "Sample drawing 1");
    await reach(page, "preview");
    await context.close();
  });
});
