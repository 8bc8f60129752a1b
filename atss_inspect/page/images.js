/* The list of the images: their names, the search, and the dialog to choose from it.
 *
 * There may be hundreds of thousands. Only the lines that can be seen are elements, and
 * the search looks through texts that are put together once. All text is set as text.
 */
"use strict";

/** Names of all images, in the order of the page. */
class ImageIndex {
  /** Columns: `keys` for addresses; `names`; `objects`, their number, or none. */
  constructor({ keys, names, objects }) {
    this.keys = keys;
    this.names = names;
    this.objects = objects || null;
  }

  /** List what stands in the page: key and label of each. */
  static of({ images }) {
    return new ImageIndex({
      keys: images.map((each) => each.key),
      names: images.map((each) => each.label),
    });
  }

  get length() {
    return this.keys.length;
  }

  placeOf(key) {
    this.places ||= new Map(this.keys.map((each, place) => [each, place]));
    return this.places.has(key) ? this.places.get(key) : -1;
  }

  name(place) {
    return this.names[place] || `image ${this.keys[place]}`;
  }

  /** What there is to say beside the name. */
  detail(place) {
    if (!this.objects) return "";
    const number = this.objects[place];
    return `${this.keys[place]} · ${number.toLocaleString("en")} object${number === 1 ? "" : "s"}`;
  }

  label(place) {
    const isNamed = this.objects && this.names[place];
    return isNamed ? `${this.names[place]} (image ${this.keys[place]})` : this.name(place);
  }

  /** Find images by parts of id and file name, one of exactly this id first; `#17` is
   * the 17th. Places in the list, in its order. */
  search(text) {
    const wanted = text.trim().toLowerCase();
    const number = /^#(\d+)$/.exec(wanted);
    if (number) {
      const place = Number(number[1]) - 1;
      return place >= 0 && place < this.length ? [place] : [];
    }
    const words = wanted.split(/\s+/);
    this.texts ||= this.keys.map((key, place) => `${key} ${this.names[place]}`.toLowerCase());
    const found = [];
    this.texts.forEach((each, place) => {
      if (words.every((word) => each.includes(word))) found.push(place);
    });
    const exact = this.placeOf(text.trim());
    return exact < 0 ? found : [exact, ...found.filter((place) => place !== exact)];
  }
}

/** The dialog: a search field above a list. */
class ImagePicker {
  /** `choose` is told the place of the image that is chosen. */
  constructor(dialog, choose) {
    this.dialog = dialog;
    this.choose = choose;
    this.part = {};
    for (const each of dialog.querySelectorAll("[data-picker]")) {
      this.part[each.dataset.picker] = each;
    }
    this.lines = []; // elements, used again and again
    this.active = 0; // place in what was found
    const { search, scroller, close } = this.part;
    search.addEventListener("input", () => this.look());
    search.addEventListener("keydown", (event) => this.press(event));
    scroller.addEventListener("scroll", () => this.draw());
    scroller.addEventListener("click", (event) => this.click(event));
    close.addEventListener("click", () => this.close());
    dialog.addEventListener("click", (event) => {
      if (event.target === dialog) this.close(); // beside it
    });
    dialog.addEventListener("keydown", (event) => {
      if (event.key !== "Escape") return;
      event.preventDefault(); // of a search field it would only empty it
      this.close();
    });
    new ResizeObserver(() => this.draw()).observe(scroller);
  }

  get isOpen() {
    return this.dialog.open;
  }

  /** Show the list with an image in sight, below a button where there is room. */
  open(index, place, button) {
    this.index = index;
    this.current = place;
    this.part.search.value = "";
    this.dialog.showModal();
    this.look();
    this.placeBelow(button);
  }

  placeBelow(button) {
    const { left, bottom } = button.getBoundingClientRect();
    const { offsetWidth: width, offsetHeight: height, style } = this.dialog;
    const within = (wanted, room) => `${Math.max(Math.min(wanted, room - 12), 12)}px`;
    style.setProperty("--left", within(left, document.documentElement.clientWidth - width));
    style.setProperty("--top", within(bottom + 6, window.innerHeight - height));
  }

