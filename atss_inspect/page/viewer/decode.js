/* What Python stored, as typed arrays.
 *
 * Nothing is assigned here. For every pair of object and anchor the document says at
 * which k it is positive; `image_document` in atss_inspect/viewer/document.py describes it.
 */
"use strict";

const SIGNS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
const STEP_ZERO = 32;
const IOU_STEPS = 1000;
const STATISTIC_STEPS = 10000;

const SIGN_VALUES = new Int8Array(128);
[...SIGNS].forEach((sign, value) => (SIGN_VALUES[sign.charCodeAt(0)] = value));
const readSign = (text, place) => SIGN_VALUES[text.charCodeAt(place)];

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

/** Cells as numbers: the same cell, the same number. */
const cellNumber = ({ level, row, column }, n) => (level[n] * 16384 + row[n]) * 16384 + column[n];

/** Objects that have the cell of each candidate. */
function countSharing(found) {
  const times = new Map();
  for (let n = 0; n < found.level.length; n += 1) {
    const cell = cellNumber(found, n);
    times.set(cell, (times.get(cell) || 0) + 1);
  }
  return Int32Array.from(found.level, (_, n) => times.get(cellNumber(found, n)));
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

  /** Whether any of its positives could have been another object's. */
  get isContested() {
    return this.found.contested.some(Boolean);
  }

  get hasSlider() {
    return this.numPositions > 1;
  }

  decodePositives({ counts, index, masks, mask, low, iou, contested }) {
    const group = groupOfEach(counts);
    const found = { ...this.emptyRows(group), mask: Int32Array.from(mask, (at) => masks[at]), iou };
    found.anchor = new Int32Array(group.length);
    found.isLow = new Uint8Array(group.length); // a low-quality match
    found.contested = new Int32Array(group.length); // at which positions
    this.placeAnchors(found, addUp(index, group));
    for (const n of low) found.isLow[n] = 1;
    if (contested) contested.place.forEach((n, at) => (found.contested[n] = masks[contested.mask[at]]));
    else countSharing(found).forEach((number, n) => (found.contested[n] = number > 1));
    this.found = found;
  }

  /** Columns of pairs of object and level, whose cells are still to be found. */
  emptyRows(group) {
    const numLevels = this.levels.length;
    return {
      object: group.map((pair) => Math.floor(pair / numLevels)),
      level: group.map((pair) => pair % numLevels),
      row: new Int32Array(group.length),
      column: new Int32Array(group.length),
      x: new Float32Array(group.length),
      y: new Float32Array(group.length),
    };
  }

  /** Number of each anchor in its level -> its cell, which of the cell's it is, its center. */
  placeAnchors(found, place) {
    for (let n = 0; n < place.length; n += 1) {
      const { centers, columns, step } = this.levels[found.level[n]];
      const perCell = centers.length / 2;
      const [cell, anchor] = [Math.floor(place[n] / perCell), place[n] % perCell];
      found.anchor[n] = anchor;
      found.row[n] = Math.floor(cell / columns);
      found.column[n] = cell % columns;
      found.x[n] = centers[2 * anchor] + found.column[n] * step[0];
      found.y[n] = centers[2 * anchor + 1] + found.row[n] * step[1];
    }
  }

  decodeCandidates(candidates) {
    this.near = null;
    if (!candidates) return;
    const group = groupOfEach(candidates.counts);
    const near = { ...this.emptyRows(group), firstK: new Int32Array(group.length) };
    const { first, steps, first_k: firstK } = candidates;
    let pair = -1;
    let start = 0;
    for (let n = 0; n < group.length; n += 1) {
      if (n === 0 || group[n] !== group[n - 1]) {
        pair += 1;
        start = n;
      }
      const { centers, step } = this.levels[near.level[n]];
      near.row[n] = first[2 * pair] + readSign(steps, 2 * n) - STEP_ZERO;
      near.column[n] = first[2 * pair + 1] + readSign(steps, 2 * n + 1) - STEP_ZERO;
      near.firstK[n] = firstK ? readSign(firstK, n) : n - start + 1;
      near.x[n] = centers[0] + near.column[n] * step[0];
      near.y[n] = centers[1] + near.row[n] * step[1];
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

  /** Positives by level, of one object or (null) of all. */
  levelCounts(object, position) {
    const { object: owner, level, mask } = this.found;
    const numbers = this.levels.map(() => 0);
    for (let n = 0; n < mask.length; n += 1) {
      const isAsked = object === null || owner[n] === object;
      if (isAsked && (mask[n] >> position) & 1) numbers[level[n]] += 1;
    }
    return numbers;
  }

  /** Positives of all objects. */
  total(position) {
    let sum = 0;
    for (let n = 0; n < this.numObjects; n += 1) sum += this.count(n, position);
    return sum;
  }

  /** Positives of an object that others could have had. */
  contestedCount(object, position) {
    const { object: owner, contested } = this.found;
    return owner.reduce((sum, each, n) => sum + (each === object && (contested[n] >> position) & 1), 0);
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
    const value = this.statisticValue(name, object, position);
    return value === null ? "–" : value.toFixed(4);
  }

  /** A statistic of the candidates, or null. */
  statisticValue(name, object, position) {
    if (!this.thresholds) return null;
    const value = this.thresholds[name][object * this.numPositions + position];
    return value === null ? null : value / STATISTIC_STEPS;
  }

  /** Why the data rules left an object out. */
  reasonOf(row) {
    const { reason, reasons } = this.left_out;
    return reasons[reason[this.rowToLeftOut.get(row)]];
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
  sharing(level, row, column) {
    const found = [];
    for (let object = 0; object < this.numObjects; object += 1) {
      const [rowFrom, rowTo, columnFrom, columnTo] = this.window(object, level);
      const isIn = row >= rowFrom && row < rowTo && column >= columnFrom && column < columnTo;
      if (isIn) found.push(object);
    }
    return found;
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
