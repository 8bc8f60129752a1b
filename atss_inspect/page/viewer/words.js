/* Words and elements. All text is set as text; nothing from the data becomes markup. */
"use strict";

const plural = (number, noun) => `${number.toLocaleString("en")} ${noun}${number === 1 ? "" : "s"}`;
const sides = (width, height) => `${shortNumber(width)} × ${shortNumber(height)}`;
const shortNumber = (value) => String(Math.round(value * 10) / 10);

/** Name the k at which a pair is positive: "3–17, 20". */
function ranges(mask, ks) {
  const parts = [];
  for (let p = 0; p < ks.length; p += 1) {
    if (!((mask >> p) & 1)) continue;
    const from = p;
    while (p + 1 < ks.length && (mask >> (p + 1)) & 1) p += 1;
    parts.push(from === p ? `${ks[p]}` : `${ks[from]}–${ks[p]}`);
  }
  return parts.join(", ");
}

/** What an object lacks; empty if nothing. */
function lackWords(image, convention, row, position) {
  const object = convention.rowToObject.get(row);
  if (object === undefined) {
    return convention.rowToLeftOut.has(row) ? `left out: ${convention.reasonOf(row)}` : "not in this image";
  }
  const rank = convention.rank(object, position);
  if (rank === 1) return "only low-quality matches";
  return rank ? "" : image.document.causes[convention.cause(object, position)];
}

/** How many objects lack something, in the fewest words: "3 poorly assigned". */
function lackCount(convention, position) {
  const number = convention.numOfRank(0, position) + convention.numOfRank(1, position);
  const lack = convention.bar === null ? `without a ${convention.given}` : "poorly assigned";
  const isPoor = number > 0;
  return { isPoor, words: convention.numObjects ? `${number} ${lack}` : "no objects" };
}

/** What all objects of a convention get, in parts of a sentence. */
function outcomeWords(convention, position) {
  if (!convention.numObjects) return [];
  return [
    convention.poorWords(position) || `all with ${convention.given}s`,
    plural(convention.total(position), convention.given),
  ];
}

function element(name, className, ...content) {
  const made = document.createElement(name);
  if (className) made.className = className;
  made.append(...content);
  return made;
}

/** Change a text that has changed: even an equal one would be laid out anew. */
function setText(where, text) {
  if (where.textContent !== text) where.textContent = text;
}

/** Text of the file: isolated, so that its direction stays its own. */
const named = (text, className) => {
  const made = element("bdi", className, text);
  made.title = text;
  return made;
};

function clipText(text, length) {
  const letters = [...text];
  return letters.length > length ? `${letters.slice(0, length - 1).join("")}…` : text;
}

function numberLine(name, numbers) {
  const line = element("tr", "", element("th", "", name));
  line.firstChild.scope = "row";
  line.append(...numbers.map((number) => element("td", number ? "number" : "number is-none", `${number}`)));
  return line;
}
