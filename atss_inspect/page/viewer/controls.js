/* The buttons above and below the picture. */
"use strict";

class Controls {
  constructor(viewer) {
    this.viewer = viewer;
    this.toggles = [...viewer.container.querySelectorAll("[data-toggle]")];
    const { part } = viewer;
    const listen = (name, act) => part[name].addEventListener("click", act);
    listen("previous", () => viewer.stepImage(-1));
    listen("next", () => viewer.stepImage(1));
    listen("image", () => viewer.findImage());
    listen("closer", () => viewer.zoom(1.5));
    listen("farther", () => viewer.zoom(1 / 1.5));
    listen("fit", () => viewer.zoom(0));
    listen("help", () => viewer.showHelp());
    listen("close", () => viewer.showHelp());
    for (const button of this.toggles) {
      button.addEventListener("click", () => viewer.toggle(button.dataset.toggle));
    }
  }

  listImages() {
    const { part, index } = this.viewer;
    const isOne = index.length < 2;
    for (const name of ["previous", "next", "image"]) part[name].hidden = isOne;
    part.name.hidden = !isOne;
  }

  /** Name the image that is shown, or is about to be. */
  nameImage() {
    const { part, place, index } = this.viewer;
    const label = index.label(place);
    const number = `Image ${(place + 1).toLocaleString("en")} of ${index.length.toLocaleString("en")}`;
    part.image.replaceChildren(element("bdi", ""));
    // Lines rather end behind a folder than within the file's name.
    const folders = label.split(/(?<=[/\\])/).flatMap((each) => [each, element("wbr")]);
    part.image.firstChild.append(...folders);
    part.image.title = `${number}; find another (/)`;
    part.name.replaceChildren(named(label));
    part.previous.disabled = place === 0;
    part.next.disabled = place === index.length - 1;
  }

  listConventions() {
    const buttons = this.viewer.image.conventions.map((convention, place) => {
      const button = element("button", "viewer-choice", named(convention.name));
      button.type = "button";
      button.title = convention.about[convention.start];
      button.append(element("small"));
      button.addEventListener("click", () => this.viewer.chooseConvention(place));
      return button;
    });
    this.viewer.part.conventions.replaceChildren(...buttons);
  }

  render() {
    this.renderConventions();
    this.renderToggles();
    this.renderLevels();
  }

  renderConventions() {
    const { part, state, image } = this.viewer;
    [...part.conventions.children].forEach((button, place) => {
      const each = image.conventions[place];
      const { isPoor, words } = lackCount(each, this.viewer.positionIn(each));
      button.setAttribute("aria-pressed", place === state.convention);
      button.lastChild.textContent = words;
      button.lastChild.classList.toggle("is-poor", isPoor);
    });
  }

  renderToggles() {
    const conventions = this.viewer.shownConventions.map((each) => each.convention);
    const isAllGates = conventions.every((each) => each.gate);
    for (const button of this.toggles) {
      const name = button.dataset.toggle;
      button.setAttribute("aria-pressed", this.viewer.state.show.has(name));
      button.disabled = !canShow(name, this.viewer.image, conventions);
      button.hidden = isAllGates && ["candidates", "anchors", "contested"].includes(name);
      if (name === "beside") button.hidden = this.viewer.image.conventions.length < 2;
    }
  }

  renderLevels() {
    const { part, convention, state } = this.viewer;
    const numbers = convention.levelCounts(null, state.position);
    while (part.levels.children.length > numbers.length) part.levels.lastChild.remove();
    convention.levels.forEach((level, place) => {
      const button = part.levels.children[place] || this.addLevel(place);
      button.children[0].textContent = MARKS[place % MARKS.length];
      button.children[1].textContent = level.name;
      button.children[2].textContent = numbers[place];
      button.setAttribute("aria-pressed", !state.levels.has(level.name));
      button.title = `${level.name}: ${plural(numbers[place], convention.given)}`;
    });
  }

  addLevel(place) {
    const { viewer } = this;
    const [mark, name, number] = [element("span"), element("span"), element("small")];
    const button = element("button", "viewer-chip", mark, " ", name, " ", number);
    button.type = "button";
    button.addEventListener("click", () => viewer.toggleLevel(viewer.convention.levels[place].name));
    viewer.part.levels.append(button);
    return button;
  }

  /** Say what is seen in a line, and by which rule. */
  renderStatus() {
    const { convention, image, part, state } = this.viewer;
    if (this.viewer.failure) return; // it is what is to be read
    const leftOut = convention.left_out.row.length;
    const parts = [plural(convention.numObjects, "object"), ...outcomeWords(convention, state.position)];
    if (leftOut) parts.push(`${leftOut} left out by the data rules`);
    const k = convention.ks[state.position];
    const text = `${parts.join(", ")}${k === null ? "" : ` at k = ${k}`}.`;
    part.status.textContent = convention.note ? `The image is ${convention.note}.` : text;
    part.about.textContent = convention.about[state.position];
    const note = image.document.picture_note;
    part.note.textContent = `· ${image.document.picture ? "Note" : "No picture"}: ${note}`;
    part.note.hidden = !note;
  }
}

/** Whether an image, or one of the conventions in sight, has what a toggle shows. */
function canShow(name, { document: data }, conventions) {
  if (name === "picture") return Boolean(data.picture);
  if (name === "masks") return data.objects.outline.some(Boolean);
  if (name === "candidates") return conventions.some((each) => each.near);
  if (name === "contested") return conventions.some((each) => each.isContested);
  const hasAnchors = ({ levels }) => levels.some((level) => level.anchors.length);
  return name !== "anchors" || conventions.some(hasAnchors);
}
