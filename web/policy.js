// Before anything else: connections go to this site and to the model's host, if the address or the
// settings name one, and to that of the pack that was asked for last. A policy that stands in the page cannot know which; one that is added can only
// narrow it.

(() => {
  const hosts = new Set();
  const allow = (address) => {
    try {
      const url = new URL(address() ?? "", location.href);
      if (url.protocol.startsWith("http") && url.origin !== location.origin) hosts.add(url.origin);
    } catch {
      // No storage, or no address: the interface says so where it loads the model.
    }
  };
  const saved = () => JSON.parse(localStorage.getItem("easel.settings"))?.model?.folder;
  allow(() => new URLSearchParams(location.search).get("model") ?? saved());
  allow(() => localStorage.getItem("easel.pack"));
  const host = [...hosts].join(" ");
  const meta = document.createElement("meta");
  meta.httpEquiv = "Content-Security-Policy";
  meta.content = `connect-src 'self' ${host}`;
  document.head.append(meta);
  // For the workers, which have a policy of their own.
  document.documentElement.dataset.host = host;
})();
