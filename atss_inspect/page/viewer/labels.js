/* Where the names of boxes stand. */
"use strict";

const LABEL_HEIGHT = 15;
const FEW_OBJECTS = 40; // so many can all have names on the picture

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
