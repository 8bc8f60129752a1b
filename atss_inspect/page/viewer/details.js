/* The numbers of one object, or of all. */
"use strict";

class Details {
  constructor(element, viewer) {
    this.element = element;
    this.viewer = viewer;
  }

  render() {
    const { activeRow: row } = this.viewer;
    this.element.replaceChildren(...(row === null ? this.describeAll() : this.describe(row)));
  }

  /** Sum the objects up while none of them is looked at. */
  describeAll() {
    const { convention } = this.viewer;
    const hint = element("p", "viewer-hint", "Point at an object, or select one, for its numbers.");
    const title = element("h3", "", "All objects");
    if (!convention.numObjects) return [title, hint];
    return [title, ...this.outcomeOfAll(), ...this.levelTable(null), ...this.strip(null), hint];
  }

  outcomeOfAll() {
    const { convention } = this.viewer;
    const { position } = this.viewer.state;
    const { given } = convention;
    const text = this.causesOfAll();
    const outcome = text ? `Without a ${given}: ${text}` : `Every object has a ${given}`;
    const lines = [element("p", `viewer-outcome${text ? " is-poor" : ""}`, outcome)];
    const low = convention.numOfRank(1, position);
    const words = `Only low-quality matches (IoU below ${convention.bar}): ${low}`;
    if (low) lines.push(element("p", "viewer-outcome is-poor", words));
    return lines;
  }

  /** How many objects have no positive, by cause, the most frequent first. */
  causesOfAll() {
    const { convention, image } = this.viewer;
    const { position } = this.viewer.state;
    const reasons = new Map();
    for (let object = 0; object < convention.numObjects; object += 1) {
      if (convention.count(object, position)) continue;
      const cause = image.document.causes[convention.cause(object, position)];
      reasons.set(cause, (reasons.get(cause) || 0) + 1);
    }
    const one = ([cause, number]) => (convention.gate ? `${number}` : `${number} ${cause}`);
    return [...reasons].sort((a, b) => b[1] - a[1]).map(one).join(", ");
  }

  describe(row) {
    const { convention, image } = this.viewer;
    const { document: data } = image;
    const [, , width, height] = data.objects.xywh.slice(4 * row, 4 * row + 4);
    const title = element("h3", "", element("span", "viewer-dot"), named(image.className(row)));
    title.append(" ", named(data.objects.ann[row], "viewer-id"));
    const object = convention.rowToObject.get(row);
    const original = `${sides(width, height)} px in the file, ${image.size(row)}`;
    if (object === undefined) {
      const reason = convention.rowToLeftOut.has(row) ? convention.reasonOf(row) : "not in this image";
      return [title, element("p", "", original), element("p", "", `Left out: ${reason}.`)];
    }
    const rank = convention.rank(object, this.viewer.state.position);
    title.classList.toggle("is-low", rank === 1);
    title.firstChild.style.background = rank === 2 ? this.viewer.pane.painter.color(row) : "";
    const [x1, y1, x2, y2] = convention.box(object);
    const size = element("p", "viewer-faint", `${sides(x2 - x1, y2 - y1)} input px (${original})`);
    const strip = this.viewer.isBeside ? this.presetTable(row) : this.strip(object);
    return [title, size, ...this.outcome(object), ...this.levelTable(object), ...strip];
  }

  /** What an object gets under each preset, where they stand beside each other. */
  presetTable(row) {
    const { image } = this.viewer;
    const table = element("table", "viewer-presets");
    for (const each of image.conventions) {
      const object = each.rowToObject.get(row);
      const position = this.viewer.positionIn(each);
      const number = object === undefined ? "–" : plural(each.count(object, position), each.given);
      const lack = lackWords(image, each, row, position);
      const line = element("tr", "", element("th", "", named(each.name)), element("td", "", number));
      line.firstChild.scope = "row";
      if (lack) line.lastChild.append(element("span", "viewer-lack", lack));
      table.append(line);
    }
    return [table];
  }

