/* The few words beside the pointer. */
"use strict";

const MOST_NAMED = 4; // objects that share an anchor

class Tip {
  constructor(element) {
    this.element = element;
  }

  hide() {
    this.element.hidden = true;
  }

  /** Say what a hit is, beside a point of the pane's canvas. */
  show(hit, { image, list, camera }, [x, y]) {
    const { element: tip } = this;
    tip.hidden = hit.row === null;
    if (tip.hidden) return;
    const words = element("span", "", tipWords(hit, image, list));
    tip.replaceChildren(named(clipText(image.className(hit.row), 60)), words);
    const isLeft = x > camera.width / 2;
    tip.style.left = isLeft ? "" : `${x + 14}px`;
    tip.style.right = isLeft ? `${camera.width - x + 14}px` : "";
    tip.style.top = `${within(y + 12, 2, Math.max(camera.height - tip.offsetHeight - 2, 2))}px`;
  }
}

function tipWords({ row, positive }, image, { convention, position }) {
  const object = convention.rowToObject.get(row);
  if (object === undefined) return `left out: ${convention.reasonOf(row)}`;
  return positive === null
    ? objectWords(image, convention, object, position)
    : markWords(image, convention, positive, position);
}

/** What an object gets, or why nothing. */
function objectWords(image, convention, object, position) {
  const count = convention.count(object, position);
  if (!count) return `no ${convention.given}: ${image.document.causes[convention.cause(object, position)]}`;
  const low = convention.rank(object, position) === 1 ? ", only low-quality matches" : "";
  return plural(count, convention.given) + low;
}

function markWords(image, convention, n, position) {
  const { found, levels, ks } = convention;
  const [level, row, column] = [found.level[n], found.row[n], found.column[n]];
  const parts = [`${levels[level].name}, row ${row}, column ${column}`];
  if (found.iou) parts.push(`IoU ${(found.iou[n] / IOU_STEPS).toFixed(3)}`);
  if (found.isLow[n]) parts.push("low-quality match");
  const isContested = (found.contested[n] >> position) & 1;
  if (isContested && !convention.gate) parts.push("contested");
  const text = parts.join(", ");
  if (convention.gate) return `${text}: ${sharingWords(image, convention, [level, row, column])}`;
  return convention.hasSlider ? `${text}; positive at k ${ranges(found.mask[n], ks)}` : text;
}

/** Whose candidate a cell is. */
function sharingWords(image, convention, place) {
  const objects = convention.sharing(...place);
  if (objects.length < 2) return "candidate of 1 object";
  const rows = objects.slice(0, MOST_NAMED).map((object) => convention.objects.row[object]);
  const names = rows.map((row) => clipText(`${image.className(row)} ${image.document.objects.ann[row]}`, 30));
  const more = objects.length > MOST_NAMED ? ", …" : "";
  return `candidate of ${objects.length} objects (${names.join(", ")}${more})`;
}
