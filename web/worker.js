// The worker that holds the model: it answers one `load`, then `score` requests in their order.
// Every answer is `{ kind, id, ... }` with the id of its request; `failed` carries a message, and
// after `stopped` the worker is of no more use.

import init, { Session } from "./pkg/easel_web.js";
import { readAdapters, readModel } from "./files.js";

let session;
let current;
let queue = Promise.resolve();

const answer = (kind, more) => postMessage({ kind, id: current, ...more });

// Called by the panic hook: after a panic no promise of the module settles any more.
self.easelPanic = (message) => answer("stopped", { message });

const handlers = {
  /** `{ model, adapters, device }`: folders as files.js reads them, and "gpu" or "cpu". */
  async load({ model, adapters, device }) {
    await init();
    const progress = (name) => answer("progress", { message: `Reading ${name}` });
    const weights = await readModel(model, progress);
    const tuned = adapters && (await readAdapters(adapters, progress));
    answer("progress", { message: "Preparing the model" });
    session = await Session.load(weights, tuned, device);
    answer("ready", { device: session.device, adapter: session.adapter });
  },

  /** `{ picture }`: the bytes of a picture file. */
  async score({ picture }) {
    if (!session) throw new Error("no model is loaded");
    const start = performance.now();
    const { scores } = JSON.parse(await session.score(new Uint8Array(picture)));
    answer("scored", { scores, seconds: (performance.now() - start) / 1000 });
  },
};

self.onmessage = ({ data }) => {
  queue = queue.then(async () => {
    current = data.id;
    try {
      await handlers[data.kind](data);
    } catch (error) {
      answer("failed", { message: error?.message ?? String(error) });
    }
  });
};
