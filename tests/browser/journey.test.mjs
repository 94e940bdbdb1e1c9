// The way of a drawing as people go it: by file, drop, paste and keys, with the demo model.

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";

import { launch, open } from "./chromium.mjs";
import {
  button, comment, look, PATIENCE, press, pressCanvas, quiet, reach, ready, rows, status,
} from "./page.mjs";
import { serveGolden } from "./server.mjs";

const here = import.meta.dirname;
const picture = join(here, "../../app/assets/samples/1.png");

let browser, server;

before(async () => {
  server = await serveGolden();
  browser = await launch();
});

after(async () => {
  await browser?.close();
  await server?.close();
});

const start = async (query = "?device=cpu", options) => {
  const opened = await open(browser, `${server.origin}/${query}`, options);
  await ready(opened.page);
  return opened;
};

const end = async (opened) => {
  quiet(opened);
  await opened.context.close();
};

/** A `File` with the picture, in the page. */
const file = async (page) => {
  const bytes = (await readFile(picture)).toString("base64");
  return page.evaluateHandle(
    (bytes) =>
      new File([Uint8Array.from(atob(bytes), (c) => c.charCodeAt(0))], "a.png", {
        type: "image/png",
      }),
    bytes,
  );
};

describe("a drawing", () => {
  test("is opened by a press on the canvas, looked at, and told about in words", async () => {
    const opened = await start();
    const { page } = opened;
    await pressCanvas(page, "Sample drawing 1");
    await reach(page, "preview");
    await pressCanvas(page, "Look at my drawing");
    await reach(page, "done");
    assert.ok((await comment(page).textContent()).length > 20);
    // A pupil reads words and no numbers.
    assert.deepEqual(await rows(page), []);
    await page.getByRole("radio", { name: "For teachers and parents" }).evaluate((n) => n.click());
    await page.waitForSelector("tr[data-attribute]", { ...PATIENCE, state: "attached" });
    assert.equal((await rows(page)).length, 9);
    await end(opened);
  });

  test("is chosen in a dialog that the canvas opens", async () => {
    const opened = await start();
    const { page } = opened;
    const chooser = page.waitForEvent("filechooser", PATIENCE);
    await pressCanvas(page, "Choose a picture");
    await (await chooser).setFiles(picture);
    await reach(page, "preview");
    await end(opened);
  });

  test("is dropped on the canvas", async () => {
    const opened = await start();
    const { page } = opened;
    const transfer = await page.evaluateHandle((file) => {
      const transfer = new DataTransfer();
      transfer.items.add(file);
      return transfer;
    }, await file(page));
    await page.dispatchEvent("#canvas", "drop", { dataTransfer: transfer });
    await reach(page, "preview");
    await end(opened);
  });

  test("is pasted", async () => {
    const opened = await start();
    const { page } = opened;
    await page.evaluate((file) => {
      const clipboardData = new DataTransfer();
      clipboardData.items.add(file);
      document.body.dispatchEvent(new ClipboardEvent("paste", { clipboardData, bubbles: true }));
    }, await file(page));
    await reach(page, "preview");
    await end(opened);
  });

  test("is told about word by word, until somebody stops it", async () => {
    const opened = await start("?model=golden&device=cpu");
    const { page } = opened;
    // A worker that takes its time for each word, as a large model does.
    for (const worker of page.workers()) {
      await worker.evaluate(() => {
        const { postMessage } = MessagePort.prototype;
        MessagePort.prototype.postMessage = function (message) {
          setTimeout(() => postMessage.call(this, message), 150);
        };
      });
    }
    // A reader who stops at the third piece.
    await page.evaluate(() => {
      self.pieces = [];
      const look = () => {
        const text = document.querySelector('[data-easel="comment"]')?.textContent;
        if (!text || text === self.pieces.at(-1)) return;
        self.pieces.push(text);
        if (self.pieces.length !== 3) return;
        const buttons = [...document.querySelectorAll("button")];
        buttons.find((button) => button.textContent === "Stop writing").click();
      };
      const changes = { childList: true, characterData: true, subtree: true };
      new MutationObserver(look).observe(document.body, changes);
    });
    await look(page, picture);
    await reach(page, "stopped");
    const pieces = await page.evaluate(() => self.pieces);
    for (const [at, piece] of pieces.slice(1).entries()) {
      assert.ok(piece.startsWith(pieces[at]), `${pieces}`);
    }
    // The worker is free for the next one.
    await press(page, "Another picture");
    await press(page, "Sample drawing 2");
    await reach(page, "preview");
    await press(page, "Look at my drawing");
    await reach(page, "writing", "done");
    await end(opened);
  });

  test("goes its whole way by keys alone", async () => {
    const opened = await start();
    const { page } = opened;
    const reachByTab = async (name) => {
      for (let at = 0; at < 40; at += 1) {
        await page.keyboard.press("Tab");
        // Behind the last element comes the browser's own window, then the first.
        const found = await page.evaluate(() => {
          const { activeElement: node } = document;
          return node.ariaLabel ?? (node === document.body ? "" : node.textContent);
        });
        if (found === name) return;
      }
      assert.fail(`${name} is not reached by Tab`);
    };
    await reachByTab("Sample drawing 3");
    await page.keyboard.press("Enter");
    await reach(page, "preview");
    await reachByTab("Turn right");
    await page.keyboard.press("Enter");
    await reachByTab("Cut or straighten");
    await page.keyboard.press("Enter");
    const frame = page.getByRole("slider", { name: "Frame of the part that is kept" });
    await frame.waitFor(PATIENCE);
    await reachByTab("Frame of the part that is kept");
    const whole = await frame.getAttribute("aria-valuetext");
    await page.keyboard.press("Shift+ArrowLeft");
    await page.waitForFunction(
      (whole) => document.querySelector('[role="slider"]').ariaValueText !== whole,
      whole,
      PATIENCE,
    );
    await reachByTab("Straighten");
    await page.keyboard.press("ArrowLeft");
    await page.locator('[role="slider"][aria-valuetext="-0.5\u00b0"]').waitFor(PATIENCE);
    await reachByTab("Keep this part");
    await page.keyboard.press("Enter");
    await button(page, "Look at my drawing").waitFor(PATIENCE);
    await reachByTab("Look at my drawing");
    await page.keyboard.press("Enter");
    await reach(page, "done");
    await page.keyboard.press("Escape");
    await reach(page, "preview");
    await end(opened);
  });

  test("keeps the keyboard where it was moved, faster than frames are drawn", async () => {
    const opened = await start();
    const { page } = opened;
    await press(page, "Sample drawing 3");
    await reach(page, "preview");
    await press(page, "Cut or straighten");
    await page.getByRole("slider").first().waitFor(PATIENCE);
    const moves = await page.evaluate(async () => {
      const slider = document.querySelector('[role="slider"]');
      const moves = [];
      document.addEventListener("focusin", ({ target }) => moves.push(target.textContent));
      const before = slider.ariaValueText;
      const buttons = [...document.querySelectorAll("button:not(:disabled)")].slice(0, 6);
      for (const element of [...buttons, slider]) element.focus();
      const key = { key: "ArrowLeft", shiftKey: true, bubbles: true };
      slider.dispatchEvent(new KeyboardEvent("keydown", key));
      while (slider.ariaValueText === before) await new Promise(requestAnimationFrame);
      return moves.slice(buttons.length + 1);
    });
    assert.deepEqual(moves, []);
    await end(opened);
  });
});

