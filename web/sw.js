// The shell without a network: all files of one build are kept together, and a page is served from
// one build only. A new build waits until no page of the old one is open; models and settings are
// kept elsewhere and stay.

/** Written by web/build: the build's name, and its files. */
const build = "BUILD";
const files = ["FILES"];

/** The font with more characters: kept once it was fetched. */
const font = "noto-sans-more.otf";

/** Of the program's two builds a page uses one, and says which in this worker's address. */
const threads = new URL(self.location).searchParams.has("threads");
const shell = `easel-shell-${build}${threads ? "-threads" : ""}`;
const policy = (host) =>
  `default-src 'self'; script-src 'self' 'wasm-unsafe-eval'; connect-src 'self' ${host}`;

self.addEventListener("install", (event) => {
  const request = (file) => new Request(file, { cache: "no-cache" });
  const other = threads ? "pkg/" : "threads/";
  const used = files.filter((file) => !file.startsWith(other));
  const keep = async () => {
    // Who needed the font needs it with the next build, too.
    const more = (await caches.match(new URL(font, self.registration.scope))) ? [font] : [];
    const cache = await caches.open(shell);
    await cache.addAll([...used, ...more].map(request));
  };
  event.waitUntil(keep());
});

self.addEventListener("activate", (event) => {
  const old = (name) => name.startsWith("easel-shell-") && name !== shell;
  const clean = async () => {
    const names = await caches.keys();
    await Promise.all(names.filter(old).map((name) => caches.delete(name)));
    await self.clients.claim();
  };
  event.waitUntil(clean());
});

self.addEventListener("fetch", (event) => {
  const url = new URL(event.request.url);
  const scope = new URL(self.registration.scope);
  if (event.request.method !== "GET" || url.origin !== scope.origin) return;
  if (!url.pathname.startsWith(scope.pathname)) return;
  const path = url.pathname.slice(scope.pathname.length) || "index.html";
  if (files.includes(path)) event.respondWith(answer(event.request, path, url));
  else if (path === font) event.respondWith(bring(event.request));
});

async function bring(request) {
  const cache = await caches.open(shell);
  const kept = await cache.match(request);
  if (kept) return kept;
  const response = await fetch(request);
  if (response.ok) await cache.put(request, response.clone());
  return response;
}

async function answer(request, path, url) {
  const cache = await caches.open(shell);
  const kept = await cache.match(new URL(path, self.registration.scope));
  if (!kept) return fetch(request);
  if (!["worker.js", "thread.js"].includes(path)) return kept;
  // Workers do not inherit the page's policy.
  const headers = new Headers(kept.headers);
  headers.set("content-security-policy", policy(url.searchParams.get("host") ?? ""));
  return new Response(kept.body, { headers });
}
