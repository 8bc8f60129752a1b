/* What lies under a pointer. */
"use strict";

const REACH = 9; // how near a pointer must come to a positive, in CSS pixels
const SLACK = 4; // how near to a box
const COARSE = 1.8; // times as much for a finger

const NOTHING = Object.freeze({ row: null, positive: null });

/** Find the positive under a point of the canvas, else the smallest box around it.
 *
 * Of marks in one place, those of the selected object, `row`, come first. */
function objectAt(list, camera, [x, y], { row, isCoarse }) {
  const times = isCoarse ? COARSE : 1;
  const mark = positiveAt(list, camera, [x, y], { row, reach: REACH * times });
  if (mark.row !== null) return mark;
  const { objects, left_out: leftOut } = list.convention;
  const point = camera.toInput(x, y);
  const slack = (SLACK * times) / camera.scale;
  const kept = smallestAround(objects, point, slack);
  return kept.row !== null ? kept : smallestAround(leftOut, point, slack);
}

function positiveAt({ convention, positives }, camera, [x, y], { row, reach }) {
  const { found, objects } = convention;
  let hit = NOTHING;
  let best = reach;
  for (const n of positives) {
    const [markX, markY] = camera.toScreen(found.x[n], found.y[n]);
    const distance = Math.hypot(markX - x, markY - y);
    const isOwn = objects.row[found.object[n]] === row;
    if (distance < best || (isOwn && distance <= best && best < reach)) {
      best = distance;
      hit = { row: objects.row[found.object[n]], positive: n };
    }
  }
  return hit;
}

function smallestAround({ row: rows, box: boxes }, [x, y], slack) {
  let hit = NOTHING;
  let smallest = Infinity;
  rows.forEach((row, n) => {
    const [x1, y1, x2, y2] = boxes.slice(4 * n, 4 * n + 4);
    const isIn = x > x1 - slack && x < x2 + slack && y > y1 - slack && y < y2 + slack;
    const area = (x2 - x1) * (y2 - y1);
    if (!isIn || area >= smallest) return;
    smallest = area;
    hit = { row, positive: null };
  });
  return hit;
}