describe("the page", () => {
  test("takes language and view from its address, and keeps what was chosen", async () => {
    const opened = await start("?device=cpu&lang=zh&view=teacher");
    const { page } = opened;
    assert.equal(await page.locator("html").getAttribute("lang"), "zh-Hans");
    await page.getByRole("heading", { name: "给我看看你的画吧" }).waitFor(PATIENCE);
    // What an address asks for holds for the visit; what a person chooses is kept.
    await page.goto(`${server.origin}/?device=cpu`);
    await page.getByRole("heading", { name: "Show me a drawing" }).waitFor(PATIENCE);
    await press(page, "Switch to Chinese");
    await page.getByRole("heading", { name: "给我看看你的画吧" }).waitFor(PATIENCE);
    await page.reload();
    await ready(page);
    await page.getByRole("heading", { name: "给我看看你的画吧" }).waitFor(PATIENCE);
    await end(opened);
  });

  test("says that there is no WebGPU, and computes by the processor", async () => {
    const without = await launch({ webgpu: false });
    const opened = await open(without, `${server.origin}/?view=teacher`);
    const { page } = opened;
    await ready(page);
    assert.match(await status(page).getAttribute("data-device"), /processor/);
    await page.getByText("This browser has no WebGPU").first().waitFor({ ...PATIENCE, state: "attached" });
    await look(page, picture);
    await reach(page, "done");
    assert.equal((await rows(page)).length, 9);
    await end(opened);
    await without.close();
  });
});
