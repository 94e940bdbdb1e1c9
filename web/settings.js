// What a person chose, kept in this browser, and what the address asks for:
// ?model=URL&device=gpu|cpu&lang=en|zh&view=student|teacher

const key = "easel.settings";
const query = new URLSearchParams(location.search);
const one = (name, ...values) => values.find((value) => value === query.get(name));

/** The whole address; what is none is told where the model is loaded. */
function address(model) {
  try {
    return new URL(model, location.href).href;
  } catch {
    return model;
  }
}

function saved() {
  try {
    return JSON.parse(localStorage.getItem(key)) ?? {};
  } catch {
    // Private windows and blocked storage: as at first.
    return {};
  }
}

export const settings = {
  device: one("device", "gpu", "cpu") ?? "auto",

  load() {
    const found = saved();
    // A folder that was chosen is not there any more.
    if (found.model?.folder?.startsWith("chosen:")) delete found.model;
    const language = one("lang", "en", "zh");
    const view = one("view", "student", "teacher");
    const model = query.get("model");
    if (language) found.language = language;
    if (view) found.view = view;
    if (model) found.model = { folder: address(model) };
    return JSON.stringify(found);
  },

  /** Lets the page reach a pack's host from the next loading on, and fetch it then. */
  wish(address) {
    try {
      localStorage.setItem("easel.pack", address);
      sessionStorage.setItem("easel.wish", address);
    } catch {
      // Blocked storage: the host cannot be reached, which is told where the pack is fetched.
    }
  },

  /** What was wished for before the page was loaded, once. */
  wished() {
    try {
      const address = sessionStorage.getItem("easel.wish");
      sessionStorage.removeItem("easel.wish");
      return address;
    } catch {
      return undefined;
    }
  },

  save(json) {
    try {
      localStorage.setItem(key, json);
    } catch {
      // They hold for this visit.
    }
  },
};
