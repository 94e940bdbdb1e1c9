// The page as the tests use it: by its mirror's roles and names, and by the canvas.

import assert from "node:assert/strict";

/** A drawing is scored and written about in software, on machines that do other things. */
export const PATIENCE = { timeout: Number(process.env.EASEL_PATIENCE ?? 300) * 1000 };

export const status = (page) => page.locator('[data-easel="status"]');

/** Waits for one of `states`; a failure on the way is told in the page's own words. */
export async function reach(page, ...states) {
  const any = [...states, "failed"].map((state) => `[data-state="${state}"]`).join(", ");
  await page.waitForSelector(`[data-easel="status"]:is(${any})`, { ...PATIENCE, state: "attached" });
  const found = await status(page).getAttribute("data-state");
  assert.ok(states.includes(found), `${found}: ${await status(page).textContent()}`);
}

/** Waits for a failure, and gives its words. */
export async function failed(page) {
  const selector = '[data-easel="status"][data-state="failed"]';
  await page.waitForSelector(selector, { ...PATIENCE, state: "attached" });
  return status(page).textContent();
}

/** Waits until a failure that was met is no longer shown: what answers it takes a moment to begin. */
export const recovered = (page) =>
  page.waitForSelector('[data-easel="status"]:not([data-state="failed"])', {
    ...PATIENCE,
    state: "attached",
  });

/** Waits until the model is loaded. */
export async function ready(page) {
  const settled = '[data-easel="status"]:is([data-model="ready"], [data-state="failed"])';
  await page.waitForSelector(settled, { ...PATIENCE, state: "attached" });
  const { model, state } = await status(page).evaluate((node) => ({ ...node.dataset }));
  assert.ok(model === "ready" && state !== "failed", await status(page).textContent());
}

export const button = (page, name) => page.getByRole("button", { name, exact: true });

/** Presses a button by the mirror, as a screen reader does. */
export async function press(page, name) {
  await button(page, name).first().waitFor(PATIENCE);
  await button(page, name).first().evaluate((node) => node.click());
}

/** Closes a message, and waits until it is gone: what lies below moves up then, and a press of it
 * that comes too early meets nothing. */
export async function dismiss(page) {
  const close = "Close this message";
  await press(page, close);
  await button(page, close).waitFor({ ...PATIENCE, state: "detached" });
}

/** Presses where the canvas shows a button. */
export async function pressCanvas(page, name) {
  await button(page, name).first().waitFor(PATIENCE);
  const { x, y, width, height } = await button(page, name).first().boundingBox();
  await page.mouse.click(x + width / 2, y + height / 2);
}

/** Opens a picture's file and asks what the program makes of it. */
export async function look(page, picture) {
  await page.locator('[data-easel="file"]').setInputFiles(picture);
  await reach(page, "preview");
  await press(page, "Look at my drawing");
}

/** What the table shows: `[attribute, score, probabilities]` of each row. */
export const rows = (page) =>
  page.locator('[data-easel="scores"] tr[data-attribute]').evaluateAll((rows) =>
    rows.map(({ dataset }) => [
      dataset.attribute,
      Number(dataset.score),
      dataset.probabilities.split(" ").map(Number),
    ]),
  );

/** The most memory of the program that a worker of the page had, in bytes. */
export async function heap(page) {
  const held = await Promise.all(page.workers().map((worker) => worker.evaluate(() => self.held?.())));
  return Math.max(...held.filter(Boolean));
}

/** Flips the last byte of a file in every pack that the browser keeps. */
export const flip = (page, shard) =>
  page.evaluate(async (shard) => {
    const root = await navigator.storage.getDirectory();
    for await (const pack of (await root.getDirectoryHandle("packs")).values()) {
      const handle = await pack.getFileHandle(shard);
      const bytes = new Uint8Array(await (await handle.getFile()).arrayBuffer());
      bytes[bytes.length - 1] ^= 1;
      const file = await handle.createWritable();
      await file.write(bytes);
      await file.close();
    }
  }, shard);

/** Waits until the page is kept for times without a network. */
export const kept = (page) =>
  page.waitForFunction(
    () => navigator.serviceWorker.controller?.state === "activated",
    undefined,
    PATIENCE,
  );

/** What a server was asked for; browsers look for a newer service worker when they like. */
export const sinceLoading = ({ requests }, from) =>
  requests.slice(from).filter((line) => !line.endsWith("/sw.js"));

export const comment = (page) => page.locator('[data-easel="comment"]');

export const quiet = ({ complaints }) => assert.deepEqual(complaints, []);
