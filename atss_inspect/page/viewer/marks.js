/* Colors, and the mark of each level. */
"use strict";

const NUM_COLORS = 8;

// Of boxes without a positive, with only low-quality matches, and of others.
const BOX_DASHES = [[5, 3.5], [8, 3, 2, 3], []];
const FRAME_DASHES = [1.5, 2]; // around many candidates
const LEFT_OUT_DASHES = [1.5, 3];
const MARKS = ["●", "■", "▲", "◆", "✚", "★", "▼", "⬢"]; // of levels, finest first

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

/** Corners of a mark around (0, 0) with a radius of 1, in the order of `MARKS`; null is a
 * circle. */
const MARK_CORNERS = [
  null,
  [-0.88, -0.88, 0.88, -0.88, 0.88, 0.88, -0.88, 0.88],
  [0, -1.2, 1.1, 0.8, -1.1, 0.8],
  [0, -1.3, 1.3, 0, 0, 1.3, -1.3, 0],
  cross(0.42, 1.25),
  spikes(10, 0.6),
  [0, 1.2, 1.1, -0.8, -1.1, -0.8],
  spikes(6, 1.2),
];

function cross(a, b) {
  const quarter = [[-a, -b], [a, -b], [a, -a]];
  const turned = [quarter, quarter.map(([x, y]) => [-y, x])];
  return [...turned, ...turned.map((part) => part.map(([x, y]) => [-x, -y]))].flat(2);
}

/** A star, or with an `inner` radius like the outer one a regular shape. */
function spikes(number, inner) {
  const points = [];
  for (let n = 0; n < number; n += 1) {
    const angle = (2 * n * Math.PI) / number;
    const far = n % 2 ? inner : 1.2;
    points.push(far * Math.sin(angle), -far * Math.cos(angle));
  }
  return points;
}

/** Add the marker of a level to a path. */
function traceMark(path, level, x, y, r) {
  const corners = MARK_CORNERS[level % MARKS.length];
  if (corners) {
    polygon(path, corners.map((each, n) => (n % 2 ? y : x) + each * r));
    return;
  }
  path.moveTo(x + r, y);
  path.arc(x, y, r, 0, 2 * Math.PI);
}

/** Draw one mark at (x, y) with a radius. */
function drawMark(context, level, [x, y, radius], { fill, stroke, width, casing }) {
  const path = new Path2D();
  traceMark(path, level, x, y, radius);
  context.fillStyle = fill;
  if (fill !== "none") context.fill(path);
  for (const [color, wide] of casing ? [[casing, width + 1], [stroke, width]] : [[stroke, width]]) {
    context.strokeStyle = color;
    context.lineWidth = wide;
    context.stroke(path);
  }
}

/** Draw a rectangle with a casing, so that it shows on any ground. */
function strokeBox(context, rectangle, color, { width, dashes, casing }) {
  context.strokeStyle = casing;
  context.lineWidth = width + 1.6;
  context.setLineDash([]);
  context.strokeRect(...rectangle);
  context.strokeStyle = color;
  context.lineWidth = width;
  context.setLineDash(dashes);
  context.strokeRect(...rectangle);
  context.setLineDash([]);
}

/** Mark the middle of an object without a positive. */
function crossOut(context, x, y, r, { paper, poor }) {
  context.beginPath();
  for (const side of [-r, r]) {
    context.moveTo(x - side, y - r);
    context.lineTo(x + side, y + r);
  }
  for (const [color, width] of [[paper, 4], [poor, 2]]) {
    context.strokeStyle = color;
    context.lineWidth = width;
    context.stroke();
  }
}

/** How marks look, on the picture as in the legend. */
const markLooks = {
  solid: ({ paper }, color) => ({ fill: color, stroke: paper, width: 1 }),
  hollow: ({ paper }, color) => ({ fill: "none", stroke: color, width: 1.2, casing: paper }),
  candidate: ({ paper, ink }) => ({ fill: paper, stroke: ink, width: 1 }),
  ring: ({ paper, ink }) => ({ fill: "none", stroke: ink, width: 1.2, casing: paper }),
};

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