  close() {
    this.dialog.close();
    this.part.search.blur(); // browsers may leave it to a later moment, and keys go astray
  }

  /** Find what the field says; all images if it is empty. */
  look() {
    const { search, matches, sizer, scroller } = this.part;
    this.found = search.value.trim() ? this.index.search(search.value) : null;
    const [all, number] = [this.index.length, this.numFound].map((each) => each.toLocaleString("en"));
    matches.textContent = this.found ? `${number} of ${all} images` : `${all} images`;
    this.height = parseFloat(getComputedStyle(this.dialog).getPropertyValue("--line"));
    // Browsers have a largest height; whoever scrolls this far would rather search.
    this.numListed = Math.min(this.numFound, Math.floor(15e6 / this.height));
    // As high as all of them at most, so that it stays the same while one is typing.
    scroller.style.setProperty("--all", `${this.index.length * this.height}px`);
    sizer.style.height = `${this.numListed * this.height}px`;
    this.active = this.found ? 0 : Math.min(this.current, this.numListed - 1);
    scroller.scrollTop = (this.active - 3) * this.height;
    this.draw();
  }

  get numFound() {
    return this.found ? this.found.length : this.index.length;
  }

  placeAt(line) {
    return this.found ? this.found[line] : line;
  }

  press(event) {
    const page = Math.max(Math.floor(this.part.scroller.clientHeight / this.height) - 1, 1);
    const steps = { ArrowUp: -1, ArrowDown: 1, PageUp: -page, PageDown: page };
    if (event.key in steps) {
      event.preventDefault();
      this.move(this.active + steps[event.key]);
    } else if (event.key === "Enter") {
      event.preventDefault();
      this.take(this.active);
    }
  }

  /** Make another line the active one, and bring it into sight. */
  move(line) {
    const { scroller } = this.part;
    this.active = Math.max(Math.min(line, this.numListed - 1), 0);
    const top = this.active * this.height;
    const room = scroller.clientHeight - this.height;
    scroller.scrollTop = Math.max(Math.min(scroller.scrollTop, top), top - room);
    this.draw();
  }

  click(event) {
    const line = event.target.closest("[data-line]");
    if (line) this.take(Number(line.dataset.line));
  }

  take(line) {
    if (!this.numListed) return;
    this.close();
    this.choose(this.placeAt(line));
  }

  /** Put the lines that can be seen into elements. */
  draw() {
    if (!this.isOpen) return;
    const { scroller, sizer, line: model, search } = this.part;
    const first = Math.max(Math.floor(scroller.scrollTop / this.height) - 4, 0);
    const number = Math.ceil(scroller.clientHeight / this.height) + 8;
    const last = Math.min(first + number, this.numListed);
    while (this.lines.length < last - first) {
      this.lines.push(model.content.firstElementChild.cloneNode(true));
      sizer.append(this.lines[this.lines.length - 1]);
    }
    this.lines.forEach((each, n) => this.fill(each, first + n, first + n < last));
    search.setAttribute("aria-activedescendant", this.numListed ? `${this.dialog.id}-${this.active}` : "");
  }

  fill(element, line, isUsed) {
    element.hidden = !isUsed;
    if (!isUsed) return;
    const place = this.placeAt(line);
    element.id = `${this.dialog.id}-${line}`;
    element.dataset.line = line;
    element.style.top = `${line * this.height}px`;
    element.setAttribute("aria-setsize", this.numFound);
    element.setAttribute("aria-posinset", line + 1);
    element.setAttribute("aria-selected", line === this.active);
    element.classList.toggle("is-shown", place === this.current);
    const [name, detail] = element.children;
    name.textContent = this.index.name(place);
    name.title = this.index.name(place);
    detail.textContent = this.index.detail(place);
  }
}
