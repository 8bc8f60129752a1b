/* Draws a draw list on a canvas. */
"use strict";

const MOST_STAMPS = 5000;


/** Draws a draw list; keeps nothing but marks it has drawn, the widths of words, and
 * what it has named. */
class Painter {
  constructor(canvas) {
    this.canvas = canvas;
    this.context = canvas.getContext("2d");
    this.image = null; // whose objects have their colors
    this.widths = new Map();
    this.stamps = new Map();
    this.labels = []; // objects and where their names are, first drawn first
    this.palette = readPalette();
  }

  color(row) {
    return this.palette.objects[this.colorNumber(row)];
  }

  /** Color of a box and its marks; poorly assigned ones have one in common. */
  objectColor({ row, rank }) {
    return rank === 2 ? this.color(row) : this.palette.poor;
  }

  colorNumber(row) {
    return this.image.document.objects.color[row] % NUM_COLORS;
  }

  paint(list, state, camera, hovered) {
    const ratio = window.devicePixelRatio || 1;
    this.ratio = ratio;
    if (this.stamps.size > 600) this.stamps.clear(); // zooming makes marks of any size
    const [width, height] = [Math.round(camera.width * ratio), Math.round(camera.height * ratio)];
    if (this.canvas.width !== width || this.canvas.height !== height) {
      this.canvas.width = width;
      this.canvas.height = height;
    }
    const active = hovered.row === null ? state.row : hovered.row;
    const scene = { image: this.image, list, state, camera, hovered, active };
    this.context.setTransform(ratio, 0, 0, ratio, 0, 0);
    this.context.clearRect(0, 0, camera.width, camera.height);
    this.paintGround(scene);
    if (state.show.has("masks")) this.paintMasks(scene);
    this.paintLeftOut(scene);
    this.paintAnchors(scene);
    this.paintFrames(scene);
    this.paintBoxes(scene);
    this.paintCandidates(scene);
    this.paintPositives(scene);
    this.paintLabels(scene);
  }

  paintGround({ image, list, state, camera }) {
    const { context, palette } = this;
    const [width, height] = list.convention.input;
    context.fillStyle = palette.canvas;
    context.fillRect(camera.left, camera.top, width * camera.scale, height * camera.scale);
    const picture = image.pixels;
    if (state.show.has("picture") && picture && picture.complete && picture.naturalWidth) {
      const [x1, y1, x2, y2] = list.convention.picture_box;
      const [x, y] = camera.toScreen(x1, y1);
      context.imageSmoothingEnabled = camera.scale < 6;
      context.drawImage(picture, x, y, (x2 - x1) * camera.scale, (y2 - y1) * camera.scale);
      // A veil, so that marks stand out from any picture.
      context.globalAlpha = 0.16;
      context.fillStyle = palette.paper;
      context.fillRect(x, y, (x2 - x1) * camera.scale, (y2 - y1) * camera.scale);
      context.globalAlpha = 1;
    }
    context.strokeStyle = palette.rule;
    context.lineWidth = 1;
    context.strokeRect(camera.left, camera.top, width * camera.scale, height * camera.scale);
  }

  paintMasks({ image, list, camera, active }) {
    const { context } = this;
    const [x1, y1, x2, y2] = list.convention.picture_box;
    const [width, height] = image.document.original;
    context.save();
    context.translate(...camera.toScreen(x1, y1));
    const scale = [((x2 - x1) * camera.scale) / width, ((y2 - y1) * camera.scale) / height];
    context.scale(...scale);
    image.document.objects.outline.forEach((outline, row) => {
      if (!outline) return;
      const isFaint = active !== null && active !== row;
      context.fillStyle = this.boxColor(list, row);
      context.strokeStyle = context.fillStyle;
      context.lineWidth = 1 / scale[0];
      if (outline.mask) {
        context.globalAlpha = isFaint ? 0.15 : 0.45;
        this.paintMask(image.masks[row], outline.box, context.fillStyle);
        return;
      }
      const path = new Path2D();
      outline.polygons.forEach((points) => polygon(path, points));
      context.globalAlpha = isFaint ? 0.12 : 0.4;
      context.fill(path);
      context.globalAlpha = isFaint ? 0.2 : 0.9;
      context.stroke(path);
    });
    context.restore();
  }

  /** Draw a mask that came as a picture, in a color. */
  paintMask(mask, [x1, y1, x2, y2], color) {
    if (!mask.complete || !mask.naturalWidth) return;
    const sheet = document.createElement("canvas");
    sheet.width = mask.naturalWidth;
    sheet.height = mask.naturalHeight;
    const context = sheet.getContext("2d");
    context.drawImage(mask, 0, 0);
    context.globalCompositeOperation = "source-in";
    context.fillStyle = color;
    context.fillRect(0, 0, sheet.width, sheet.height);
    this.context.drawImage(sheet, x1, y1, x2 - x1, y2 - y1);
  }

