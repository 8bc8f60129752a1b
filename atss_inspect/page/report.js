/* The report around the viewer: tables that can be sorted, links into the viewer, and
 * folded parts that open for a print. Without it the page can be read all the same. */
"use strict";

(() => {
  const NEXT = { none: "descending", descending: "ascending", ascending: "none" };

  /** Make the headings of a table buttons that sort its rows. */
  function makeSortable(table) {
    const bodies = [...table.tBodies].map((body) => ({ body, rows: [...body.rows] }));
    const heads = [...table.querySelectorAll("[data-heads] th")];
    heads.forEach((head, column) => {
      const button = document.createElement("button");
      button.type = "button";
      button.className = "sort";
      button.append(...head.childNodes);
      head.append(button);
      head.setAttribute("aria-sort", "none");
      button.addEventListener("click", () => {
        const order = NEXT[head.getAttribute("aria-sort")];
        for (const other of heads) other.setAttribute("aria-sort", "none");
        head.setAttribute("aria-sort", order);
        for (const { body, rows } of bodies) body.replaceChildren(...sorted(rows, column, order));
      });
    });
  }

  /** Rows in an order; titles and sums stay first, equals as they were. */
  function sorted(rows, column, order) {
    if (order === "none") return rows;
    const isFixed = (row) => "fixed" in row.dataset;
    const movable = rows.filter((row) => !isFixed(row));
    const values = new Map(movable.map((row) => [row, valueOf(row.cells[column])]));
    const sign = order === "ascending" ? 1 : -1;
    const compare = (one, other) => {
      const [a, b] = [values.get(one), values.get(other)];
      if (a === null || b === null) return (a === null) - (b === null);
      return sign * (typeof a === "string" ? a.localeCompare(b, "en") : a - b);
    };
    movable.sort(compare);
    const rest = movable.values();
    return rows.filter(isFixed).concat([...rest]);
  }

  /** The number behind a cell; of a column of words, the words; null sorts last. */
  function valueOf(cell) {
    if (cell.dataset.value !== undefined) return Number(cell.dataset.value);
    if (cell.classList.contains("number")) return null;
    return cell.textContent;
  }

  /** Unfold the parts around what an address names, and go there. */
  function unfold(hash) {
    const target = document.getElementById(hash.slice(1));
    if (!target) return;
    const part = target.querySelector(":scope > .fold");
    if (part) part.open = true;
    for (let at = target; at; at = at.parentElement) if (at.tagName === "DETAILS") at.open = true;
    target.scrollIntoView({ block: "start" });
  }

  /** A link to a view of the viewer goes to the viewer, which shows what it says. */
  function followLink() {
    unfold(location.hash);
    const viewer = document.querySelector("[data-viewer]");
    if (!viewer || !location.hash.startsWith(`#${viewer.id}:`)) return;
    viewer.scrollIntoView({ block: "start" });
    const canvas = viewer.querySelector("canvas");
    if (canvas) canvas.focus({ preventScroll: true });
  }

  /** Show the first rows of a long table, and all of them on demand. */
  function foldRows(button) {
    const table = button.closest(".more").previousElementSibling.querySelector("table");
    const words = button.textContent;
    button.hidden = false;
    const fold = (isFolded) => {
      table.classList.toggle("is-folded", isFolded);
      button.textContent = isFolded ? words : "Show fewer";
      button.setAttribute("aria-expanded", String(!isFolded));
    };
    button.addEventListener("click", () => fold(!table.classList.contains("is-folded")));
    fold(true);
  }

  /** Mark the sides on which a table is cut off. */
  function watchCuts(room) {
    const mark = () => {
      const rest = room.scrollWidth - room.clientWidth - room.scrollLeft;
      const cut = [room.scrollLeft > 1 && "start", rest > 1 && "end"].filter(Boolean).join(" ");
      if (cut) room.dataset.cut = cut;
      else delete room.dataset.cut;
    };
    room.addEventListener("scroll", mark, { passive: true });
    new ResizeObserver(mark).observe(room);
  }

  /** On paper, nothing that is printed is folded. */
  function unfoldForPrint() {
    const closed = [...document.querySelectorAll("details:not([open])")];
    const folded = closed.filter((each) => !each.closest(".on-screen"));
    for (const each of folded) each.open = true;
    const fold = () => folded.forEach((each) => (each.open = false));
    window.addEventListener("afterprint", fold, { once: true });
  }

  /** Mark the part that is being read in the list of contents. */
  function watchParts() {
    const links = new Map(
      [...document.querySelectorAll(".contents a")].map((link) => [link.hash.slice(1), link]),
    );
    const seen = new IntersectionObserver(
      (entries) => {
        for (const { target, isIntersecting } of entries) {
          const link = links.get(target.id);
          if (!isIntersecting || !link) continue;
          for (const other of links.values()) other.removeAttribute("aria-current");
          link.setAttribute("aria-current", "true");
        }
      },
      { rootMargin: "-15% 0px -75% 0px" },
    );
    for (const id of links.keys()) seen.observe(document.getElementById(id));
  }

  /** Escape puts away what a point of a figure says. */
  function leaveSpot(event) {
    const spot = event.key === "Escape" && document.activeElement.closest(".spot");
    if (spot) spot.blur();
  }

  document.querySelectorAll("table[data-sortable]").forEach(makeSortable);
  document.querySelectorAll("[data-unfold]").forEach(foldRows);
  document.querySelectorAll(".table-room").forEach(watchCuts);
  // The address may be there already, which is no change.
  document.addEventListener("click", ({ target }) => {
    const link = target.closest('a[href^="#"]');
    if (link) unfold(link.hash);
  });
  window.addEventListener("hashchange", followLink);
  window.addEventListener("keydown", leaveSpot);
  window.addEventListener("beforeprint", unfoldForPrint);
  window.atssInspect.ready.then(followLink);
  watchParts();
})();
