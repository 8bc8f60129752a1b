/* The interactive viewer: one image, what each convention does to its objects.
 *
 * It assigns nothing. Python has stored, for every pair of object and anchor, at which k
 * it is positive; here that is looked up and drawn. The shape of the data is described
 * by `image_document` in atss_inspect/viewer/document.py.
 *
 * One way through: source -> decoded image -> state -> draw list -> canvas and panels.
 * All text is set as text; nothing from the data ever becomes markup.
 */
"use strict";

(() => {
  const SIGNS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
  const STEP_ZERO = 32;
  const IOU_STEPS = 1000;
  const STATISTIC_STEPS = 10000;
  const TOGGLES = ["picture", "masks", "labels", "candidates", "anchors"];
  const SHOWN_AT_FIRST = ["picture", "labels"];
  const NUM_COLORS = 8;
  const MOST_ZOOM = 40;
  const NEAR = 96; // input pixels that stay in sight around the smallest object
  const MOST_STAMPS = 5000;
  const MOST_SIGNS = 36; // of a window; with more candidates it is a frame
  const LABEL_HEIGHT = 15;
  const FEW_OBJECTS = 40; // so many can all have names on the picture
  const RECENT_IMAGES = 12;
  const REACH = 9; // how near a pointer must come to a positive
  // Of boxes without a positive, with only low-quality matches, and of others.
  const BOX_DASHES = [[5, 3.5], [8, 3, 2, 3], []];
  const MARKS = ["●", "■", "▲", "◆", "✚", "★", "▼", "⬢"]; // of levels, finest first

  // --- where images come from ----------------------------------------------------

  /** Documents that stand in the page, each in a script block of its own. */
  class EmbeddedSource {
    constructor(container) {
      this.container = container;
      this.blocks = [...container.querySelectorAll("script[data-image]")];
    }

    async index() {
      const block = this.container.querySelector("script[data-index]");
      return ImageIndex.of(JSON.parse(block.textContent));
    }

    get(index) {
      return Promise.resolve(JSON.parse(this.blocks[index].textContent));
    }
  }

  /** Documents that a server computes when they are asked for. */
  class FetchedSource {
    constructor(address) {
      this.address = address;
    }

    async index() {
      return new ImageIndex(await this.ask(""));
    }

    get(index) {
      return this.ask(index);
    }

    async ask(name) {
      let answer;
      try {
        answer = await fetch(this.address + name);
      } catch {
        throw new Error("the server does not answer; was it stopped?");
      }
      if (answer.ok) return answer.json();
      const { error } = await answer.json().catch(() => ({}));
      throw new Error(error || `the server answered ${answer.status}`);
    }
  }

  /** Keep the last few decoded images, so that stepping back and forth is instant. */
  class ImageSource {
    constructor(container) {
      const address = container.dataset.source;
      this.source = address ? new FetchedSource(address) : new EmbeddedSource(container);
      this.isRemote = Boolean(address);
      this.recent = new Map(); // the one asked for last comes last
    }

    index() {
      return this.source.index();
    }

    get(index) {
      const image =
        this.recent.get(index) ||
        this.source.get(index).then((document) => new SceneImage(document));
      image.catch(() => this.recent.delete(index));
      this.recent.delete(index);
      this.recent.set(index, image);
      if (this.recent.size > RECENT_IMAGES) {
        this.recent.delete(this.recent.keys().next().value);
      }
      return image;
    }

    /** Ask a server for images that may be wanted next, one after the other. */
    async prefetch(places) {
      for (const place of this.isRemote ? places : []) {
        await this.get(place).catch(() => null);
      }
    }
  }

  // --- decoding ------------------------------------------------------------------

  /** Sizes of groups -> the group of each member. */
  function groupOfEach(counts) {
    const total = counts.reduce((sum, count) => sum + count, 0);
    const group = new Int32Array(total);
    let place = 0;
    counts.forEach((count, number) => group.fill(number, place, (place += count)));
    return group;
  }

  /** Differences within groups -> values. */
  function addUp(steps, group) {
    const values = Int32Array.from(steps);
    for (let n = 1; n < values.length; n += 1) {
      if (group[n] === group[n - 1]) values[n] += values[n - 1];
    }
    return values;
  }

  /** Candidates of a gate one by one, in the form of positives. */
  function listCandidates({ gate, levels }) {
    const counts = [];
    const index = [];
    for (let n = 0; n < gate.windows.length; n += 4) {
      const [rowFrom, rowTo, columnFrom, columnTo] = gate.windows.slice(n, n + 4);
      const { columns } = levels[(n / 4) % levels.length];
      counts.push((rowTo - rowFrom) * (columnTo - columnFrom));
      let before = 0;
      for (let row = rowFrom; row < rowTo; row += 1) {
        for (let column = columnFrom; column < columnTo; column += 1) {
          index.push(row * columns + column - before);
          before = row * columns + column;
        }
      }
    }
    return { counts, index, masks: [1], mask: index.map(() => 0), low: [], iou: null };
  }

  /** One image under one convention, its columns as typed arrays.
   *
   * Of a gate, the candidates stand where others have positives. */
  class Convention {
    constructor(document) {
      Object.assign(this, document);
      this.numObjects = document.objects.row.length;
      this.numPositions = document.ks.length;
      this.given = document.gate ? "candidate" : "positive";
      this.decodePositives(document.gate ? listCandidates(document) : document.positives);
      this.decodeCandidates(document.candidates);
      this.rowToObject = new Map(document.objects.row.map((row, n) => [row, n]));
      this.rowToLeftOut = new Map(document.left_out.row.map((row, n) => [row, n]));
      this.countPositives();
    }

    get hasSlider() {
      return this.numPositions > 1;
    }

    decodePositives({ counts, index, masks, mask, low, iou }) {
      const numLevels = this.levels.length;
      const group = groupOfEach(counts);
      const place = addUp(index, group);
      const found = {
        object: group.map((pair) => Math.floor(pair / numLevels)),
        level: group.map((pair) => pair % numLevels),
        mask: Int32Array.from(mask, (number) => masks[number]),
        isLow: new Uint8Array(place.length), // a low-quality match
        iou,
        row: new Int32Array(place.length),
        column: new Int32Array(place.length),
        anchor: new Int32Array(place.length),
        x: new Float32Array(place.length),
        y: new Float32Array(place.length),
      };
      for (let n = 0; n < place.length; n += 1) {
        const level = this.levels[found.level[n]];
        const perCell = level.centers.length / 2;
        const cell = Math.floor(place[n] / perCell);
        const anchor = place[n] % perCell;
        found.anchor[n] = anchor;
        found.row[n] = Math.floor(cell / level.columns);
        found.column[n] = cell % level.columns;
        found.x[n] = level.centers[2 * anchor] + found.column[n] * level.step[0];
        found.y[n] = level.centers[2 * anchor + 1] + found.row[n] * level.step[1];
      }
      for (const n of low) found.isLow[n] = 1;
      this.found = found;
    }

    decodeCandidates(candidates) {
      this.near = null;
      if (!candidates) return;
      const numLevels = this.levels.length;
      const group = groupOfEach(candidates.counts);
      const near = {
        object: group.map((pair) => Math.floor(pair / numLevels)),
        level: group.map((pair) => pair % numLevels),
        row: new Int32Array(group.length),
        column: new Int32Array(group.length),
        firstK: new Int32Array(group.length),
        x: new Float32Array(group.length),
        y: new Float32Array(group.length),
      };
      const value = new Int8Array(128);
      [...SIGNS].forEach((sign, number) => (value[sign.charCodeAt(0)] = number));
      const sign = (text, place) => value[text.charCodeAt(place)];
      let pair = -1;
      let start = 0;
      for (let n = 0; n < group.length; n += 1) {
        if (n === 0 || group[n] !== group[n - 1]) {
          pair += 1;
          start = n;
        }
        const level = this.levels[near.level[n]];
        const { first, steps, first_k: firstK } = candidates;
        near.row[n] = first[2 * pair] + sign(steps, 2 * n) - STEP_ZERO;
        near.column[n] = first[2 * pair + 1] + sign(steps, 2 * n + 1) - STEP_ZERO;
        near.firstK[n] = firstK ? sign(firstK, n) : n - start + 1;
        near.x[n] = level.centers[0] + near.column[n] * level.step[0];
        near.y[n] = level.centers[1] + near.row[n] * level.step[1];
      }
      this.near = near;
    }

    /** Count the positives of each object at each position of the slider, and the
     * low-quality matches among them. */
    countPositives() {
      this.counts = new Int32Array(this.numObjects * this.numPositions);
      this.lowCounts = new Int32Array(this.numObjects * this.numPositions);
      const { object, mask, isLow } = this.found;
      for (let n = 0; n < mask.length; n += 1) {
        for (let p = 0; p < this.numPositions; p += 1) {
          if (!((mask[n] >> p) & 1)) continue;
          this.counts[object[n] * this.numPositions + p] += 1;
          this.lowCounts[object[n] * this.numPositions + p] += isLow[n];
        }
      }
    }

    count(object, position) {
      return this.counts[object * this.numPositions + position];
    }

    lowCount(object, position) {
      return this.lowCounts[object * this.numPositions + position];
    }

    /** Without a positive (0), with only low-quality matches (1), or neither (2). */
    rank(object, position) {
      const count = this.count(object, position);
      return !count ? 0 : count === this.lowCount(object, position) ? 1 : 2;
    }

    cause(object, position) {
      return Number(this.causes[object][position]);
    }

    /** Objects of a rank. */
    numOfRank(rank, position) {
      let number = 0;
      for (let n = 0; n < this.numObjects; n += 1) {
        if (this.rank(n, position) === rank) number += 1;
      }
      return number;
    }

    /** How many objects are poorly assigned, by how: "1 without a positive, 3 with only
     * low-quality matches"; empty if none are. */
    poorWords(position) {
      const [without, low] = [0, 1].map((rank) => this.numOfRank(rank, position));
      const parts = [];
      if (without) parts.push(`${without} without a ${this.given}`);
      if (low) parts.push(`${low} with only low-quality matches`);
      return parts.join(", ");
    }

    /** Positives of all objects. */
    total(position) {
      let sum = 0;
      for (let n = 0; n < this.numObjects; n += 1) sum += this.count(n, position);
      return sum;
    }

    /** Object that holds what one without a positive wanted most, or -1. */
    lostTo(object, position) {
      for (let n = 0; n < this.lost.length; n += 4) {
        const [loser, from, to, holder] = this.lost.slice(n, n + 4);
        if (loser === object && from <= position && position <= to) return holder;
      }
      return -1;
    }

    /** A statistic of the candidates with four digits, or a dash. */
    statistic(name, object, position) {
      if (!this.thresholds) return "–";
      const value = this.thresholds[name][object * this.numPositions + position];
      return value === null ? "–" : (value / STATISTIC_STEPS).toFixed(4);
    }

    /** Candidates of a level at a position: k nearest anchors, or all there are. */
    numCandidates(level, position) {
      const { rows, columns, centers, inside } = this.levels[level];
      const all = inside ?? (rows * columns * centers.length) / 2;
      return Math.min(this.ks[position] * this.anchors_per_k, all);
    }

    /** Cells of an object's candidates on a level: rows, columns, from and to. */
    window(object, level) {
      const start = 4 * (object * this.levels.length + level);
      return this.gate.windows.slice(start, start + 4);
    }

    /** Objects that have a cell of a level among their candidates. */
    numSharing(level, row, column) {
      let number = 0;
      for (let object = 0; object < this.numObjects; object += 1) {
        const [rowFrom, rowTo, columnFrom, columnTo] = this.window(object, level);
        const isIn = row >= rowFrom && row < rowTo && column >= columnFrom && column < columnTo;
        number += isIn;
      }
      return number;
    }

    box(object) {
      return this.objects.box.slice(4 * object, 4 * object + 4);
    }

    /** Box of an object of the image, kept or left out; null if neither. */
    boxOfRow(row) {
      if (this.rowToObject.has(row)) return this.box(this.rowToObject.get(row));
      const place = this.rowToLeftOut.get(row);
      return place === undefined ? null : this.left_out.box.slice(4 * place, 4 * place + 4);
    }
  }

  /** An image with all conventions; `row` numbers its objects as the file has them. */
  class SceneImage {
    constructor(document) {
      this.document = document;
      this.conventions = document.conventions.map((each) => new Convention(each));
      const seen = new Map();
      this.keys = document.objects.ann.map((ann) => {
        const times = (seen.get(ann) || 0) + 1;
        seen.set(ann, times);
        return times > 1 ? `${ann}~${times}` : ann;
      });
      this.pixels = loadedPicture(document.picture);
      this.masks = document.objects.outline.map((each) =>
        each && each.mask ? loadedPicture(each.mask) : null,
      );
    }

    className(row) {
      const { classes, class: index } = this.document.objects;
      return classes[index[row]] || "(no name)";
    }

    size(row) {
      return this.document.sizes[this.document.objects.size[row]];
    }
  }

  function loadedPicture(address) {
    if (!address) return null;
    const picture = new Image();
    picture.src = address;
    return picture;
  }

  // --- words ---------------------------------------------------------------------

  const plural = (number, noun) => `${number.toLocaleString("en")} ${noun}${number === 1 ? "" : "s"}`;
  const sides = (width, height) => `${shortNumber(width)} × ${shortNumber(height)}`;
  const shortNumber = (value) => String(Math.round(value * 10) / 10);

  /** Name the k at which a pair is positive: "3–17, 20". */
  function ranges(mask, ks) {
    const parts = [];
    for (let p = 0; p < ks.length; p += 1) {
      if (!((mask >> p) & 1)) continue;
      const from = p;
      while (p + 1 < ks.length && (mask >> (p + 1)) & 1) p += 1;
      parts.push(from === p ? `${ks[p]}` : `${ks[from]}–${ks[p]}`);
    }
    return parts.join(", ");
  }

  function element(name, className, ...content) {
    const made = document.createElement(name);
    if (className) made.className = className;
    made.append(...content);
    return made;
  }

  /** Change a text that has changed: even an equal one would be laid out anew. */
  function setText(where, text) {
    if (where.textContent !== text) where.textContent = text;
  }

  /** Text of the file: isolated, so that its direction stays its own. */
  const named = (text, className) => {
    const made = element("bdi", className, text);
    made.title = text;
    return made;
  };

  // --- the state in the address --------------------------------------------------

  /** Read `#viewer:image=42&k=9` into texts; null if the fragment is not ours. */
  function readFragment(id) {
    const start = `#${id}:`;
    if (!location.hash.startsWith(start)) return null;
    return new URLSearchParams(location.hash.slice(start.length));
  }

  function writeFragment(id, values) {
    const fragment = `#${id}:${new URLSearchParams(values)}`;
    try {
      history.replaceState(null, "", fragment);
    } catch {
      location.replace(fragment);
    }
  }

  // --- drawing -------------------------------------------------------------------

  /** Colors of the style sheet, read anew when the theme changes. */
  function readPalette() {
    const style = getComputedStyle(document.documentElement);
    const color = (name) => style.getPropertyValue(`--${name}`).trim();
    const objects = [];
    for (let n = 0; n < NUM_COLORS; n += 1) objects.push(color(`object-${n}`));
    return {
      objects,
      ink: color("ink"),
      faint: color("faint-ink"),
      paper: color("paper"),
      canvas: color("canvas"),
      rule: color("rule"),
      poor: color("poor"),
    };
  }

  /** Add the marker of a level to a path. */
  function traceMark(path, level, x, y, r) {
    switch (level % MARKS.length) {
      case 0:
        path.moveTo(x + r, y);
        path.arc(x, y, r, 0, 2 * Math.PI);
        break;
      case 1:
        path.rect(x - 0.88 * r, y - 0.88 * r, 1.76 * r, 1.76 * r);
        break;
      case 2:
        polygon(path, [x, y - 1.2 * r, x + 1.1 * r, y + 0.8 * r, x - 1.1 * r, y + 0.8 * r]);
        break;
      case 3:
        polygon(path, [x, y - 1.3 * r, x + 1.3 * r, y, x, y + 1.3 * r, x - 1.3 * r, y]);
        break;
      case 4: {
        const [a, b] = [0.42 * r, 1.25 * r];
        polygon(path, [
          x - a, y - b, x + a, y - b, x + a, y - a, x + b, y - a, x + b, y + a, x + a, y + a,
          x + a, y + b, x - a, y + b, x - a, y + a, x - b, y + a, x - b, y - a, x - a, y - a,
        ]);
        break;
      }
      case 6:
        polygon(path, [x, y + 1.2 * r, x + 1.1 * r, y - 0.8 * r, x - 1.1 * r, y - 0.8 * r]);
        break;
      default: {
        const isStar = level % MARKS.length === 5;
        const corners = isStar ? 10 : 6;
        const points = [];
        for (let n = 0; n < corners; n += 1) {
          const angle = (2 * n * Math.PI) / corners;
          const far = (isStar && n % 2 ? 0.6 : 1.2) * r;
          points.push(x + far * Math.sin(angle), y - far * Math.cos(angle));
        }
        polygon(path, points);
      }
    }
  }

  /** Coarser levels have larger marks, and all grow a little when the picture is zoomed,
   * but none is wider than its cell. */
  function markRadius(level, cell, zoom) {
    const growth = Math.min(1 + Math.log2(zoom) / 5, 1.7);
    return Math.max(Math.min((3.1 + 0.5 * level) * growth, 0.46 * cell), 1.3);
  }

  function polygon(path, points) {
    path.moveTo(points[0], points[1]);
    for (let n = 2; n < points.length; n += 2) path.lineTo(points[n], points[n + 1]);
    path.closePath();
  }

  /** Where the input image lies on the canvas; x, y: its point in the middle, in shares. */
  class Camera {
    constructor() {
      this.reset();
    }

    reset() {
      this.x = 0.5;
      this.y = 0.5;
      this.zoom = 1;
    }

    get isMoved() {
      return this.zoom !== 1 || this.x !== 0.5 || this.y !== 0.5;
    }

    /** Fit the input image into a canvas of CSS pixels. */
    frame(input, width, height) {
      this.input = input;
      this.width = width;
      this.height = height;
      this.fit = Math.max(Math.min((width - 16) / input[0], (height - 16) / input[1]), 1e-6);
      this.scale = this.fit * this.zoom;
      this.left = width / 2 - this.x * input[0] * this.scale;
      this.top = height / 2 - this.y * input[1] * this.scale;
    }

    toScreen(x, y) {
      return [this.left + x * this.scale, this.top + y * this.scale];
    }

    toInput(x, y) {
      return [(x - this.left) / this.scale, (y - this.top) / this.scale];
    }

    pan(dx, dy) {
      this.x -= dx / (this.input[0] * this.scale);
      this.y -= dy / (this.input[1] * this.scale);
      this.settle();
    }

    /** Zoom so that the point under (x, y) stays where it is. */
    zoomAt(x, y, factor) {
      const [inputX, inputY] = this.toInput(x, y);
      this.zoom = Math.min(Math.max(this.zoom * factor, 1), MOST_ZOOM);
      const scale = this.fit * this.zoom;
      this.x = (inputX - (x - this.width / 2) / scale) / this.input[0];
      this.y = (inputY - (y - this.height / 2) / scale) / this.input[1];
      this.settle();
    }

    settle() {
      this.x = Math.min(Math.max(this.x, 0), 1);
      this.y = Math.min(Math.max(this.y, 0), 1);
      if (this.zoom <= 1.001) this.reset();
      this.frame(this.input, this.width, this.height);
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
      const wanted = Math.min(this.width, this.height) / side / this.fit;
      this.zoom = Math.min(Math.max(this.zoom, wanted), MOST_ZOOM);
      this.x = (box[0] + box[2]) / 2 / this.input[0];
      this.y = (box[1] + box[3]) / 2 / this.input[1];
      this.settle();
    }
  }

  /** What is to be seen, decided before anything is drawn: the canvas and the tests
   * both take it from here. */
  function makeDrawList(image, state) {
    const convention = image.conventions[state.convention];
    const { found, near } = convention;
    const { position, levels } = state;
    const isOn = convention.levels.map((level) => !levels.has(level.name));
    const chosen = convention.rowToObject.get(state.row);
    const frames = listFrames(convention, isOn, chosen);
    const framed = new Set(frames.map(({ object, level }) => `${object} ${level}`));
    const positives = [];
    for (let n = 0; n < found.mask.length; n += 1) {
      const isShown = (found.mask[n] >> position) & 1 && isOn[found.level[n]];
      if (isShown && !framed.has(`${found.object[n]} ${found.level[n]}`)) positives.push(n);
    }
    const candidates = [];
    if (near && state.show.has("candidates")) {
      const k = convention.ks[position];
      for (let n = 0; n < near.object.length; n += 1) {
        const isAsked = chosen === undefined || near.object[n] === chosen;
        if (isAsked && near.firstK[n] <= k && isOn[near.level[n]]) candidates.push(n);
      }
    }
    let anchors = [];
    if (state.show.has("anchors") && convention.levels.some((level) => level.anchors.length)) {
      anchors = positives.filter((n) => chosen === undefined || found.object[n] === chosen);
    }
    const boxes = [];
    for (let object = 0; object < convention.numObjects; object += 1) {
      const count = convention.count(object, position);
      const cause = image.document.causes[convention.cause(object, position)];
      const rank = convention.rank(object, position);
      boxes.push({ object, row: convention.objects.row[object], count, rank, cause });
    }
    return { convention, position, chosen, boxes, positives, frames, candidates, anchors };
  }

  /** Windows of many candidates, to be drawn as frames, but those of the chosen object. */
  function listFrames(convention, isOn, chosen) {
    const frames = [];
    for (let object = 0; convention.gate && object < convention.numObjects; object += 1) {
      convention.levels.forEach(({ centers, step }, level) => {
        const [rowFrom, rowTo, columnFrom, columnTo] = convention.window(object, level);
        const number = (rowTo - rowFrom) * (columnTo - columnFrom);
        if (number <= MOST_SIGNS || !isOn[level] || object === chosen) return;
        const [x, y] = [centers[0] - step[0] / 2, centers[1] - step[1] / 2];
        const low = [x + columnFrom * step[0], y + rowFrom * step[1]];
        const high = [x + columnTo * step[0], y + rowTo * step[1]];
        frames.push({ object, level, corners: [...low, ...high] });
      });
    }
    return frames;
  }

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
      context.setLineDash([1.5, 3]);
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
          this.crossOut(middleX, middleY, Math.min(Math.max(room, 2), 4.5));
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
        const style = { width: 1.2, dashes: [1.5, 2] };
        this.strokeBox([x1, y1, x2 - x1, y2 - y1], this.objectColor(box), style);
      }
      this.context.globalAlpha = 1;
    }

    /** Mark the middle of an object without a positive. */
    crossOut(x, y, r) {
      const { context, palette } = this;
      context.beginPath();
      for (const side of [-r, r]) {
        context.moveTo(x - side, y - r);
        context.lineTo(x + side, y + r);
      }
      for (const [color, width] of [[palette.paper, 4], [palette.poor, 2]]) {
        context.strokeStyle = color;
        context.lineWidth = width;
        context.stroke();
      }
    }

    /** Draw a rectangle with a casing, so that it shows on any ground. */
    strokeBox(rectangle, color, { width, dashes }) {
      const { context, palette } = this;
      context.strokeStyle = palette.paper;
      context.lineWidth = width + 1.6;
      context.setLineDash([]);
      context.strokeRect(...rectangle);
      context.strokeStyle = color;
      context.lineWidth = width;
      context.setLineDash(dashes);
      context.strokeRect(...rectangle);
      context.setLineDash([]);
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
        const path = new Path2D();
        traceMark(path, level, side / 2 / this.ratio, side / 2 / this.ratio, radius);
        context.fillStyle = fill;
        if (fill !== "none") context.fill(path);
        for (const [color, wide] of casing ? [[casing, width + 1], [stroke, width]] : [[stroke, width]]) {
          context.strokeStyle = color;
          context.lineWidth = wide;
          context.stroke(path);
        }
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
      const style = { fill: palette.paper, stroke: palette.ink, width: 1 };
      const stamps = levels.map((_, level) => this.stamp(level, 2.1, style));
      this.stampAll(cells, near, camera, (n) => stamps[near.level[n]]);
    }

    paintPositives({ list, camera, active, hovered }) {
      const { context, palette } = this;
      const { found, levels, rowToObject } = list.convention;
      const wanted = rowToObject.get(active);
      const radii = levels.map(({ step }, level) =>
        markRadius(level, step[0] * camera.scale, camera.zoom),
      );
      const stampsOf = (more) => (n) => {
        const level = found.level[n];
        const color = this.objectColor(list.boxes[found.object[n]]);
        if (!found.isLow[n] && !list.convention.gate) {
          const style = { fill: color, stroke: palette.paper, width: 1 };
          return this.stamp(level, radii[level] + more, style);
        }
        // With its casing no larger than the others, so that neighbors stay apart.
        const radius = Math.max(radii[level] + more - 0.6, 1.1);
        const hollow = { fill: "none", stroke: color, width: 1.2, casing: palette.paper };
        return this.stamp(level, radius, hollow);
      };
      const isActive = (n) => found.object[n] === wanted;
      context.globalAlpha = active === null ? 1 : 0.35;
      this.stampAll(list.positives.filter((n) => !isActive(n)), found, camera, stampsOf(0));
      context.globalAlpha = 1;
      this.stampAll(list.positives.filter(isActive), found, camera, stampsOf(0.7));
      if (hovered.positive !== null) {
        const [x, y] = camera.toScreen(found.x[hovered.positive], found.y[hovered.positive]);
        context.strokeStyle = palette.ink;
        context.lineWidth = 1.5;
        context.beginPath();
        context.arc(x, y, 9, 0, 2 * Math.PI);
        context.stroke();
      }
    }

    /** Name the boxes, those without a positive first, wherever a name covers neither
     * another nor the middle of one of these. */
    paintLabels({ image, list, state, camera, active }) {
      const { context, palette } = this;
      const isFew = list.boxes.length <= FEW_OBJECTS;
      const corners = list.boxes.map(({ object }) => {
        const [x1, y1, x2, y2] = list.convention.box(object);
        return [...camera.toScreen(x1, y1), ...camera.toScreen(x2, y2)];
      });
      const wanted = list.boxes.filter(({ row, count, object }) => {
        const [x1, y1, x2] = corners[object];
        const isSeen = x2 >= 0 && x1 <= camera.width && y1 >= 0 && y1 <= camera.height + 16;
        // In a crowd, of the others only boxes large enough to be told apart have names.
        const isPlain = isFew || !count || x2 - x1 >= 22;
        return isSeen && (row === active || (isPlain && state.show.has("labels")));
      });
      const crosses = list.boxes.filter(({ count }) => !count).map(({ object }) => {
        const [x1, y1, x2, y2] = corners[object];
        const [x, y] = [(x1 + x2) / 2, (y1 + y2) / 2];
        return [x - 3, y - 3, x + 3, y + 3];
      });
      const taken = [];
      this.labels = [];
      context.font = "500 11px system-ui, sans-serif";
      context.textBaseline = "middle";
      for (const box of labelOrder(wanted, corners, active)) {
        const isActive = box.row === active;
        const cause = !box.count && (isFew || isActive) ? ` · ${box.cause}` : "";
        const text = clipText(image.className(box.row), 24) + cause;
        const places = labelPlaces(corners[box.object], this.widthOf(text) + 8, camera);
        const isCovered = (place) => (other) => overlap(place, other);
        const isFree = (place) =>
          !taken.some(isCovered(place)) && !crosses.some(isCovered(place));
        const place = isActive ? places[0] : places.find(isFree);
        if (!place) continue;
        taken.push(place);
        this.labels.push([box.object, place]);
        const [left, top, right] = place;
        context.globalAlpha = active === null || isActive ? 1 : 0.5;
        context.fillStyle = this.objectColor(box);
        context.fillRect(left, top, right - left, LABEL_HEIGHT);
        context.fillStyle = palette.paper;
        context.fillText(text, left + 4, top + 8);
      }
      context.globalAlpha = 1;
    }

    widthOf(text) {
      if (!this.widths.has(text)) this.widths.set(text, this.context.measureText(text).width);
      return this.widths.get(text);
    }
  }

  /** Keep one candidate of each cell: objects side by side share most of theirs. */
  function uniqueCells(candidates, { level, row, column }) {
    const seen = new Set();
    return candidates.filter((n) => {
      const cell = (level[n] * 16384 + row[n]) * 16384 + column[n];
      return !seen.has(cell) && seen.add(cell);
    });
  }

  /** The active box, then those without a positive, large ones before small ones. */
  function labelOrder(boxes, corners, active) {
    const rank = (box) => (box.row === active ? 0 : box.count ? 2 : 1);
    const area = ({ object }) => {
      const [x1, y1, x2, y2] = corners[object];
      return (x2 - x1) * (y2 - y1);
    };
    return boxes.sort((a, b) => rank(a) - rank(b) || area(b) - area(a));
  }

  /** Where the name of a box may stand: above it, or inside at the top of the canvas;
   * else below. */
  function labelPlaces([x1, y1, , y2], width, camera) {
    const left = Math.min(Math.max(x1, 2), Math.max(camera.width - width - 2, 2));
    const tops = [y1 > 18 ? y1 - 17 : y1 + 2];
    if (y2 + 17 < camera.height) tops.push(y2 + 2);
    return tops.map((top) => [left, top, left + width, top + LABEL_HEIGHT]);
  }

  const overlap = (a, b) => a[0] < b[2] && b[0] < a[2] && a[1] < b[3] && b[1] < a[3];

  function clipText(text, length) {
    const letters = [...text];
    return letters.length > length ? `${letters.slice(0, length - 1).join("")}…` : text;
  }

  // --- the viewer ----------------------------------------------------------------

  class Viewer {
    constructor(container) {
      this.container = container;
      this.part = {};
      for (const each of container.querySelectorAll("[data-part]")) {
        this.part[each.dataset.part] = each;
      }
      this.source = new ImageSource(container);
      // Alone on its page, the viewer may take keys and wheel for itself.
      this.isAlone = container.hasAttribute("data-alone");
      this.camera = new Camera();
      this.painter = new Painter(this.part.canvas);
      this.hovered = { row: null, positive: null };
      this.state = {
        image: 0,
        convention: 0,
        position: 0,
        row: null,
        show: new Set(SHOWN_AT_FIRST),
        levels: new Set(), // names of those that are hidden
      };
      this.part.body.hidden = false;
      this.picker = new ImagePicker(this.part.images, (place) => this.openImage(place, null));
      this.listenToControls();
      this.listenToPointers();
      this.listenToKeys();
      this.measureStage();
      new ResizeObserver(() => {
        this.measureStage();
        this.draw();
      }).observe(this.part.stage);
      window.addEventListener("hashchange", () => this.followAddress());
      this.ready = this.begin();
    }

    /** Ask for the list of images, and, as it may be long, for the first one meanwhile. */
    async begin() {
      if (!readFragment(this.container.id)) this.source.get(0).catch(() => null);
      try {
        this.index = await this.source.index();
      } catch (error) {
        this.part.status.textContent = `The list of images could not be loaded: ${error.message}`;
        return;
      }
      this.listImages();
      await this.followAddress(true);
    }

    get convention() {
      return this.image.conventions[this.state.convention];
    }

    // state -> address, and back

    /** Show what the fragment says; without one of ours, the first image. */
    async followAddress(isFirst = false) {
      const asked = readFragment(this.container.id);
      if (!this.index || (!asked && !isFirst)) return;
      const place = this.index.placeOf(asked && asked.get("image"));
      await this.openImage(Math.max(place, 0), asked || new URLSearchParams());
    }

    /** Change to an image; `asked` holds what else is wanted, as texts.
     *
     * Of several wishes that come while one is being fulfilled, only the last counts. */
    openImage(place, asked) {
      this.direction = place < this.place ? -1 : 1;
      this.place = place;
      this.wish = { place, asked };
      this.nameImage();
      this.opening ||= this.fulfillWishes().finally(() => (this.opening = null));
      return this.opening;
    }

    async fulfillWishes() {
      while (this.wish) {
        const { wish } = this;
        this.part.main.setAttribute("aria-busy", "true");
        try {
          const image = await this.source.get(wish.place);
          this.failure = "";
          this.showImage(wish, image);
          this.part.main.setAttribute("aria-busy", "false");
        } catch (error) {
          this.failure = `This image could not be loaded: ${error.message}`;
          this.part.status.textContent = this.failure;
        }
        if (this.wish === wish) this.wish = null;
      }
      const next = [this.place + this.direction, this.place - this.direction];
      this.source.prefetch(next.filter((place) => place >= 0 && place < this.index.length));
    }

    showImage({ place, asked }, image) {
      for (const each of this.container.querySelectorAll("[inert]")) each.inert = false;
      const isSame = this.image === image;
      this.image = image;
      this.painter.image = image;
      this.state.image = place;
      this.hovered = { row: null, positive: null };
      for (const picture of [image.pixels, ...image.masks]) {
        if (picture) picture.onload = () => this.draw();
      }
      if (asked) this.takeOver(asked);
      else this.keepWhatFits();
      if (!isSame || asked) this.takeCamera(asked);
      this.listConventions();
      this.render();
    }

    /** Take the state from texts of an address, which may be anything. */
    takeOver(asked) {
      const { conventions, keys } = this.image;
      const place = conventions.findIndex((each) => each.name === asked.get("preset"));
      this.state.convention = Math.max(place, 0);
      const { ks, start, levels } = this.convention;
      const position = ks.indexOf(Number(asked.get("k")));
      this.state.position = position < 0 || ks.length === 1 ? start : position;
      const row = keys.indexOf(asked.get("object"));
      this.state.row = row < 0 ? null : row;
      const show = asked.get("show");
      const shown = show === null ? SHOWN_AT_FIRST : show.split(",");
      this.state.show = new Set(TOGGLES.filter((name) => shown.includes(name)));
      const hidden = (asked.get("hide") || "").split(",");
      const names = levels.map((level) => level.name);
      this.state.levels = new Set(names.filter((name) => hidden.includes(name)));
    }

    /** Keep convention, k and toggles for another image. */
    keepWhatFits() {
      this.state.row = null;
      this.state.convention = Math.min(this.state.convention, this.image.conventions.length - 1);
      this.state.position = Math.min(this.state.position, this.convention.ks.length - 1);
    }

    takeCamera(asked) {
      this.camera.reset();
      const at = (asked && asked.get("at")) || "";
      const box = at === "object" && this.convention.boxOfRow(this.state.row);
      if (box) {
        this.camera.frame(this.convention.input, ...this.stageSize);
        this.camera.bringClose(box);
        return;
      }
      const [x, y, zoom] = at.split(",").map(Number);
      if (zoom >= 1 && zoom <= MOST_ZOOM && x >= 0 && x <= 1 && y >= 0 && y <= 1) {
        Object.assign(this.camera, { x, y, zoom });
      }
    }

    /** Write the address a moment after the last change; not over another part's. */
    rememberState() {
      clearTimeout(this.timer);
      this.timer = setTimeout(() => {
        const texts = this.asTexts();
        const state = JSON.stringify(texts);
        const isChosen = this.isAlone || (this.remembered && this.remembered !== state);
        this.remembered = state;
        if (isChosen) writeFragment(this.container.id, texts);
      }, 120);
    }

    asTexts() {
      const { state, camera, convention } = this;
      const texts = {
        image: this.index.keys[state.image],
        preset: convention.name,
      };
      if (convention.hasSlider) texts.k = convention.ks[state.position];
      if (state.row !== null) texts.object = this.image.keys[state.row];
      const shown = TOGGLES.filter((name) => state.show.has(name)).join(",");
      if (shown !== SHOWN_AT_FIRST.join(",")) texts.show = shown;
      if (state.levels.size) texts.hide = [...state.levels].join(",");
      if (camera.isMoved) {
        texts.at = [camera.x.toFixed(4), camera.y.toFixed(4), camera.zoom.toFixed(3)].join(",");
      }
      return texts;
    }

    change(values) {
      Object.assign(this.state, values);
      this.render();
    }

    // controls

    listImages() {
      const isOne = this.index.length < 2;
      for (const name of ["previous", "next", "image"]) this.part[name].hidden = isOne;
      this.part.name.hidden = !isOne;
    }

    /** Name the image that is shown, or is about to be. */
    nameImage() {
      const { part, place, index } = this;
      const label = index.label(place);
      const number = `Image ${(place + 1).toLocaleString("en")} of ${index.length.toLocaleString("en")}`;
      part.image.replaceChildren(element("bdi", "", label));
      part.image.title = `${number}; find another (/)`;
      part.name.replaceChildren(named(label));
      part.previous.disabled = place === 0;
      part.next.disabled = place === index.length - 1;
    }

    findImage() {
      if (this.index && this.index.length > 1) this.picker.open(this.index, this.place, this.part.image);
    }

    listConventions() {
      const buttons = this.image.conventions.map((convention, place) => {
        const button = element("button", "viewer-choice", named(convention.name));
        button.type = "button";
        button.title = convention.about[convention.start];
        button.append(element("small"));
        button.addEventListener("click", () => this.chooseConvention(place));
        return button;
      });
      this.part.conventions.replaceChildren(...buttons);
    }

    /** Change the convention; k stays where both have it. */
    chooseConvention(place) {
      const before = this.convention;
      const after = this.image.conventions[place];
      if (before === after || !after) return;
      const k = before.hasSlider ? before.ks[this.state.position] : this.lastK;
      if (before.hasSlider) this.lastK = k;
      const position = after.hasSlider ? after.ks.indexOf(k) : -1;
      this.hovered = { row: null, positive: null };
      this.change({ convention: place, position: position < 0 ? after.start : position });
    }

    stepImage(step) {
      const last = this.index.length - 1;
      const place = Math.min(Math.max(this.place + step, 0), last);
      if (place !== this.place) this.openImage(place, null);
    }

    stepK(step) {
      const position = this.state.position + step;
      if (position >= 0 && position < this.convention.ks.length) this.change({ position });
    }

    /** Select the object some rows further down the table. */
    stepObject(step) {
      if (!this.order.length) return;
      const place = this.order.indexOf(this.state.row);
      const next = place < 0 ? (step > 0 ? 0 : this.order.length - 1) : place + step;
      if (next < 0 || next >= this.order.length) return;
      this.select(this.order[next]);
      this.rows.get(this.order[next]).scrollIntoView({ block: "nearest" });
    }

    select(row) {
      if (row !== null) this.camera.lookAt(this.convention.boxOfRow(row) || [0, 0, 1, 1]);
      this.change({ row });
    }

    toggle(name) {
      const { show } = this.state;
      if (!show.delete(name)) show.add(name);
      this.render();
    }

    toggleLevel(name) {
      const { levels } = this.state;
      if (!levels.delete(name)) levels.add(name);
      this.render();
    }

    listenToControls() {
      const { part } = this;
      part.previous.addEventListener("click", () => this.stepImage(-1));
      part.next.addEventListener("click", () => this.stepImage(1));
      part.image.addEventListener("click", () => this.findImage());
      part.k.addEventListener("input", () => this.change({ position: Number(part.k.value) }));
      part.less.addEventListener("click", () => this.stepK(-1));
      part.more.addEventListener("click", () => this.stepK(1));
      part.closer.addEventListener("click", () => this.zoom(1.5));
      part.farther.addEventListener("click", () => this.zoom(1 / 1.5));
      part.fit.addEventListener("click", () => this.zoom(0));
      part.help.addEventListener("click", () => this.showHelp());
      part.close.addEventListener("click", () => this.showHelp());
      for (const button of this.container.querySelectorAll("[data-toggle]")) {
        button.addEventListener("click", () => this.toggle(button.dataset.toggle));
      }
    }

    showHelp() {
      if (this.part.keys.open) this.part.keys.close();
      else this.part.keys.showModal();
    }

    // pointers

    listenToPointers() {
      const { canvas } = this.part;
      this.pointers = new Map();
      canvas.addEventListener("pointerdown", (event) => this.press(event));
      canvas.addEventListener("pointermove", (event) => this.move(event));
      for (const name of ["pointerup", "pointercancel"]) {
        canvas.addEventListener(name, (event) => this.release(event));
      }
      canvas.addEventListener("pointerleave", () => this.hover({ row: null, positive: null }));
      canvas.addEventListener("dblclick", (event) => {
        this.camera.zoomAt(event.offsetX, event.offsetY, event.shiftKey ? 0.5 : 2);
        this.draw();
      });
      canvas.addEventListener("wheel", (event) => this.roll(event), { passive: false });
    }

    roll(event) {
      // On a page with more to read, a wheel scrolls unless the canvas was chosen.
      const isMeant = this.isAlone || event.ctrlKey || document.activeElement === event.target;
      if (!isMeant) return;
      event.preventDefault();
      const lines = event.deltaMode === 1 ? 30 : 1;
      const factor = Math.exp(-Math.max(-300, Math.min(300, event.deltaY * lines)) * 0.0016);
      this.camera.zoomAt(event.offsetX, event.offsetY, factor);
      this.draw();
    }

    press(event) {
      if (event.button !== 0) return;
      this.pointers.set(event.pointerId, { x: event.offsetX, y: event.offsetY });
      this.hasMoved = this.pointers.size > 1;
      try {
        event.target.setPointerCapture(event.pointerId);
      } catch {
        // A pointer that has gone already needs no capture.
      }
    }

    move(event) {
      const before = this.pointers.get(event.pointerId);
      if (!before) {
        if (event.pointerType !== "touch") this.hoverAt(event.offsetX, event.offsetY);
        return;
      }
      const after = { x: event.offsetX, y: event.offsetY };
      const [dx, dy] = [after.x - before.x, after.y - before.y];
      if (!this.hasMoved && Math.hypot(dx, dy) < 4) return;
      this.hasMoved = true;
      const others = [...this.pointers].filter(([id]) => id !== event.pointerId);
      this.pointers.set(event.pointerId, after);
      if (others.length) {
        const fixed = others[0][1];
        const distance = (at) => Math.max(Math.hypot(at.x - fixed.x, at.y - fixed.y), 1);
        const middle = [(after.x + fixed.x) / 2, (after.y + fixed.y) / 2];
        this.camera.zoomAt(...middle, distance(after) / distance(before));
        this.camera.pan(dx / 2, dy / 2);
      } else {
        this.camera.pan(dx, dy);
      }
      this.draw();
    }

    release(event) {
      const wasDown = this.pointers.delete(event.pointerId);
      if (!wasDown || this.hasMoved || event.type === "pointercancel") return;
      const hit = this.objectAt(event.offsetX, event.offsetY);
      this.change({ row: hit.row === this.state.row ? null : hit.row });
      const line = this.rows.get(hit.row);
      if (line && this.isAlone) line.scrollIntoView({ block: "nearest" });
    }

    hoverAt(x, y) {
      this.hover(this.objectAt(x, y), x, y);
    }

    /** Point at an object, from the canvas (with x, y) or from the table. */
    hover(hit, x, y) {
      if (!this.image) return;
      this.showTip(hit, x, y);
      if (hit.row === this.hovered.row && hit.positive === this.hovered.positive) return;
      this.hovered = hit;
      this.markRows();
      this.renderDetails();
      this.draw();
    }

    /** Find the positive under a point, else the smallest box around it. */
    objectAt(x, y) {
      const { convention, positives } = this.list;
      const { found, objects, left_out: leftOut } = convention;
      let hit = { row: null, positive: null };
      let best = REACH;
      for (const n of positives) {
        const [markX, markY] = this.camera.toScreen(found.x[n], found.y[n]);
        const distance = Math.hypot(markX - x, markY - y);
        // Of marks in one place, those of the selected object come first.
        const isOwn = objects.row[found.object[n]] === this.state.row;
        if (distance < best || (isOwn && distance <= best && best < REACH)) {
          best = distance;
          hit = { row: objects.row[found.object[n]], positive: n };
        }
      }
      if (hit.row !== null) return hit;
      const [inputX, inputY] = this.camera.toInput(x, y);
      const slack = 4 / this.camera.scale;
      let smallest = Infinity;
      const consider = (rows, boxes) =>
        rows.forEach((row, n) => {
          const [x1, y1, x2, y2] = boxes.slice(4 * n, 4 * n + 4);
          const isIn =
            inputX > x1 - slack && inputX < x2 + slack && inputY > y1 - slack && inputY < y2 + slack;
          const area = (x2 - x1) * (y2 - y1);
          if (isIn && area < smallest) {
            smallest = area;
            hit = { row, positive: null };
          }
        });
      consider(objects.row, objects.box);
      if (hit.row === null) consider(leftOut.row, leftOut.box);
      return hit;
    }

    showTip(hit, x, y) {
      const { tip } = this.part;
      tip.hidden = hit.row === null || x === undefined;
      if (tip.hidden) return;
      tip.replaceChildren(named(clipText(this.image.className(hit.row), 60)), this.tipText(hit));
      const isLeft = x > this.camera.width / 2;
      tip.style.left = isLeft ? "" : `${x + 14}px`;
      tip.style.right = isLeft ? `${this.camera.width - x + 14}px` : "";
      tip.style.top = `${Math.min(y + 12, this.camera.height - 56)}px`;
    }

    tipText({ row, positive }) {
      const { convention, position } = this.list;
      const object = convention.rowToObject.get(row);
      if (object === undefined) return element("span", "", `left out: ${this.reasonOf(row)}`);
      if (positive === null) {
        const count = convention.count(object, position);
        const cause = this.image.document.causes[convention.cause(object, position)];
        const low = convention.rank(object, position) === 1 ? ", only low-quality matches" : "";
        const { given } = convention;
        return element("span", "", count ? plural(count, given) + low : `no ${given}: ${cause}`);
      }
      const { found, levels, ks } = convention;
      const iou = found.iou ? `, IoU ${(found.iou[positive] / IOU_STEPS).toFixed(3)}` : "";
      const low = found.isLow[positive] ? ", low-quality match" : "";
      const cell = `row ${found.row[positive]}, column ${found.column[positive]}`;
      let when = convention.hasSlider ? `; positive at k ${ranges(found.mask[positive], ks)}` : "";
      if (convention.gate) {
        const place = [found.level[positive], found.row[positive], found.column[positive]];
        when = `: candidate of ${plural(convention.numSharing(...place), "object")}`;
      }
      return element("span", "", `${levels[found.level[positive]].name}, ${cell}${iou}${low}${when}`);
    }

    reasonOf(row) {
      const { rowToLeftOut, left_out: leftOut } = this.convention;
      return leftOut.reasons[leftOut.reason[rowToLeftOut.get(row)]];
    }

    /** Zoom about the middle; 0 shows the whole image again. */
    zoom(factor) {
      if (factor) this.camera.zoomAt(this.camera.width / 2, this.camera.height / 2, factor);
      else this.camera.reset();
      this.draw();
    }

    // keys

    listenToKeys() {
      const target = this.isAlone ? document : this.container;
      target.addEventListener("keydown", (event) => {
        const hasModifier = event.ctrlKey || event.metaKey || event.altKey;
        if (hasModifier || !this.index || event.defaultPrevented) return;
        const isArrow = event.key.startsWith("Arrow");
        // Sliders have a use of their own for these.
        const isMove = isArrow || event.key === "Home" || event.key === "End";
        if (isMove && event.target.matches("input")) return;
        if (this.picker.isOpen || (this.part.keys.open && event.key !== "?")) return;
        const action = this.actions()[event.key];
        if (!action) return;
        event.preventDefault();
        action();
      });
    }

    actions() {
      return { ...this.pageActions(), ...(this.image ? this.imageActions() : {}) };
    }

    /** What can be done without any image, too. */
    pageActions() {
      return {
        ArrowLeft: () => this.stepImage(-1),
        ArrowRight: () => this.stepImage(1),
        Home: () => this.stepImage(-Infinity),
        End: () => this.stepImage(Infinity),
        "/": () => this.findImage(),
        "?": () => this.showHelp(),
      };
    }

    imageActions() {
      const actions = {
        ArrowUp: () => this.stepObject(-1),
        ArrowDown: () => this.stepObject(1),
        "[": () => this.stepK(-1),
        "]": () => this.stepK(1),
        "+": () => this.zoom(1.5),
        "=": () => this.zoom(1.5),
        "-": () => this.zoom(1 / 1.5),
        0: () => this.zoom(0),
        Escape: () => this.change({ row: null }),
        c: () => this.toggle("candidates"),
        a: () => this.toggle("anchors"),
        m: () => this.toggle("masks"),
        p: () => this.toggle("picture"),
        l: () => this.toggle("labels"),
      };
      for (let n = 1; n <= Math.min(9, this.image.conventions.length); n += 1) {
        actions[n] = () => this.chooseConvention(n - 1);
      }
      return actions;
    }

    // showing the state

    render() {
      this.list = makeDrawList(this.image, this.state);
      this.renderControls();
      this.renderStatus();
      this.renderTable();
      this.renderDetails();
      this.draw();
    }

    renderControls() {
      const { part, state, image } = this;
      [...part.conventions.children].forEach((button, place) => {
        const each = image.conventions[place];
        const position = place === state.convention ? state.position : this.positionIn(each);
        const number = each.numOfRank(0, position) + each.numOfRank(1, position);
        button.setAttribute("aria-pressed", place === state.convention);
        const lack = each.bar === null ? `without a ${each.given}` : "poorly assigned";
        const outcome = `${number} ${lack}`;
        button.lastChild.textContent = each.numObjects ? outcome : "no objects";
        button.lastChild.classList.toggle("is-poor", number > 0);
      });
      this.renderSlider();
      for (const button of this.container.querySelectorAll("[data-toggle]")) {
        button.setAttribute("aria-pressed", state.show.has(button.dataset.toggle));
        button.disabled = !this.canShow(button.dataset.toggle);
        const isOfAnchors = ["candidates", "anchors"].includes(button.dataset.toggle);
        button.hidden = isOfAnchors && Boolean(this.convention.gate);
      }
      this.renderLevels();
    }

    /** Position at which another convention would be shown. */
    positionIn(convention) {
      const k = this.convention.hasSlider ? this.convention.ks[this.state.position] : this.lastK;
      const position = convention.hasSlider ? convention.ks.indexOf(k) : -1;
      return position < 0 ? convention.start : position;
    }

    canShow(name) {
      const { document: data } = this.image;
      if (name === "picture") return Boolean(data.picture);
      if (name === "masks") return data.objects.outline.some(Boolean);
      if (name === "candidates") return Boolean(this.convention.near);
      if (name === "anchors") return this.convention.levels.some((level) => level.anchors.length);
      return true;
    }

    renderSlider() {
      const { part, state, convention } = this;
      const { ks, hasSlider } = convention;
      part.slider.hidden = Boolean(convention.gate);
      part.k.min = 0;
      part.k.max = ks.length - 1;
      part.k.value = state.position;
      part.k.disabled = !hasSlider;
      part.less.disabled = !hasSlider || state.position === 0;
      part.more.disabled = !hasSlider || state.position === ks.length - 1;
      const k = ks[state.position];
      part.k.setAttribute("aria-valuetext", k === null ? convention.no_slider : `k = ${k}`);
      part.kvalue.textContent = k === null ? "–" : k;
      const times = convention.anchors_per_k;
      const many = times > 1 ? `× ${times} anchors, ` : "";
      const own = ks[convention.start];
      part.knote.textContent = hasSlider ? `${many}preset: ${own}` : convention.no_slider;
      const heights = ks.map((_, position) => convention.numOfRank(0, position));
      this.renderBars(part.kbars, hasSlider ? heights : [], (number) => number > 0);
      part.kbars.setAttribute("aria-label", `Objects without a positive by k: ${heights.join(", ")}`);
    }

    /** Draw numbers over k as small bars, the chosen one marked; a click chooses. */
    renderBars(bars, numbers, isBad) {
      const most = Math.max(...numbers, 1);
      while (bars.children.length > numbers.length) bars.lastChild.remove();
      while (bars.children.length < numbers.length) {
        const bar = element("i", "", element("b"));
        const position = bars.children.length;
        bar.addEventListener("click", () => this.change({ position }));
        bars.append(bar);
      }
      numbers.forEach((number, position) => {
        const bar = bars.children[position];
        bar.title = `k = ${this.convention.ks[position]}: ${number}`;
        bar.firstChild.style.height = `${Math.round((100 * number) / most)}%`;
        bar.classList.toggle("is-poor", isBad(number));
        bar.classList.toggle("is-chosen", position === this.state.position);
      });
    }

    renderLevels() {
      const { levels } = this.convention;
      const numbers = levels.map(() => 0);
      const { found, numPositions } = this.convention;
      for (let n = 0; n < found.mask.length && numPositions; n += 1) {
        if ((found.mask[n] >> this.state.position) & 1) numbers[found.level[n]] += 1;
      }
      while (this.part.levels.children.length > levels.length) this.part.levels.lastChild.remove();
      levels.forEach((level, place) => {
        let button = this.part.levels.children[place];
        if (!button) {
          button = element("button", "viewer-chip", element("span"), " ", element("span"));
          button.type = "button";
          button.append(" ", element("small"));
          button.addEventListener("click", () =>
            this.toggleLevel(this.convention.levels[place].name),
          );
          this.part.levels.append(button);
        }
        button.children[0].textContent = MARKS[place % MARKS.length];
        button.children[1].textContent = level.name;
        button.children[2].textContent = numbers[place];
        const isShown = !this.state.levels.has(level.name);
        button.setAttribute("aria-pressed", isShown);
        button.title = `${level.name}: ${plural(numbers[place], this.convention.given)}`;
      });
    }

    renderStatus() {
      const { convention, image } = this;
      const { position } = this.state;
      const leftOut = convention.left_out.row.length;
      if (this.failure) return; // it is what is to be read
      const parts = [
        plural(convention.numObjects, "object"),
        convention.poorWords(position) || `all with ${convention.given}s`,
        plural(convention.total(position), convention.given),
      ];
      if (!convention.numObjects) parts.splice(1, 2);
      if (leftOut) parts.push(`${leftOut} left out by the data rules`);
      const k = convention.ks[position];
      const text = `${parts.join(", ")}${k === null ? "" : ` at k = ${k}`}.`;
      this.part.status.textContent = convention.note ? `The image is ${convention.note}.` : text;
      this.part.about.textContent = convention.about[position];
      const note = image.document.picture_note;
      this.part.note.textContent = `· ${image.document.picture ? "Note" : "No picture"}: ${note}`;
      this.part.note.hidden = !note;
      const title = `${plural(convention.numObjects, "object")} under ${convention.name}`;
      this.part.canvas.setAttribute("aria-label", `Picture: ${title}, ${parts.slice(1).join(", ")}`);
    }

    // the table

    /** List the objects: without a positive, with only low-quality matches, then those
     * with fewest positives. */
    renderTable() {
      const { convention, image } = this;
      const { position } = this.state;
      if (this.tableOf !== image) {
        this.rows = new Map(image.keys.map((_, row) => [row, this.makeRow(row)]));
        this.tableOf = image;
      }
      const count = (row) => {
        const object = convention.rowToObject.get(row);
        return object === undefined ? Infinity : convention.count(object, position);
      };
      const rank = (row) => {
        const object = convention.rowToObject.get(row);
        return object === undefined ? 3 : convention.rank(object, position);
      };
      const isKnown = (row) => convention.rowToObject.has(row) || convention.rowToLeftOut.has(row);
      this.order = [...this.rows.keys()]
        .filter(isKnown)
        .sort((a, b) => rank(a) - rank(b) || (count(a) === count(b) ? a - b : count(a) - count(b)));
      for (const row of this.order) this.fillRow(row);
      const lines = this.order.map((row) => this.rows.get(row));
      const isSame = lines.length === this.part.rows.children.length;
      if (!isSame || lines.some((line, n) => this.part.rows.children[n] !== line)) {
        this.part.rows.replaceChildren(...lines);
      }
      this.part.thresholdhead.hidden = !convention.thresholds;
      setText(this.part.countshead, convention.gate ? "Candidates" : "Positives");
      this.markRows();
    }

    makeRow(row) {
      const button = element("button", "viewer-object", element("span", "viewer-dot"));
      button.type = "button";
      button.append(
        named(clipText(this.image.className(row), 80)),
        " ",
        named(clipText(this.image.document.objects.ann[row], 40), "viewer-id"),
      );
      const line = element("tr", "", element("th", "", button, element("span", "viewer-cause")));
      line.firstChild.scope = "row";
      for (const kind of ["size", "number", "number"]) line.append(element("td", kind));
      line.addEventListener("mouseenter", () => this.hover({ row, positive: null }));
      line.addEventListener("mouseleave", () => this.hover({ row: null, positive: null }));
      line.addEventListener("click", () => this.select(this.state.row === row ? null : row));
      return line;
    }

    fillRow(row) {
      const { convention, image } = this;
      const { position } = this.state;
      const line = this.rows.get(row);
      const [name, size, number, threshold] = line.children;
      const object = convention.rowToObject.get(row);
      const isLeftOut = object === undefined;
      const positives = isLeftOut ? 0 : convention.count(object, position);
      line.classList.toggle("is-left-out", isLeftOut);
      const rank = isLeftOut ? 3 : convention.rank(object, position);
      line.classList.toggle("is-poor", rank < 2);
      line.classList.toggle("is-low", rank === 1);
      name.querySelector(".viewer-dot").style.background = rank === 2 ? this.painter.color(row) : "";
      setText(size, image.size(row));
      threshold.hidden = !convention.thresholds;
      const cause = name.querySelector(".viewer-cause");
      cause.hidden = rank === 2;
      if (isLeftOut) {
        setText(cause, `left out: ${this.reasonOf(row)}`);
        setText(number, "–");
        setText(threshold, "–");
        return;
      }
      const why = image.document.causes[convention.cause(object, position)];
      setText(cause, rank === 1 ? "only low-quality matches" : why);
      setText(number, String(positives));
      setText(threshold, convention.statistic("threshold", object, position));
    }

    /** Show which rows are selected and pointed at; one of them can be tabbed to. */
    markRows() {
      const entry = this.order.includes(this.state.row) ? this.state.row : this.order[0];
      for (const row of this.order) {
        const line = this.rows.get(row);
        line.classList.toggle("is-selected", row === this.state.row);
        line.classList.toggle("is-hovered", row === this.hovered.row);
        const button = line.querySelector("button");
        button.tabIndex = row === entry ? 0 : -1;
        button.setAttribute("aria-pressed", row === this.state.row);
      }
    }

    // one object

    renderDetails() {
      const { part } = this;
      const row = this.hovered.row === null ? this.state.row : this.hovered.row;
      part.details.replaceChildren(...(row === null ? this.describeAll() : this.describe(row)));
    }

    /** Sum the objects up while none of them is looked at. */
    describeAll() {
      const { convention, image } = this;
      const { position } = this.state;
      const content = [element("h3", "", "All objects")];
      if (convention.numObjects) {
        const reasons = new Map();
        for (let object = 0; object < convention.numObjects; object += 1) {
          if (convention.count(object, position)) continue;
          const cause = image.document.causes[convention.cause(object, position)];
          reasons.set(cause, (reasons.get(cause) || 0) + 1);
        }
        const without = [...reasons].sort((a, b) => b[1] - a[1]);
        const one = ([cause, number]) => (convention.gate ? `${number}` : `${number} ${cause}`);
        const text = without.map(one).join(", ");
        const { given } = convention;
        const outcome = text ? `Without a ${given}: ${text}` : `Every object has a ${given}`;
        content.push(element("p", `viewer-outcome${text ? " is-poor" : ""}`, outcome));
        const low = convention.numOfRank(1, position);
        const words = `Only low-quality matches (IoU below ${convention.bar}): ${low}`;
        if (low) content.push(element("p", "viewer-outcome is-poor", words));
        content.push(...this.levelTable(null), ...this.strip(null));
      }
      content.push(element("p", "viewer-hint", "Point at an object, or select one, for its numbers."));
      return content;
    }

    describe(row) {
      const { convention, image } = this;
      const { document: data } = image;
      const [, , width, height] = data.objects.xywh.slice(4 * row, 4 * row + 4);
      const title = element("h3", "", element("span", "viewer-dot"), named(image.className(row)));
      title.append(" ", named(data.objects.ann[row], "viewer-id"));
      const object = convention.rowToObject.get(row);
      const original = `${sides(width, height)} px in the file, ${image.size(row)}`;
      if (object === undefined) {
        const reason = convention.rowToLeftOut.has(row) ? this.reasonOf(row) : "not in this image";
        return [title, element("p", "", original), element("p", "", `Left out: ${reason}.`)];
      }
      const rank = convention.rank(object, this.state.position);
      title.classList.toggle("is-low", rank === 1);
      title.firstChild.style.background = rank === 2 ? this.painter.color(row) : "";
      const [x1, y1, x2, y2] = convention.box(object);
      const size = element("p", "viewer-faint", `${sides(x2 - x1, y2 - y1)} input px (${original})`);
      return [title, size, ...this.outcome(object), ...this.levelTable(object), ...this.strip(object)];
    }

    /** What an object gets, or why it has no positive. */
    outcome(object) {
      const { convention, image } = this;
      const { position } = this.state;
      const count = convention.count(object, position);
      const parts = [];
      if (convention.gate) return [this.boundLine(object, count)];
      if (count) {
        const low = convention.lowCount(object, position);
        const some = low ? `, ${low} of them low-quality matches` : "";
        const which = low === count ? `, only low-quality matches (IoU below ${convention.bar})` : some;
        const look = `viewer-outcome${low === count ? " is-poor" : ""}`;
        parts.push(element("p", look, plural(count, "positive") + which));
      } else {
        const cause = image.document.causes[convention.cause(object, position)];
        parts.push(element("p", "viewer-outcome is-poor", `No positive: ${cause}`));
        const holder = convention.lostTo(object, position);
        if (holder >= 0) parts.push(this.holderLine(convention.objects.row[holder]));
      }
      if (convention.thresholds) {
        const value = (name) => convention.statistic(name, object, position);
        const line = element("p", "viewer-sum", "Threshold ");
        line.append(element("b", "", value("threshold")), ` = mean ${value("mean")}`);
        line.append(` + std ${value("std")}`);
        parts.push(line);
      }
      return parts;
    }

    /** What an object gets at most under a gate, or why it has none at this size. */
    boundLine(object, count) {
      const { convention, image } = this;
      const most = `At most ${convention.gate.most[object]} picked`;
      if (count) {
        return element("p", "viewer-outcome", `${most}, from ${plural(count, "candidate")}`);
      }
      const cause = image.document.causes[convention.cause(object, this.state.position)];
      const sure = convention.gate.is_certain;
      const text = sure ? `At this size no positive: ${cause}` : `${most}, of others: ${cause} of its own`;
      return element("p", "viewer-outcome is-poor", text);
    }

    holderLine(row) {
      const button = element("button", "viewer-link", named(clipText(this.image.className(row), 40)));
      button.type = "button";
      button.append(" ", named(this.image.document.objects.ann[row], "viewer-id"));
      button.addEventListener("click", () => this.select(row));
      return element("p", "", "What it wanted most went to ", button);
    }

    /** Candidates and positives by level, of one object or (null) of all. */
    levelTable(object) {
      const { convention } = this;
      const { position } = this.state;
      const { found, levels } = convention;
      const numbers = levels.map(() => 0);
      for (let n = 0; n < found.mask.length; n += 1) {
        const isAsked = object === null || found.object[n] === object;
        if (isAsked && (found.mask[n] >> position) & 1) numbers[found.level[n]] += 1;
      }
      const table = element("table", "viewer-levels");
      const head = element("tr", "", element("th", "", ""));
      levels.forEach((level, place) => {
        head.append(element("th", "", `${MARKS[place % MARKS.length]} ${level.name}`));
      });
      table.append(element("thead", "", head));
      const body = element("tbody");
      if (convention.thresholds && object !== null) {
        const cells = levels.map((_, place) => convention.numCandidates(place, position));
        body.append(numberLine("candidates", cells));
      }
      body.append(numberLine(`${convention.given}s`, numbers));
      table.append(body);
      return [table];
    }

    /** Positives over all k, of one object or (null) of all. */
    strip(object) {
      const { convention } = this;
      if (!convention.hasSlider) return [];
      const numbers = convention.ks.map((_, position) =>
        object === null ? convention.total(position) : convention.count(object, position),
      );
      const most = Math.max(...numbers);
      const range = `k = ${convention.ks[0]} to ${convention.ks.slice(-1)}`;
      if (!most) return [element("p", "viewer-sum", `No positive at any ${range}.`)];
      const bars = element("div", "viewer-bars");
      bars.setAttribute("role", "img");
      bars.setAttribute("aria-label", `Positives by k: ${numbers.join(", ")}`);
      this.renderBars(bars, numbers, (number) => number === 0);
      const caption = `Positives at ${range}, at most ${most}`;
      return [element("figure", "viewer-strip", bars, element("figcaption", "", caption))];
    }

    // drawing, once per frame at most

    /** Take the size of the stage; asked for while drawing, it would cost a layout. */
    measureStage() {
      this.stageSize = [this.part.stage.clientWidth, this.part.stage.clientHeight];
    }

    draw() {
      if (!this.list || this.isWaiting) return;
      this.isWaiting = true;
      requestAnimationFrame(() => {
        this.isWaiting = false;
        this.paint();
      });
    }

    paint() {
      const { stage, canvas, fit } = this.part;
      const { input } = this.list.convention;
      stage.style.setProperty("--shape", Math.min(Math.max(input[0] / input[1], 0.7), 3));
      this.camera.frame(input, ...this.stageSize);
      this.painter.paint(this.list, this.state, this.camera, this.hovered);
      // On phones, a finger scrolls the page until the picture is zoomed.
      canvas.style.touchAction = this.camera.zoom > 1 ? "none" : "pan-y";
      fit.disabled = !this.camera.isMoved;
      this.rememberState();
    }

    /** Take colors anew, and draw at once: before a print there is no next frame. */
    repaint() {
      this.painter.palette = readPalette();
      if (!this.list) return;
      this.renderTable();
      this.renderDetails();
      this.paint();
    }

    /** What is drawn, for tests: read off the draw list, not off the data. */
    shown() {
      const { list, state, image } = this;
      const { convention } = list;
      const { found, near, objects } = convention;
      const ann = (object) => image.document.objects.ann[objects.row[object]];
      const place = (of) => (n) => [ann(of.object[n]), of.level[n], of.row[n], of.column[n]];
      const active = this.hovered.row === null ? state.row : this.hovered.row;
      return {
        image: image.document.id,
        preset: convention.name,
        k: convention.ks[list.position],
        object: state.row === null ? null : image.document.objects.ann[state.row],
        active: active === null ? null : image.document.objects.ann[active],
        show: [...state.show],
        hiddenLevels: [...state.levels],
        zoom: this.camera.zoom,
        boxes: list.boxes.map((box) => [ann(box.object), box.count, box.cause]),
        ranks: list.boxes.map((box) => box.rank),
        positives: list.positives.map((n) => [
          ...place(found)(n),
          found.anchor[n],
          found.iou ? found.iou[n] / IOU_STEPS : null,
        ]),
        hollow: list.positives.filter((n) => convention.gate || found.isLow[n]).map(place(found)),
        frames: list.frames.map(({ object, level, corners }) => [ann(object), level, ...corners]),
        candidates: list.candidates.map((n) => place(near)(n)),
        anchors: list.anchors.length,
        labels: this.painter.labels.map(([object, place]) => [ann(object), ...place]),
        screen: list.boxes.map(({ object }) => {
          const [x1, y1, x2, y2] = convention.box(object);
          return [...this.camera.toScreen(x1, y1), ...this.camera.toScreen(x2, y2)];
        }),
      };
    }
  }

  function numberLine(name, numbers) {
    const line = element("tr", "", element("th", "", name));
    line.firstChild.scope = "row";
    line.append(...numbers.map((number) => element("td", number ? "number" : "number is-none", `${number}`)));
    return line;
  }

  // --- the page ------------------------------------------------------------------

  /** Light, dark, or as the system has it. */
  function listenToTheme(repaint) {
    const root = document.documentElement;
    const isDark = window.matchMedia("(prefers-color-scheme: dark)");
    for (const button of document.querySelectorAll("[data-theme-button]")) {
      button.hidden = false;
      button.addEventListener("click", () => {
        const now = root.dataset.theme || (isDark.matches ? "dark" : "light");
        root.dataset.theme = now === "dark" ? "light" : "dark";
        repaint();
      });
    }
    isDark.addEventListener("change", repaint);
    window.matchMedia("print").addEventListener("change", repaint);
    window.addEventListener("beforeprint", repaint);
    window.addEventListener("afterprint", repaint);
  }

  const viewers = [...document.querySelectorAll("[data-viewer]")].map((each) => new Viewer(each));
  listenToTheme(() => viewers.forEach((viewer) => viewer.repaint()));
  window.atssInspect = Object.freeze({
    ready: Promise.all(viewers.map((viewer) => viewer.ready)),
    shown: (number = 0) => viewers[number].shown(),
  });
})();
