// Before anything else: connections go to this site and to the model's host, if the address or the
// settings name one. A policy that stands in the page cannot know which; one that is added can only
// narrow it.

(() => {
  let host = "";
  try {
    const saved = JSON.parse(localStorage.getItem("easel.settings"))?.model?.folder;
    const model = new URLSearchParams(location.search).get("model") ?? saved;
    const url = model && new URL(model, location.href);
    if (url?.protocol.startsWith("http") && url.origin !== location.origin) host = url.origin;
  } catch {
    // No storage, or no address: the interface says so where it loads the model.
  }
  const meta = document.createElement("meta");
  meta.httpEquiv = "Content-Security-Policy";
  meta.content = `connect-src 'self' ${host}`;
  document.head.append(meta);
  // For the workers, which have a policy of their own.
  document.documentElement.dataset.host = host;
})();
