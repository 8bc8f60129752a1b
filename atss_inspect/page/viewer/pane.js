/* One convention's picture: a canvas, what is drawn on it, and what is said at a mark. */
"use strict";

class Pane {
  /** `element`: the pane in the page; `view`: what is in sight, shared with others. */
  constructor(element, view) {
    this.element = element;
    this.part = {};
    for (const each of element.querySelectorAll("[data-pane]")) {
      this.part[each.dataset.pane] = each;
    }
    this.camera = new Camera(view);
    this.painter = new Painter(this.part.canvas);
    this.tip = new Tip(this.part.tip);
    this.list = null;
  }

  get convention() {
    return this.list.convention;
  }

  /** Take what is to be seen; it is drawn with `paint`. */
  show(image, convention, position, state) {
    this.image = image;
    this.painter.image = image;
    this.list = makeDrawList(image, convention, position, state);
    this.tip.hide();
    const title = `Picture: ${plural(convention.numObjects, "object")} under ${convention.name}`;
    const words = [title, ...outcomeWords(convention, position)];
    this.part.canvas.setAttribute("aria-label", words.join(", "));
  }

  /** Head the picture with its preset, unless it is the only one. */
  entitle({ isAlone, isChosen, position }) {
    const { name } = this.part;
    name.hidden = isAlone;
    name.setAttribute("aria-pressed", isChosen);
    const { isPoor, words } = lackCount(this.convention, position);
    name.title = [...outcomeWords(this.convention, position), this.convention.about[position]].join("; ");
    name.replaceChildren(named(this.convention.name), element("small", isPoor ? "is-poor" : "", words));
  }

  /** Take the size of the canvas; asked for while drawing, it would cost a layout. */
  measure() {
    const { canvas } = this.part;
    this.size = [canvas.clientWidth, canvas.clientHeight];
  }

  frame() {
    this.camera.frame(this.convention, ...this.size);
  }

  paint(state, hovered) {
    this.frame();
    this.painter.paint(this.list, state, this.camera, hovered);
    // On phones, a finger scrolls the page until the picture is zoomed.
    this.part.canvas.style.touchAction = this.camera.view.isMoved ? "none" : "pan-y";
  }

  /** What lies under a point; `isCoarse` of a finger. */
  hitAt(x, y, { row, isCoarse }) {
    const hit = objectAt(this.list, this.camera, [x, y], { row, isCoarse });
    return { ...hit, convention: this.convention };
  }

  /** Zoom in on a box before anything is drawn. */
  lookCloseAt(box) {
    this.frame();
    this.camera.bringClose(box);
  }

  /** What is drawn, for tests. */
  shown() {
    const { list, convention, camera, painter } = this;
    const { found, near, objects } = convention;
    const ann = (object) => this.image.document.objects.ann[objects.row[object]];
    const place = (of) => (n) => [ann(of.object[n]), of.level[n], of.row[n], of.column[n]];
    const iou = (n) => (found.iou ? found.iou[n] / IOU_STEPS : null);
    const screen = ({ object }) => {
      const [x1, y1, x2, y2] = convention.box(object);
      return [...camera.toScreen(x1, y1), ...camera.toScreen(x2, y2)];
    };
    return {
      preset: convention.name,
      k: convention.ks[list.position],
      boxes: list.boxes.map((box) => [ann(box.object), box.count, box.cause]),
      ranks: list.boxes.map((box) => box.rank),
      positives: list.positives.map((n) => [...place(found)(n), found.anchor[n], iou(n)]),
      contested: list.contested.map(place(found)),
      hollow: list.positives.filter((n) => convention.gate || found.isLow[n]).map(place(found)),
      frames: list.frames.map(({ object, level, corners }) => [ann(object), level, ...corners]),
      candidates: list.candidates.map((n) => place(near)(n)),
      anchors: list.anchors.length,
      labels: painter.labels.map(([object, at]) => [ann(object), ...at]),
      screen: list.boxes.map(screen),
    };
  }
}
