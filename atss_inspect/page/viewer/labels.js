/* Where the names of boxes stand. */
"use strict";

const LABEL_HEIGHT = 15;
const FEW_OBJECTS = 40; // so many can all have names on the picture

/** Name the boxes, those without a positive first, wherever a name covers neither
 * another nor the middle of one of these.
 *
 * Boxes, their texts and places; `widthOf` measures a text. */
function placeLabels({ image, list, state, camera, active }, widthOf) {
  const isFew = list.boxes.length <= FEW_OBJECTS;
  const corners = list.boxes.map(({ object }) => {
    const [x1, y1, x2, y2] = list.convention.box(object);
    return [...camera.toScreen(x1, y1), ...camera.toScreen(x2, y2)];
  });
  const wanted = wantedLabels(list, corners, { state, camera, active, isFew });
  const taken = crossedOut(list, corners);
  const labels = [];
  for (const box of labelOrder(wanted, corners, active)) {
    const isActive = box.row === active;
    const cause = !box.count && (isFew || isActive) ? ` · ${box.cause}` : "";
    const text = clipText(image.className(box.row), 24) + cause;
    const places = labelPlaces(corners[box.object], widthOf(text) + 8, camera);
    const isFree = (place) => !taken.some((other) => overlap(place, other));
    const place = isActive ? places[0] : places.find(isFree);
    if (!place) continue;
    taken.push(place);
    labels.push({ box, text, place });
  }
  return labels;
}

/** Boxes in sight that are to be named. */
function wantedLabels({ boxes }, corners, { state, camera, active, isFew }) {
  return boxes.filter(({ row, count, object }) => {
    const [x1, y1, x2] = corners[object];
    const isSeen = x2 >= 0 && x1 <= camera.width && y1 >= 0 && y1 <= camera.height + 16;
    // In a crowd, of the others only boxes large enough to be told apart have names.
    const isPlain = isFew || !count || x2 - x1 >= 22;
    return isSeen && (row === active || (isPlain && state.show.has("labels")));
  });
}

/** Where the crosses of objects without a positive are. */
function crossedOut({ boxes }, corners) {
  return boxes.filter(({ count }) => !count).map(({ object }) => {
    const [x1, y1, x2, y2] = corners[object];
    const [x, y] = [(x1 + x2) / 2, (y1 + y2) / 2];
    return [x - 3, y - 3, x + 3, y + 3];
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
