/* What is to be seen, decided before anything is drawn. */
"use strict";

const MOST_SIGNS = 36; // of a window; with more candidates it is a frame

/** What is to be seen, decided before anything is drawn: the canvas and the tests
 * both take it from here. */
function makeDrawList(image, convention, position, state) {
  const { found } = convention;
  const { show, levels } = state;
  const isOn = convention.levels.map((level) => !levels.has(level.name));
  const chosen = convention.rowToObject.get(state.row);
  const isAsked = (object) => chosen === undefined || object === chosen;
  const frames = listFrames(convention, isOn, chosen);
  const positives = listPositives(convention, position, { isOn, frames });
  const candidates = show.has("candidates") ? listNear(convention, position, { isOn, isAsked }) : [];
  const hasAnchors = convention.levels.some((level) => level.anchors.length);
  const anchors = show.has("anchors") && hasAnchors ? positives.filter((n) => isAsked(found.object[n])) : [];
  // Of a gate, what several objects may get is told apart anyway.
  const isTold = convention.gate || show.has("contested");
  const contested = positives.filter((n) => isTold && (found.contested[n] >> position) & 1);
  const boxes = listBoxes(image, convention, position);
  const marks = { positives, contested, isContested: new Set(contested), candidates, anchors };
  return { convention, position, chosen, boxes, frames, ...marks };
}

function listBoxes({ document: data }, convention, position) {
  return convention.objects.row.map((row, object) => ({
    object,
    row,
    count: convention.count(object, position),
    rank: convention.rank(object, position),
    cause: data.causes[convention.cause(object, position)],
  }));
}

/** Positives of a position on levels that are shown, but those inside a frame. */
function listPositives({ found }, position, { isOn, frames }) {
  const framed = new Set(frames.map(({ object, level }) => `${object} ${level}`));
  const positives = [];
  for (let n = 0; n < found.mask.length; n += 1) {
    const isShown = (found.mask[n] >> position) & 1 && isOn[found.level[n]];
    if (isShown && !framed.has(`${found.object[n]} ${found.level[n]}`)) positives.push(n);
  }
  return positives;
}

/** Candidates of a position, of the objects asked for. */
function listNear({ near, ks }, position, { isOn, isAsked }) {
  const candidates = [];
  for (let n = 0; near && n < near.object.length; n += 1) {
    const isShown = isOn[near.level[n]] && near.firstK[n] <= ks[position];
    if (isShown && isAsked(near.object[n])) candidates.push(n);
  }
  return candidates;
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
