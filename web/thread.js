// A thread of the pool: it computes until its worker is ended, and answers no message meanwhile.

import init, { compute } from "./threads/easel_web.js";

self.onmessage = async ({ data: { module, memory, port } }) => {
  try {
    await init({ module_or_path: module, memory });
    postMessage("");
  } catch (error) {
    return postMessage(error.message);
  }
  try {
    compute();
  } catch (error) {
    // Whoever waits for this thread waits for ever.
    port.postMessage(error?.message ?? String(error));
  }
};
