/* The pictures: one of the chosen preset, or those of all presets beside each other. */
"use strict";

const TITLE_HEIGHT = 30; // CSS pixels above a picture

class Panes {
  /** `stage` holds the first pane, which is copied as often as there are presets. */
  constructor(stage, view, viewer) {
    this.stage = stage;
    this.view = view;
    this.viewer = viewer;
    this.all = [];
    this.shown = [];
    this.observer = new ResizeObserver(() => viewer.resized());
    this.model = stage.firstElementChild.cloneNode(true);
    this.add(stage.firstElementChild);
  }

  add(element) {
    const pane = new Pane(element, this.view);
    const place = this.all.length;
    pane.pointers = new Pointers(pane, this.viewer);
    pane.part.name.addEventListener("click", () => this.viewer.chooseConvention(place));
    this.observer.observe(pane.part.canvas);
    this.all.push(pane);
    return pane;
  }

  /** Have one pane for each of so many conventions. */
  count(number) {
    while (this.all.length < number) {
      this.stage.append(this.add(this.model.cloneNode(true)).element);
    }
    if (this.shown.length === number) return;
    this.shown = this.all.slice(0, number);
    this.all.forEach((pane, place) => (pane.element.hidden = place >= number));
  }

  /** Set the canvases in columns, and take their sizes. */
  measure() {
    const { clientWidth, clientHeight } = this.stage;
    const columns = bestColumns(this.shown.length, this.shape, [clientWidth, clientHeight]);
    this.stage.style.setProperty("--columns", columns);
    for (const pane of this.shown) pane.measure();
  }

  /** Take what is to be seen of conventions, each at its position. */
  show(image, conventions, state) {
    this.count(conventions.length);
    conventions.forEach(({ convention, position, isChosen }, place) => {
      const pane = this.shown[place];
      pane.show(image, convention, position, state);
      pane.entitle({ isAlone: conventions.length === 1, isChosen, position });
    });
    const [width, height] = conventions[0].convention.input;
    this.arrange(conventions.length, width / height);
  }

  /** Give so many pictures of a shape, width to height, their room. */
  arrange(number, shape) {
    if (this.arranged === `${number} ${shape}`) return; // to measure costs a layout
    this.arranged = `${number} ${shape}`;
    this.shape = shape;
    this.stage.style.setProperty("--shape", within(shape, 0.7, 3));
    this.measure();
  }

  hideTips() {
    for (const pane of this.shown) pane.tip.hide();
  }
}

/** Columns for so many pictures of a shape, width to height: as many as there are
 * pictures, unless with fewer these are clearly larger. */
function bestColumns(number, shape, [width, height]) {
  let best = { columns: 1, size: 0 };
  for (let columns = number; columns > 0; columns -= 1) {
    const rows = Math.ceil(number / columns);
    const size = Math.min(width / columns, shape * (height / rows - TITLE_HEIGHT));
    if (size > 1.2 * best.size) best = { columns, size };
  }
  return best.columns;
}
