/* What is to be seen, decided before anything is drawn. */
"use strict";

const MOST_SIGNS = 36; // of a window; with more candidates it is a frame

/** What is to be seen, decided before anything is drawn: the canvas and the tests
 * both take it from here. */
function makeDrawList(image, convention, position, state) {
  const { found, near } = convention;
  const { levels } = state;
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
  // Of a gate, what several objects may get is told apart anyway.
  const contested = positives.filter(
    (n) => (convention.gate || state.show.has("contested")) && (found.contested[n] >> position) & 1,
  );
  const isContested = new Set(contested);
  const marks = { positives, contested, isContested, candidates, anchors };
  return { convention, position, chosen, boxes, frames, ...marks };
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

/** Keep one candidate of each cell: objects side by side share most of theirs. */
function uniqueCells(candidates, near) {
  const seen = new Set();
  return candidates.filter((n) => {
    const cell = cellNumber(near, n);
    return !seen.has(cell) && seen.add(cell);
  });
}
