// The copy of what the canvas shows, as elements that browsers and screen readers know. It is made
// from the interface's own list; pressing an element presses what the canvas shows there.

const tags = { text: "p", heading: "h2", image: "div", slider: "div", field: "input", area: "textarea" };
const roles = { image: "img", radio: "radio", checkbox: "checkbox", slider: "slider" };

/** Keys that a focused element hands on; Enter and Space are clicks, and Tab is the browser's. */
const keys = ["Escape", "ArrowLeft", "ArrowRight", "ArrowUp", "ArrowDown"];

export class Mirror {
  /** `act(id, press)`, `key(name, shift, command)` and `fill(id, text)` reach the interface. */
  constructor(root, { act, key, fill }) {
    this.root = root;
    this.act = act;
    this.fill = fill;
    const find = (name) => root.querySelector(`[data-easel="${name}"]`);
    [this.status, this.screen, this.table] = ["status", "screen", "scores"].map(find);
    this.known = new Map();
    // Reaching an element by Tab must not move the copy away from what it copies.
    root.addEventListener("scroll", () => root.scrollTo(0, 0));
    document.addEventListener("keydown", (event) => {
      const { target, shiftKey } = event;
      if (target !== document.body && !root.contains(target)) return;
      const command = event.ctrlKey || event.metaKey;
      const open = command && event.key.toLowerCase() === "o";
      // Arrows are a field's own, and Enter ends a line of one.
      const typing = target.matches?.("input, textarea");
      const enter = event.key === "Enter" && target.localName === "input" && !event.isComposing;
      if (typing && !open && !enter && event.key !== "Escape") return;
      if (enter) return void (event.preventDefault(), key("Enter", false, false));
      if (!open && (command || event.altKey || !keys.includes(event.key))) return;
      event.preventDefault();
      key(open ? "O" : event.key, shiftKey, command);
    });
  }

  /** Whether an element of the copy has the keyboard. */
  get focused() {
    return this.root.contains(document.activeElement);
  }

  show({ summary, elements, focus, waiting, dark }) {
    document.documentElement.lang = summary.language === "zh" ? "zh-Hans" : "en";
    document.documentElement.dataset.theme = dark ? "dark" : "light";
    this.#state(summary);
    this.#scores(summary.scores);
    const lost = this.#list(elements, summary.comment);
    this.#focus(waiting ? this.last : focus, lost);
  }

  #state({ state, text, model, device, demo, seconds }) {
    const { dataset } = this.status;
    Object.assign(dataset, { state, model, device, demo, seconds: seconds ?? "" });
    if (this.status.textContent !== text) this.status.textContent = text;
  }

  #scores(scores) {
    const told = JSON.stringify(scores);
    if (this.told === told) return;
    this.told = told;
    this.table.hidden = !scores;
    if (!scores) return this.table.tBodies[0].replaceChildren();
    this.table.caption.textContent = scores.caption;
    scores.columns.forEach((name, at) => (this.table.rows[0].cells[at].textContent = name));
    this.table.tBodies[0].replaceChildren(...scores.rows.map(row));
  }

  /** Brings the list up to date; returns whether the element with the keyboard went away. */
  #list(elements, comment) {
    const { activeElement } = document;
    const left = new Map(this.known);
    let title = false;
    const list = elements.map((element) => {
      const first = element.kind === "heading" && !title;
      title ||= first;
      const made = this.#element(element, first ? "h1" : undefined);
      left.delete(element.id);
      update(made, element);
      if (element.mark === "comment" && comment) made.dataset.easel = "comment";
      else delete made.dataset.easel;
      return made;
    });
    for (const [id, gone] of left) {
      gone.remove();
      this.known.delete(id);
    }
    let next = this.screen.firstElementChild;
    for (const made of list) {
      if (made === next) next = next.nextElementSibling;
      else this.screen.insertBefore(made, next);
    }
    return activeElement !== document.body && !activeElement?.isConnected;
  }

  #element({ id, kind }, tag = tags[kind] ?? "button") {
    const known = this.known.get(id);
    if (known?.localName === tag && known.dataset.kind === kind) return known;
    known?.remove();
    const made = document.createElement(tag);
    made.dataset.kind = kind;
    if (roles[kind]) made.setAttribute("role", roles[kind]);
    if (tag === "button") made.type = "button";
    if (kind === "slider") made.tabIndex = 0;
    if (kind === "field" || kind === "area") {
      made.addEventListener("input", () => this.fill(id, made.value));
      made.addEventListener("focus", () => this.asked !== id && this.act(id, false));
    } else if (tag === "button" || kind === "slider") {
      made.addEventListener("click", () => this.act(id, true));
      made.addEventListener("focus", () => this.asked !== id && this.act(id, false));
    }
    this.known.set(id, made);
    return made;
  }

  /** The keyboard follows the interface, as long as it is on the page; while the interface is behind,
   * it stays where a person moved it. */
  #focus(id, lost) {
    const wanted = this.known.get(id);
    const { activeElement } = document;
    if (wanted && wanted !== activeElement && this.last !== id) {
      this.asked = id;
      wanted.focus({ preventScroll: true });
      this.asked = undefined;
    } else if (lost) {
      // Another screen: from its title on.
      const title = this.screen.querySelector("h1");
      title?.setAttribute("tabindex", "-1");
      title?.focus({ preventScroll: true });
    }
    this.last = id;
  }
}

function update(made, { kind, name, value, checked, disabled, live, place }) {
  if (kind === "field" || kind === "area") typed(made, name, value ?? "");
  else if (kind === "image" || kind === "slider") made.setAttribute("aria-label", name);
  else if (made.textContent !== name) made.textContent = name;
  if (kind === "slider") {
    made.setAttribute("aria-valuenow", 0);
    made.setAttribute("aria-valuetext", value ?? "");
  }
  if (checked !== undefined) made.setAttribute("aria-checked", checked);
  made.toggleAttribute("disabled", disabled);
  if (live) made.setAttribute("aria-live", "polite");
  else made.removeAttribute("aria-live");
  const [left, top, width, height] = place.map((side) => `${side}px`);
  Object.assign(made.style, { left, top, width, height });
}

/** What somebody types is not taken away by an answer to what was typed before. */
function typed(made, name, value) {
  made.setAttribute("aria-label", name);
  if (made.told === value) return;
  made.told = value;
  if (made !== document.activeElement || value === "") made.value = value;
}

function row({ attribute, name, score, spread, probabilities }) {
  const made = document.createElement("tr");
  Object.assign(made.dataset, { attribute, score, probabilities: probabilities.join(" ") });
  const title = document.createElement("th");
  title.scope = "row";
  title.textContent = name;
  made.append(title);
  for (const value of [score, spread]) made.insertCell().textContent = value.toFixed(2);
  return made;
}
