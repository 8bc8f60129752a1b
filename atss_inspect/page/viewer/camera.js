/* Where the input image lies on a canvas. */
"use strict";

const MOST_ZOOM = 40;
const NEAR = 96; // input pixels that stay in sight around the smallest object

const within = (value, least, most) => Math.min(Math.max(value, least), most);

/** What of the picture is in sight; x, y: its point in the middle, in shares.
 *
 * Pictures beside each other share it. */
class View {
  constructor() {
    this.reset();
  }

  reset() {
    this.x = 0.5;
    this.y = 0.5;
    this.zoom = 1;
  }

  get isMoved() {
    return this.zoom > 1;
  }

  /** Look at a point of the picture; without zoom, at all of it. */
  moveTo(x, y, zoom = this.zoom) {
    this.x = within(x, 0, 1);
    this.y = within(y, 0, 1);
    this.zoom = within(zoom, 1, MOST_ZOOM);
    if (this.zoom <= 1.001) this.reset();
  }
}

/** A view of one canvas, in its CSS pixels. */
class Camera {
  constructor(view) {
    this.view = view;
  }

  /** Fit the input image of a convention into a canvas. */
  frame({ input, picture_box: picture }, width, height) {
    const { view } = this;
    const [x1, y1, x2, y2] = picture;
    const fit = (wide, high) => Math.max(Math.min((width - 16) / wide, (height - 16) / high), 1e-6);
    Object.assign(this, { input, picture, width, height });
    this.fits = { input: fit(...input), picture: fit(x2 - x1, y2 - y1) };
    this.scale = this.scaleAt(view.zoom);
    const middle = view.isMoved
      ? [x1 + view.x * (x2 - x1), y1 + view.y * (y2 - y1)]
      : [input[0] / 2, input[1] / 2];
    this.left = width / 2 - middle[0] * this.scale;
    this.top = height / 2 - middle[1] * this.scale;
  }

  /** Pixels of the canvas for one of the input: at first all of the input is seen, with
   * its padding; the closer one looks, the less the padding counts, so that the same is
   * seen under each convention. */
  scaleAt(zoom) {
    const { input, picture } = this.fits;
    return zoom * input * (picture / input) ** (1 - zoom ** -3);
  }

  toScreen(x, y) {
    return [this.left + x * this.scale, this.top + y * this.scale];
  }

  toInput(x, y) {
    return [(x - this.left) / this.scale, (y - this.top) / this.scale];
  }

  /** Have a point of the input image in the middle. */
  center(x, y, zoom) {
    const [x1, y1, x2, y2] = this.picture;
    this.view.moveTo((x - x1) / (x2 - x1), (y - y1) / (y2 - y1), zoom);
    this.frame({ input: this.input, picture_box: this.picture }, this.width, this.height);
  }

  pan(dx, dy) {
    this.center(...this.toInput(this.width / 2 - dx, this.height / 2 - dy), this.view.zoom);
  }

  /** Zoom so that the point under (x, y) stays where it is. */
  zoomAt(x, y, factor) {
    const [inputX, inputY] = this.toInput(x, y);
    const zoom = within(this.view.zoom * factor, 1, MOST_ZOOM);
    const scale = this.scaleAt(zoom);
    this.center(inputX - (x - this.width / 2) / scale, inputY - (y - this.height / 2) / scale, zoom);
  }

  /** The middle of a box on the canvas, if it is in sight; else null. */
  spotOf(box) {
    const [x, y] = this.toScreen((box[0] + box[2]) / 2, (box[1] + box[3]) / 2);
    return x > 0 && y > 0 && x < this.width && y < this.height ? [x, y] : null;
  }

  /** Bring a box into sight, zooming in only if it is not seen well already. */
  lookAt(box) {
    const side = Math.max(box[2] - box[0], box[3] - box[1], 1);
    const [x, y] = this.toScreen((box[0] + box[2]) / 2, (box[1] + box[3]) / 2);
    const isInside = x > 30 && y > 30 && x < this.width - 30 && y < this.height - 30;
    if (!isInside || side * this.scale <= 24) this.bringClose(box);
  }

  /** Zoom in on a box, so far that some surroundings are still seen; never out. */
  bringClose(box) {
    const side = Math.max(5 * (box[2] - box[0]), 5 * (box[3] - box[1]), NEAR);
    const wanted = Math.min(this.width, this.height) / side / this.fits.picture;
    const zoom = Math.max(this.view.zoom, wanted);
    this.center((box[0] + box[2]) / 2, (box[1] + box[3]) / 2, zoom);
  }
}
