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
