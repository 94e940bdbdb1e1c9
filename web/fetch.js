// Fetching a whole file, with a sentence where that fails.

/** Nobody wants it any more. */
export class Stopped extends Error {}

/**
 * Its bytes; undefined where there is none. Of a file of a known `size`, `tell` hears how many have come,
 * and may throw `Stopped`.
 */
export async function fetched(url, options, course) {
  let response;
  try {
    response = await fetch(url, options);
    if (response.status === 404) return undefined;
    if (response.ok && course && response.body) return await pieces(response.body, course);
    if (response.ok) return new Uint8Array(await response.arrayBuffer());
  } catch (error) {
    if (error instanceof Stopped) throw error;
    throw new Error(`${url.host} could not be reached`);
  }
  throw new Error(`the server answered ${response.status}`);
}

/** What comes of a body, at most `size` bytes, in one buffer: pieces that were kept until the end would
 * take as much again. */
async function pieces(body, { tell, size }) {
  const reader = body.getReader();
  const bytes = new Uint8Array(size);
  let at = 0;
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return bytes.subarray(0, at);
      const piece = value.subarray(0, size - at);
      bytes.set(piece, at);
      at += piece.length;
      tell(at);
    }
  } catch (error) {
    reader.cancel().catch(() => {});
    throw error;
  }
}
