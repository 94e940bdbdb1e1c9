// The page: it asks the worker and shows what it answers. Nothing is computed here.

const find = (name) => document.querySelector(`[data-easel="${name}"]`);
const [status, device, table] = ["status", "device", "scores"].map(find);
const picture = find("picture").querySelector("img");
const input = (id) => document.getElementById(id);

let worker;
let lastId = 0;

function show(state, text) {
  status.dataset.state = state;
  status.textContent = text;
}

function ask(request, transfer = []) {
  lastId += 1;
  worker.postMessage({ ...request, id: lastId }, transfer);
}

/** A folder the user chose, without its own name: `[["config.json", File], ...]`. */
function chosen(id) {
  const files = [...input(id).files];
  if (!files.length) return undefined;
  return { files: files.map((file) => [file.webkitRelativePath.replace(/^[^/]*\//, ""), file]) };
}

/** Starts a new worker, and with it a new device: the last model's memory is given back. */
function load(model, adapters) {
  worker?.terminate();
  input("drawing").disabled = true;
  table.hidden = true;
  device.textContent = "";
  show("loading", "Starting");
  worker = new Worker("./worker.js", { type: "module" });
  worker.onmessage = ({ data }) => data.id === lastId && events[data.kind](data);
  worker.onerror = () => show("failed", "The program could not be started in this browser.");
  ask({ kind: "load", model, adapters, device: input("device").value });
}

const events = {
  progress: ({ message }) => show("loading", `${message} …`),
  ready(data) {
    device.dataset.device = data.device;
    device.dataset.adapter = data.adapter;
    device.textContent =
      data.device === "gpu" ? `Computed by WebGPU: ${data.adapter}` : "Computed by the processor";
    input("drawing").disabled = false;
    show("ready", "The model is ready. Choose a drawing.");
  },
  scored({ scores, seconds }) {
    table.tBodies[0].replaceChildren(...Object.entries(scores).map(row));
    table.hidden = false;
    show("scored", `Scored in ${seconds.toFixed(1)} seconds.`);
    status.dataset.seconds = seconds;
  },
  stopped({ message }) {
    worker.terminate();
    input("drawing").disabled = true;
    show("failed", `The program stopped: ${message}. Load the model again.`);
  },
  failed: ({ message }) => show("failed", `That did not work: ${message}`),
};

function row([attribute, { score, std, probabilities }]) {
  const row = document.createElement("tr");
  row.dataset.attribute = attribute;
  row.dataset.probabilities = probabilities.join(" ");
  const name = document.createElement("th");
  name.scope = "row";
  name.textContent = attribute.replaceAll("_", " ");
  row.append(name);
  for (const value of [score, std]) {
    row.insertCell().textContent = value.toFixed(2);
  }
  row.cells[1].dataset.score = score;
  return row;
}

find("model").addEventListener("submit", (event) => {
  event.preventDefault();
  const model = chosen("model");
  find("demo").hidden = Boolean(model);
  if (model) load(model, chosen("adapters"));
  else show("failed", "Choose a model folder first.");
});

input("drawing").addEventListener("change", async (event) => {
  const [file] = event.target.files;
  if (!file) return;
  show("scoring", "Looking at the drawing …");
  table.hidden = true;
  URL.revokeObjectURL(picture.src);
  picture.src = URL.createObjectURL(file);
  picture.alt = `The drawing ${file.name}`;
  picture.parentElement.hidden = false;
  const bytes = await file.arrayBuffer();
  ask({ kind: "score", picture: bytes }, [bytes]);
});

// A page that serves a model itself is opened as ?model=FOLDER&adapters=FOLDER&device=gpu|cpu;
// without a model it takes the demo's, which says what it is.
const query = new URLSearchParams(location.search);
if (["gpu", "cpu"].includes(query.get("device"))) input("device").value = query.get("device");
const folder = (path) => (path ? { url: new URL(path, location.href).href } : undefined);
find("demo").hidden = query.has("model");
if (query.has("model")) load(folder(query.get("model")), folder(query.get("adapters")));
else load(folder("demo/model"), folder("demo/adapters"));
