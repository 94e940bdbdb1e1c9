// The threads of a worker: further workers on its own module and memory (web/src/threads.rs).

/** More than this many wait for each other longer than they compute. */
const MOST = 16;

/** Starts a thread for each core, and makes them the program's; returns how many. Each hands the
 * page, by `watch`, a port that hears why it stopped: its own worker waits for it and hears nothing. */
export async function start(module, memory, openPool, watch) {
  const count = Math.min(navigator.hardwareConcurrency ?? 1, MOST);
  if (count < 2) return 1;
  const threads = Array.from({ length: count }, (_, at) => {
    const url = new URL("./thread.js", import.meta.url);
    return new Worker(url, { type: "module", name: `thread ${at + 1}` });
  });
  try {
    await Promise.all(threads.map((thread) => begin(thread, module, memory, watch)));
    openPool(count);
  } catch (error) {
    for (const thread of threads) thread.terminate();
    throw error;
  }
  return count;
}

function begin(thread, module, memory, watch) {
  const { port1, port2 } = new MessageChannel();
  watch(port1);
  return new Promise((resolve, reject) => {
    thread.onmessage = ({ data }) => (data ? reject(new Error(data)) : resolve());
    thread.onerror = ({ message }) => reject(new Error(message ?? "a thread could not be started"));
    thread.postMessage({ module, memory, port: port2 }, [port2]);
  });
}
