// The font with more characters: it lies beside the page, and is fetched only where a name or a note holds
// one that the program has no glyph for. The service worker keeps it from then on.

import { fetched } from "./fetch.js";

/** Its bytes; undefined where there is none. */
export const moreFont = () => fetched(new URL("./noto-sans-more.otf", import.meta.url));
