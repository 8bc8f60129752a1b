/* The list of the objects, sorted by any column. */
"use strict";

const SORT_COLUMNS = ["name", "size", "given", "threshold"];
// What a first, second and third click do; worst first is the order of the page.
const SORT_ORDERS = { name: ["ascending", "descending"], others: ["descending", "ascending"] };

/** The order after another click on a column; null is the page's own. */
function nextSort(sort, column) {
  const orders = SORT_ORDERS[column] || SORT_ORDERS.others;
  const place = sort && sort.column === column ? orders.indexOf(sort.order) + 1 : 0;
  return place < orders.length ? { column, order: orders[place] } : null;
}

class ObjectTable {
  constructor(viewer) {
    this.viewer = viewer;
    this.heads = new Map();
    for (const head of viewer.container.querySelectorAll("[data-sort]")) {
      const column = head.dataset.sort;
      this.heads.set(column, head);
      const sort = () => viewer.change({ sort: nextSort(viewer.state.sort, column) });
      head.querySelector("button").addEventListener("click", sort);
    }
  }

  /** List the objects in the chosen order. */
  render() {
    const { convention, image, part } = this.viewer;
    if (this.image !== image) {
      this.rows = new Map(image.keys.map((_, row) => [row, this.makeRow(row)]));
      this.image = image;
    }
    this.order = this.sorted();
    for (const row of this.order) this.fillRow(row);
    const lines = this.order.map((row) => this.rows.get(row));
    const isSame = lines.length === part.rows.children.length;
    if (!isSame || lines.some((line, n) => part.rows.children[n] !== line)) {
      part.rows.replaceChildren(...lines);
    }
    this.renderHeads(convention);
    this.mark();
  }

  renderHeads(convention) {
    const { sort } = this.viewer.state;
    for (const [column, head] of this.heads) {
      const isSorted = sort && sort.column === column;
      head.setAttribute("aria-sort", isSorted ? sort.order : "none");
    }
    this.heads.get("threshold").hidden = !convention.thresholds;
    setText(this.viewer.part.countshead, convention.gate ? "Candidates" : "Positives");
  }

  /** Rows as asked; equals, and all without a wish, worst first; no value comes last. */
  sorted() {
    const { convention, state } = this.viewer;
    const isKnown = (row) => convention.rowToObject.has(row) || convention.rowToLeftOut.has(row);
    const order = this.worstFirst([...this.rows.keys()].filter(isKnown));
    if (!state.sort) return order;
    const { column, order: direction } = state.sort;
    const values = new Map(order.map((row) => [row, this.valueOf(row, column)]));
    const sign = direction === "ascending" ? 1 : -1;
    return order.sort((one, other) => {
      const [a, b] = [values.get(one), values.get(other)];
      if (a === null || b === null) return (a === null) - (b === null);
      return sign * (typeof a === "string" ? a.localeCompare(b, "en", { numeric: true }) : a - b);
    });
  }

  /** Without a positive, with only low-quality matches, then those with fewest. */
  worstFirst(rows) {
    const { convention, state } = this.viewer;
    const value = new Map(
      rows.map((row) => {
        const object = convention.rowToObject.get(row);
        if (object === undefined) return [row, [3, 0]];
        return [row, [convention.rank(object, state.position), convention.count(object, state.position)]];
      }),
    );
    const difference = (a, b, n) => value.get(a)[n] - value.get(b)[n];
    return rows.sort((a, b) => difference(a, b, 0) || difference(a, b, 1) || a - b);
  }

  /** What a row is sorted by; null if it has no value. */
  valueOf(row, column) {
    const { convention, image, state } = this.viewer;
    const { ann, xywh } = image.document.objects;
    if (column === "name") return `${image.className(row)} ${ann[row]}`;
    if (column === "size") return xywh[4 * row + 2] * xywh[4 * row + 3];
    const object = convention.rowToObject.get(row);
    if (object === undefined) return null;
    if (column === "given") return convention.count(object, state.position);
    return convention.statisticValue("threshold", object, state.position);
  }

  makeRow(row) {
    const { viewer } = this;
    const { image } = viewer;
    const id = named(clipText(image.document.objects.ann[row], 40), "viewer-id");
    const name = named(clipText(image.className(row), 80));
    const button = element("button", "viewer-object", element("span", "viewer-dot"), name, " ", id);
    button.type = "button";
    const line = element("tr", "", element("th", "", button, element("span", "viewer-cause")));
    line.firstChild.scope = "row";
    for (const kind of ["size", "number", "number"]) line.append(element("td", kind));
    const point = (hit) => (event) => event.pointerType !== "touch" && viewer.hover(hit);
    line.addEventListener("pointerenter", point({ row, positive: null }));
    line.addEventListener("pointerleave", point(NOTHING));
    line.addEventListener("click", () => viewer.select(viewer.state.row === row ? null : row));
    return line;
  }

  fillRow(row) {
    const { convention, image, state } = this.viewer;
    const line = this.rows.get(row);
    const [name, size, number, threshold] = line.children;
    const object = convention.rowToObject.get(row);
    const isLeftOut = object === undefined;
    const rank = isLeftOut ? 3 : convention.rank(object, state.position);
    line.classList.toggle("is-left-out", isLeftOut);
    line.classList.toggle("is-poor", rank < 2);
    line.classList.toggle("is-low", rank === 1);
    const [dot, cause] = [name.querySelector(".viewer-dot"), name.querySelector(".viewer-cause")];
    dot.style.background = rank === 2 ? this.viewer.pane.painter.color(row) : "";
    cause.hidden = rank === 2;
    threshold.hidden = !convention.thresholds;
    setText(size, image.size(row));
    setText(cause, lackWords(image, convention, row, state.position));
    setText(number, isLeftOut ? "–" : String(convention.count(object, state.position)));
    setText(threshold, isLeftOut ? "–" : convention.statistic("threshold", object, state.position));
  }

  /** Show which rows are selected and pointed at; one of them can be tabbed to. */
  mark() {
    const { state, hovered } = this.viewer;
    const entry = this.order.includes(state.row) ? state.row : this.order[0];
    for (const row of this.order) {
      const line = this.rows.get(row);
      line.classList.toggle("is-selected", row === state.row);
      line.classList.toggle("is-hovered", row === hovered.row);
      const button = line.querySelector("button");
      button.tabIndex = row === entry ? 0 : -1;
      button.setAttribute("aria-pressed", row === state.row);
    }
  }

  /** The row some lines further down than the selected one; undefined beyond the ends. */
  rowAfter(step) {
    const place = this.order.indexOf(this.viewer.state.row);
    if (place < 0) return step > 0 ? this.order[0] : this.order[this.order.length - 1];
    return this.order[place + step];
  }

  /** Bring a row into sight; the focus stays in the list if it was there. */
  reveal(row) {
    const line = this.rows.get(row);
    if (!line) return;
    line.scrollIntoView({ block: "nearest" });
    const isInside = this.viewer.part.rows.contains(document.activeElement);
    if (isInside) line.querySelector("button").focus({ preventScroll: true });
  }
}
