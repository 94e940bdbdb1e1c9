// Fetching a whole file, with a sentence where that fails.

/** Its bytes; undefined where there is none. */
export async function fetched(url, options) {
  let response;
  try {
    response = await fetch(url, options);
    if (response.status === 404) return undefined;
    if (response.ok) return new Uint8Array(await response.arrayBuffer());
  } catch {
    throw new Error(`${url.host} could not be reached`);
  }
  throw new Error(`the server answered ${response.status}`);
}
