/* What the marks mean: those that are on the picture, drawn as there. */
"use strict";

const SWATCH = { width: 22, height: 16 }; // CSS pixels

/** The kinds of marks of a draw list, each with its words. */
function legendOf(list) {
  const { convention, positives, contested, frames, boxes, candidates, anchors } = list;
  const { found, gate, bar } = convention;
  const has = (rank) => boxes.some((box) => box.rank === rank);
  const low = positives.filter((n) => found.isLow[n]).length;
  const alone = positives.length - contested.length;
  const kinds = [
    ["positive", "positive", !gate && positives.length > low],
    ["hollow", `low-quality match: IoU below ${bar}`, !gate && low],
    ["hollow", "candidate of one object", gate && alone],
    ["shared", "candidate of several objects", gate && contested.length],
    ["frame", `more than ${MOST_SIGNS} candidates: all cells inside`, frames.length],
    ["ring", "contested: another object could have had it", !gate && contested.length],
    ["candidate", "candidate: near enough, whatever its IoU", candidates.length],
    ["anchor", "anchor box of a positive", anchors.length],
    ["without", `object without a ${convention.given}`, has(0)],
    ["low", "object with only low-quality matches", has(1)],
    ["left out", "left out by the data rules", convention.left_out.row.length],
  ];
  return kinds.filter(([, , isThere]) => isThere).map(([kind, words]) => [kind, words]);
}

/** Draw a kind of mark on a canvas of the legend. */
function paintSwatch(canvas, kind, painter) {
  const ratio = window.devicePixelRatio || 1;
  canvas.width = SWATCH.width * ratio;
  canvas.height = SWATCH.height * ratio;
  const context = canvas.getContext("2d");
  context.scale(ratio, ratio);
  const { palette } = painter;
  const [x, y] = [SWATCH.width / 2, SWATCH.height / 2];
  const marks = {
    positive: [4, markLooks.solid(palette, palette.objects[0])],
    hollow: [3.6, markLooks.hollow(palette, palette.objects[0])],
    shared: [3.6, markLooks.hollow(palette, palette.ink)],
    candidate: [2.4, markLooks.candidate(palette)],
    ring: [6.2, markLooks.ring(palette)],
  };
  if (kind === "ring") drawMark(context, 0, [x, y, 3.4], markLooks.solid(palette, palette.objects[0]));
  if (kind in marks) drawMark(context, 0, [x, y, marks[kind][0]], marks[kind][1]);
  else paintBoxSwatch(context, kind, palette);
}

function paintBoxSwatch(context, kind, palette) {
  const looks = {
    frame: [palette.objects[0], 1.2, FRAME_DASHES],
    anchor: [palette.objects[0], 1, []],
    without: [palette.poor, 1.6, BOX_DASHES[0]],
    low: [palette.poor, 1.6, BOX_DASHES[1]],
    "left out": [palette.faint, 1.2, LEFT_OUT_DASHES],
  };
  const [color, width, dashes] = looks[kind];
  const [right, bottom] = [SWATCH.width - 3, SWATCH.height - 3];
  strokeBox(context, [2, 2, right - 1, bottom - 1], color, { width, dashes, casing: palette.paper });
  if (kind === "without") crossOut(context, SWATCH.width / 2, SWATCH.height / 2, 3, palette);
}

/** Write the legend of all pictures in sight; it is only made anew if it has changed. */
function renderLegend(where, panes, isForced) {
  const all = panes.flatMap(({ list }) => legendOf(list));
  const kinds = new Map(all.map((each) => [each.join(), each])); // each once
  const key = [...kinds.keys()].join(";");
  if (where.dataset.key === key && !isForced) return;
  where.dataset.key = key;
  const items = [...kinds.values()].map(([kind, words]) => {
    const canvas = element("canvas");
    canvas.setAttribute("aria-hidden", "true");
    paintSwatch(canvas, kind, panes[0].painter);
    return element("li", "", canvas, words);
  });
  where.replaceChildren(...items);
}
