// The program's two builds: one for any browser, and one whose model computes on several threads,
// where the server isolates the page from other origins, so that memory may be shared.

/** Whether web/build made the second one; it writes that here. */
const built = "THREADED";

/** Whether this page uses it. It waits for memory that others change, without blocking. */
export const threaded =
  built === true && self.crossOriginIsolated && typeof Atomics.waitAsync === "function";

const folder = (threads) => (threads ? "./threads" : "./pkg");

/** The glue of a build. */
export const glue = (threads) => import(`${folder(threads)}/easel_web.js`);

/** Its module. */
export async function compile(threads) {
  const url = new URL(`${folder(threads)}/easel_web_bg.wasm`, import.meta.url);
  const response = await fetch(url);
  if (!response.ok) throw new Error(`the server answered ${response.status} for ${url.pathname}`);
  // Some plain servers do not know the type.
  if (response.headers.get("content-type") !== "application/wasm") {
    return WebAssembly.compile(await response.arrayBuffer());
  }
  return WebAssembly.compileStreaming(response);
}
