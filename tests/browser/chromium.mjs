// The browser under test: Chromium without a window, its WebGPU computed in software.

import { access } from "node:fs/promises";

import { chromium } from "playwright-core";

const executablePath = process.env.EASEL_CHROMIUM ?? "/usr/bin/chromium";

/** Starts Chromium, able to reach this machine's loopback and nothing else. */
export async function launch() {
  await access(executablePath).catch(() => {
    throw new Error(`no Chromium at ${executablePath}; EASEL_CHROMIUM names another`);
  });
  return chromium.launch({
    executablePath,
    args: [
      "--no-sandbox",
      "--enable-unsafe-webgpu",
      "--use-webgpu-adapter=swiftshader",
      "--enable-features=Vulkan",
      "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
      "--disable-quic",
      "--no-first-run",
      "--disable-background-networking",
      "--disable-component-update",
      "--disable-sync",
    ],
  });
}

/** A page that keeps what it asked for (its workers too) and what it complained about. */
export async function open(browser, url) {
  const context = await browser.newContext();
  const page = await context.newPage();
  const requests = [];
  const complaints = [];
  context.on("request", (request) => requests.push(request.url()));
  context.on("weberror", (error) => complaints.push(error.error().message));
  page.on("console", (message) => {
    if (["error", "warning"].includes(message.type())) complaints.push(message.text());
  });
  await page.goto(url);
  return { context, page, requests, complaints };
}
