// Fetching a whole file, with a sentence where that fails.

/** Nobody wants it any more. */
export class Stopped extends Error {}

/**
 * Its bytes; undefined where there is none. `tell` hears how many have come, and may throw `Stopped`.
 */
export async function fetched(url, options, tell) {
  let response;
  try {
    response = await fetch(url, options);
    if (response.status === 404) return undefined;
    if (response.ok && tell && response.body) return await pieces(response.body, tell);
    if (response.ok) return new Uint8Array(await response.arrayBuffer());
  } catch (error) {
    if (error instanceof Stopped) throw error;
    throw new Error(`${url.host} could not be reached`);
  }
  throw new Error(`the server answered ${response.status}`);
}

async function pieces(body, tell) {
  const reader = body.getReader();
  const all = [];
  let length = 0;
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) break;
      all.push(value);
      length += value.length;
      tell(length);
    }
  } catch (error) {
    reader.cancel().catch(() => {});
    throw error;
  }
  const bytes = new Uint8Array(length);
  let at = 0;
  for (const piece of all) {
    bytes.set(piece, at);
    at += piece.length;
  }
  return bytes;
}