  boxColor(list, row) {
    const object = list.convention.rowToObject.get(row);
    if (object === undefined) return this.palette.faint;
    return this.objectColor(list.boxes[object]);
  }

  paintLeftOut({ list, camera, active }) {
    const { context, palette } = this;
    const { row, box } = list.convention.left_out;
    context.strokeStyle = palette.faint;
    context.setLineDash(LEFT_OUT_DASHES);
    row.forEach((each, place) => {
      const [x, y] = camera.toScreen(box[4 * place], box[4 * place + 1]);
      context.lineWidth = active === each ? 2.5 : 1.2;
      context.strokeRect(
        x,
        y,
        (box[4 * place + 2] - box[4 * place]) * camera.scale,
        (box[4 * place + 3] - box[4 * place + 1]) * camera.scale,
      );
    });
    context.setLineDash([]);
  }

  paintBoxes({ list, camera, active }) {
    // The active box comes last, over all others.
    const order = [...list.boxes].sort((a, b) => (a.row === active) - (b.row === active));
    for (const box of order) {
      const { object, row, count, rank } = box;
      const [x1, y1, x2, y2] = list.convention.box(object);
      const [x, y] = camera.toScreen(x1, y1);
      const isActive = row === active;
      this.context.globalAlpha = active === null || isActive ? 1 : 0.45;
      this.strokeBox(
        [x, y, (x2 - x1) * camera.scale, (y2 - y1) * camera.scale],
        this.objectColor(box),
        { width: isActive ? 3 : 1.6, dashes: BOX_DASHES[rank] },
      );
      if (!count) {
        const [middleX, middleY] = camera.toScreen((x1 + x2) / 2, (y1 + y2) / 2);
        const room = 0.3 * Math.min(x2 - x1, y2 - y1) * camera.scale;
        crossOut(this.context, middleX, middleY, within(room, 2, 4.5), this.palette);
      }
    }
    this.context.globalAlpha = 1;
  }

  /** Draw windows of many candidates as dotted frames around their cells. */
  paintFrames({ list, camera, active }) {
    for (const { object, corners } of list.frames) {
      const box = list.boxes[object];
      const [[x1, y1], [x2, y2]] = [
        camera.toScreen(corners[0], corners[1]),
        camera.toScreen(corners[2], corners[3]),
      ];
      this.context.globalAlpha = active === null || box.row === active ? 1 : 0.35;
      const style = { width: 1.2, dashes: FRAME_DASHES };
      this.strokeBox([x1, y1, x2 - x1, y2 - y1], this.objectColor(box), style);
    }
    this.context.globalAlpha = 1;
  }

  strokeBox(rectangle, color, style) {
    strokeBox(this.context, rectangle, color, { ...style, casing: this.palette.paper });
  }

  paintAnchors({ list, camera, active }) {
    const { context } = this;
    const { found, levels, rowToObject } = list.convention;
    const wanted = rowToObject.get(active);
    context.lineWidth = 1;
    for (const n of list.anchors) {
      const isActive = wanted === found.object[n];
      if (wanted !== undefined && !isActive) continue;
      const level = levels[found.level[n]];
      const [x1, y1, x2, y2] = level.anchors.slice(4 * found.anchor[n], 4 * found.anchor[n] + 4);
      const shift = [found.column[n] * level.step[0], found.row[n] * level.step[1]];
      const [x, y] = camera.toScreen(x1 + shift[0], y1 + shift[1]);
      context.strokeStyle = this.objectColor(list.boxes[found.object[n]]);
      context.globalAlpha = isActive ? 0.75 : 0.3;
      context.strokeRect(x, y, (x2 - x1) * camera.scale, (y2 - y1) * camera.scale);
    }
    context.globalAlpha = 1;
  }

  /** Draw a mark once, to be stamped as often as it is needed: thousands of stamps are
   * quick, a path of thousands of marks is not. */
  stamp(level, radius, { fill, stroke, width, casing }) {
    const look = [fill, stroke, width, casing];
    const key = [level, radius.toFixed(2), ...look, this.ratio].join();
    if (!this.stamps.has(key)) {
      const side = Math.ceil((1.6 * radius + width + 1) * this.ratio) * 2;
      const sheet = document.createElement("canvas");
      sheet.width = side;
      sheet.height = side;
      const context = sheet.getContext("2d");
      context.scale(this.ratio, this.ratio);
      const middle = side / 2 / this.ratio;
      drawMark(context, level, [middle, middle, radius], { fill, stroke, width, casing });
      this.stamps.set(key, sheet);
    }
    return this.stamps.get(key);
  }

  /** Stamp marks at points of the input image, on whole pixels of the screen. */
  stampAll(marks, points, camera, stampOf) {
    const { context, ratio } = this;
    context.setTransform(1, 0, 0, 1, 0, 0);
    for (const n of marks) {
      const [x, y] = camera.toScreen(points.x[n], points.y[n]);
      if (x < -9 || y < -9 || x > camera.width + 9 || y > camera.height + 9) continue;
      const sheet = stampOf(n);
      context.drawImage(
        sheet,
        Math.round(x * ratio) - sheet.width / 2,
        Math.round(y * ratio) - sheet.height / 2,
      );
    }
    context.setTransform(ratio, 0, 0, ratio, 0, 0);
  }

