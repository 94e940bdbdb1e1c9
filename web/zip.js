// Files in a worker: one that is written (a zip of portfolios, cards of a class) goes to the page as a
// download, one that a person chose is read from where it lies.

/** What browsers call files, by their ending. */
const TYPES = { csv: "text/csv", json: "application/json", pdf: "application/pdf", zip: "application/zip" };

/** The most that is held before the browser may put it on the disk, in bytes. */
const HELD = 8 << 20;

/** Collects a file; `deliver(file)` takes it once it is finished. */
export class Sink {
  constructor(name, deliver) {
    Object.assign(this, { name, deliver, parts: [], waiting: [], held: 0 });
  }

  write(bytes) {
    this.waiting.push(bytes);
    this.held += bytes.length;
    if (this.held > HELD) this.#put();
  }

  #put() {
    this.parts.push(new Blob(this.waiting));
    [this.waiting, this.held] = [[], 0];
  }

  finish() {
    this.#put();
    this.deliver(new File(this.parts, this.name, { type: TYPES[this.name.split(".").pop()] }));
  }
}

/** Reads parts of a file while the worker waits, as an unpacking library wants them. */
export class Chosen {
  constructor(file) {
    this.file = file;
    this.reader = new FileReaderSync();
  }

  get size() {
    return this.file.size;
  }

  read(start, end) {
    return new Uint8Array(this.reader.readAsArrayBuffer(this.file.slice(start, end)));
  }
}
