// The browser under test: Chromium without a window, its WebGPU computed in software.

import { access } from "node:fs/promises";

import { chromium } from "playwright-core";

const executablePath = process.env.EASEL_CHROMIUM ?? "/usr/bin/chromium";

const webgpuInSoftware = [
  "--enable-unsafe-webgpu",
  "--use-webgpu-adapter=swiftshader",
  "--enable-features=Vulkan",
];

/** With these Chromium composes the page by the GPU's ways, imitated in software, as it does where there
 * is one. Without them the page's main thread reads back each frame of a canvas, and waits until it is
 * painted. */
export const COMPOSED = [
  "--use-gl=angle",
  "--use-angle=swiftshader",
  "--ignore-gpu-blocklist",
  "--enable-gpu-rasterization",
];

/** Starts Chromium, able to reach this machine's loopback and nothing else. */
export async function launch(options) {
  return chromium.launch(await how(options));
}

/** The same with a folder of its own, in which it keeps what pages keep; gives its context. */
export async function launchAt(folder, options) {
  return chromium.launchPersistentContext(folder, await how(options));
}

async function how({ webgpu = true, args = [] } = {}) {
  await access(executablePath).catch(() => {
    throw new Error(`no Chromium at ${executablePath}; EASEL_CHROMIUM names another`);
  });
  return {
    executablePath,
    args: [
      "--no-sandbox",
      ...(webgpu ? webgpuInSoftware : ["--disable-features=WebGPU,WebGPUService"]),
      // WebGL in software, for the canvas.
      "--enable-unsafe-swiftshader",
      "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
      "--disable-quic",
      "--no-first-run",
      "--disable-background-networking",
      "--disable-component-update",
      "--disable-sync",
      ...args,
    ],
  };
}

/** A page that keeps what it asked for (its workers too) and what it complained about. */
export async function open(browser, url, options = {}) {
  const context = await browser.newContext(options);
  const page = await context.newPage();
  const requests = [];
  const complaints = [];
  context.on("request", (request) => requests.push(request.url()));
  context.on("weberror", (error) => complaints.push(error.error().message));
  page.on("console", (message) => {
    if (!["error", "warning"].includes(message.type())) return;
    // Advice about speed: here a canvas is drawn in software, and a model of random weights writes
    // characters that only the system's fonts have.
    const advice = ["GL Driver Message", "willReadFrequently"];
    if (!advice.some((words) => message.text().includes(words))) complaints.push(message.text());
  });
  await page.goto(url);
  return { context, page, requests, complaints };
}