  paintCandidates({ list, camera, active }) {
    const { near, rowToObject } = list.convention;
    if (!list.candidates.length) return;
    const wanted = rowToObject.get(active);
    const own = list.candidates.filter((n) => near.object[n] === wanted);
    this.context.globalAlpha = wanted === undefined ? 0.85 : 0.3;
    this.paintCells(list, uniqueCells(list.candidates, near), camera);
    this.context.globalAlpha = 0.95;
    this.paintCells(list, own, camera);
    this.context.globalAlpha = 1;
  }

  paintCells(list, cells, camera) {
    const { context, palette } = this;
    const { levels, near } = list.convention;
    if (cells.length > MOST_STAMPS) {
      // A crowd whose shapes nobody could tell apart: dots, which are quicker still.
      context.fillStyle = palette.ink;
      for (const n of cells) {
        const [x, y] = camera.toScreen(near.x[n], near.y[n]);
        context.fillRect(x - 1, y - 1, 2, 2);
      }
      return;
    }
    const stamps = levels.map((_, level) => this.stamp(level, 2.1, markLooks.candidate(palette)));
    this.stampAll(cells, near, camera, (n) => stamps[near.level[n]]);
  }

  paintPositives({ list, camera, active, hovered }) {
    const { context, palette } = this;
    const { found, levels, rowToObject } = list.convention;
    const wanted = rowToObject.get(active);
    const radii = levels.map(({ step }, level) =>
      markRadius(level, step[0] * camera.scale, camera.view.zoom),
    );
    const stampsOf = (more) => (n) => {
      const level = found.level[n];
      const isShared = list.convention.gate && list.isContested.has(n);
      const color = isShared ? palette.ink : this.objectColor(list.boxes[found.object[n]]);
      if (!found.isLow[n] && !list.convention.gate) {
        return this.stamp(level, radii[level] + more, markLooks.solid(palette, color));
      }
      // With its casing no larger than the others, so that neighbors stay apart.
      const radius = Math.max(radii[level] + more - 0.6, 1.1);
      return this.stamp(level, radius, markLooks.hollow(palette, color));
    };
    const isActive = (n) => found.object[n] === wanted;
    context.globalAlpha = active === null ? 1 : 0.35;
    this.stampAll(list.positives.filter((n) => !isActive(n)), found, camera, stampsOf(0));
    context.globalAlpha = 1;
    this.stampAll(list.positives.filter(isActive), found, camera, stampsOf(0.7));
    const isFaint = (n) => active !== null && !isActive(n);
    if (!list.convention.gate) this.ringContested(list, camera, { radii, isFaint });
    if (hovered.convention === list.convention) this.circle(found, hovered.positive, camera);
  }

  /** Draw a circle around the positive that is pointed at, if one is. */
  circle(found, n, camera) {
    if (n === null) return;
    const { context, palette } = this;
    context.strokeStyle = palette.ink;
    context.lineWidth = 1.5;
    context.beginPath();
    context.arc(...camera.toScreen(found.x[n], found.y[n]), 9, 0, 2 * Math.PI);
    context.stroke();
  }

  /** Put a ring around what another object could have had, hardly wider than a cell. */
  ringContested({ convention, contested }, camera, { radii, isFaint }) {
    const { found, levels } = convention;
    const cells = levels.map(({ step }) => 0.62 * step[0] * camera.scale);
    const reach = radii.map((radius, level) => within(cells[level], radius + 1, radius + 2.6));
    for (const faint of [true, false]) {
      this.context.globalAlpha = faint ? 0.35 : 1;
      const rings = contested.filter((n) => isFaint(n) === faint);
      const ring = (n) => this.stamp(0, reach[found.level[n]], markLooks.ring(this.palette));
      this.stampAll(rings, found, camera, ring);
    }
    this.context.globalAlpha = 1;
  }

  paintLabels(scene) {
    const { context, palette } = this;
    const { active } = scene;
    context.font = "500 11px system-ui, sans-serif";
    context.textBaseline = "middle";
    const labels = placeLabels(scene, (text) => this.widthOf(text));
    for (const { box, text, place } of labels) {
      const [left, top, right] = place;
      context.globalAlpha = active === null || box.row === active ? 1 : 0.5;
      context.fillStyle = this.objectColor(box);
      context.fillRect(left, top, right - left, LABEL_HEIGHT);
      context.fillStyle = palette.paper;
      context.fillText(text, left + 4, top + 8);
    }
    context.globalAlpha = 1;
    this.labels = labels.map(({ box, place }) => [box.object, place]);
  }

  widthOf(text) {
    if (!this.widths.has(text)) this.widths.set(text, this.context.measureText(text).width);
    return this.widths.get(text);
  }
}
