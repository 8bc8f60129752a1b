/* What is shown, and its words in the address. */
"use strict";

const TOGGLES = ["picture", "masks", "labels", "candidates", "anchors", "contested", "beside"];
const SHOWN_AT_FIRST = ["picture", "labels"];

const firstState = () => ({
  image: 0,
  convention: 0, // place of the preset whose numbers are shown
  position: 0, // of the slider over k
  row: null, // of the object that is selected
  show: new Set(SHOWN_AT_FIRST),
  levels: new Set(), // names of those that are hidden
  sort: null, // column and order of the list; null is worst first
});

/** Read the state of an image from texts of an address, which may be anything. */
function stateOf(asked, { conventions, keys }) {
  const place = conventions.findIndex((each) => each.name === asked.get("preset"));
  const { ks, start, levels } = conventions[Math.max(place, 0)];
  const position = ks.indexOf(Number(asked.get("k")));
  const row = keys.indexOf(asked.get("object"));
  const shown = asked.has("show") ? asked.get("show").split(",") : SHOWN_AT_FIRST;
  const hidden = (asked.get("hide") || "").split(",");
  const names = levels.map((level) => level.name);
  return {
    convention: Math.max(place, 0),
    position: position < 0 || ks.length === 1 ? start : position,
    row: row < 0 ? null : row,
    show: new Set(TOGGLES.filter((name) => shown.includes(name))),
    levels: new Set(names.filter((name) => hidden.includes(name))),
    sort: readSort(asked.get("sort") || ""),
  };
}

/** "size-ascending" -> column and order. */
function readSort(text) {
  const [column, order] = text.split("-");
  const isKnown = SORT_COLUMNS.includes(column) && ["ascending", "descending"].includes(order);
  return isKnown ? { column, order } : null;
}

/** Keep convention, k and toggles for another image. */
function keepWhatFits(state, { conventions }) {
  const convention = Math.min(state.convention, conventions.length - 1);
  const position = Math.min(state.position, conventions[convention].ks.length - 1);
  return { row: null, convention, position };
}

/** Write the state into texts, leaving out what is as at first. */
function textsOf({ state, view, convention, image, index }) {
  const texts = { image: index.keys[state.image], preset: convention.name };
  if (convention.hasSlider) texts.k = convention.ks[state.position];
  if (state.row !== null) texts.object = image.keys[state.row];
  const shown = TOGGLES.filter((name) => state.show.has(name)).join(",");
  if (shown !== SHOWN_AT_FIRST.join(",")) texts.show = shown;
  if (state.levels.size) texts.hide = [...state.levels].join(",");
  if (state.sort) texts.sort = `${state.sort.column}-${state.sort.order}`;
  if (view.isMoved) texts.at = [view.x.toFixed(4), view.y.toFixed(4), view.zoom.toFixed(3)].join(",");
  return texts;
}
