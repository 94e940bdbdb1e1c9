// Firefox as people have it, without a window; what it draws goes to a display in memory.

import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";

import puppeteer from "puppeteer-core";

const executablePath = process.env.EASEL_FIREFOX ?? "/usr/bin/firefox-esr";
const xvfb = "/usr/bin/Xvfb";

/** Why there is nothing to test; undefined where all is there. */
export const missing = !existsSync(executablePath)
  ? `no Firefox at ${executablePath}; EASEL_FIREFOX names another`
  : !process.env.DISPLAY && !existsSync(xvfb)
    ? `no display, and no ${xvfb} (Debian's xvfb): without one Firefox has no WebGL`
    : undefined;

/** Starts Firefox; its `end` ends it and the display. */
export async function launch() {
  const display = process.env.DISPLAY ? undefined : await show();
  const env = { ...process.env, ...display?.env };
  const browser = await puppeteer.launch({ browser: "firefox", executablePath, env });
  const end = async () => {
    await browser.close();
    await display?.end();
  };
  return Object.assign(browser, { end });
}

/** A display in memory. */
async function show() {
  const args = ["-displayfd", "3", "-nolisten", "tcp", "-screen", "0", "1280x900x24"];
  const child = spawn(xvfb, args, { stdio: ["ignore", "ignore", "ignore", "pipe"] });
  const [number] = await Promise.race([
    once(child.stdio[3], "data"),
    once(child, "exit").then(() => {
      throw new Error(`${xvfb} has ended`);
    }),
  ]);
  const end = async () => {
    child.kill();
    await once(child, "exit");
  };
  return { env: { DISPLAY: `:${String(number).trim()}` }, end };
}
