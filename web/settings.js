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

  save(json) {
    try {
      localStorage.setItem(key, json);
    } catch {
      // They hold for this visit.
    }
  },
};