  /** What an object gets, or why it has no positive. */
  outcome(object) {
    const { convention, image } = this.viewer;
    const { position } = this.viewer.state;
    const count = convention.count(object, position);
    const parts = [];
    if (convention.gate) return [this.boundLine(object, count), ...this.contestLine(object)];
    if (count) {
      const low = convention.lowCount(object, position);
      const some = low ? `, ${low} of them low-quality matches` : "";
      const which = low === count ? `, only low-quality matches (IoU below ${convention.bar})` : some;
      const look = `viewer-outcome${low === count ? " is-poor" : ""}`;
      parts.push(element("p", look, plural(count, "positive") + which), ...this.contestLine(object));
    } else {
      const cause = image.document.causes[convention.cause(object, position)];
      parts.push(element("p", "viewer-outcome is-poor", `No positive: ${cause}`));
      const holder = convention.lostTo(object, position);
      if (holder >= 0) parts.push(this.holderLine(convention.objects.row[holder]));
    }
    if (convention.thresholds) {
      const value = (name) => convention.statistic(name, object, position);
      const line = element("p", "viewer-sum", "Threshold ");
      line.append(element("b", "", value("threshold")), ` = mean ${value("mean")}`);
      line.append(` + std ${value("std")}`);
      parts.push(line);
    }
    return parts;
  }

  /** What an object gets at most under a gate, or why it has none at this size. */
  boundLine(object, count) {
    const { convention, image } = this.viewer;
    const most = `At most ${convention.gate.most[object]} picked`;
    if (count) {
      return element("p", "viewer-outcome", `${most}, from ${plural(count, "candidate")}`);
    }
    const cause = image.document.causes[convention.cause(object, this.viewer.state.position)];
    const sure = convention.gate.is_certain;
    const text = sure ? `At this size no positive: ${cause}` : `${most}, of others: ${cause} of its own`;
    return element("p", "viewer-outcome is-poor", text);
  }

  /** How many of an object's positives others could have had. */
  contestLine(object) {
    const { convention, state } = this.viewer;
    const number = convention.contestedCount(object, state.position);
    const words = convention.gate ? "may go to another object, too" : "another object could have had";
    return number ? [element("p", "viewer-sum", `${number} of these ${words}`)] : [];
  }

  holderLine(row) {
    const button = element("button", "viewer-link", named(clipText(this.viewer.image.className(row), 40)));
    button.type = "button";
    button.append(" ", named(this.viewer.image.document.objects.ann[row], "viewer-id"));
    button.addEventListener("click", () => this.viewer.select(row));
    return element("p", "", "What it wanted most went to ", button);
  }

  /** Candidates and positives by level, of one object or (null) of all. */
  levelTable(object) {
    const { convention } = this.viewer;
    const { position } = this.viewer.state;
    const { levels } = convention;
    const numbers = convention.levelCounts(object, position);
    const table = element("table", "viewer-levels");
    const head = element("tr", "", element("th", "", ""));
    levels.forEach((level, place) => {
      head.append(element("th", "", `${MARKS[place % MARKS.length]} ${level.name}`));
    });
    table.append(element("thead", "", head));
    const body = element("tbody");
    if (convention.thresholds && object !== null) {
      const cells = levels.map((_, place) => convention.numCandidates(place, position));
      body.append(numberLine("candidates", cells));
    }
    body.append(numberLine(`${convention.given}s`, numbers));
    table.append(body);
    return [table];
  }

  /** Positives over all k, of one object or (null) of all. */
  strip(object) {
    const { convention } = this.viewer;
    if (!convention.hasSlider) return [];
    const numbers = convention.ks.map((_, position) =>
      object === null ? convention.total(position) : convention.count(object, position),
    );
    const most = Math.max(...numbers);
    const range = `k = ${convention.ks[0]} to ${convention.ks.slice(-1)}`;
    if (!most) return [element("p", "viewer-sum", `No positive at any ${range}.`)];
    const bars = element("div", "viewer-bars");
    bars.setAttribute("role", "img");
    bars.setAttribute("aria-label", `Positives by k: ${numbers.join(", ")}`);
    this.viewer.slider.renderBars(bars, numbers, (number) => number === 0);
    const caption = `Positives at ${range}, at most ${most}`;
    return [element("figure", "viewer-strip", bars, element("figcaption", "", caption))];
  }
}
