/* What keys do. */
"use strict";

const TOGGLE_KEYS = {
  ...{ p: "picture", m: "masks", l: "labels", c: "candidates", a: "anchors" },
  ...{ x: "contested", b: "beside" },
};

function listenToKeys(viewer) {
  const target = viewer.isAlone ? document : viewer.container;
  target.addEventListener("keydown", (event) => {
    const hasModifier = event.ctrlKey || event.metaKey || event.altKey;
    if (hasModifier || !viewer.index || event.defaultPrevented) return;
    const isArrow = event.key.startsWith("Arrow");
    // Sliders have a use of their own for these.
    const isMove = isArrow || event.key === "Home" || event.key === "End";
    if (isMove && event.target.matches("input")) return;
    if (viewer.picker.isOpen || (viewer.part.keys.open && event.key !== "?")) return;
    const action = { ...pageActions(viewer), ...(viewer.image && imageActions(viewer)) }[event.key];
    if (!action) return;
    event.preventDefault();
    action();
  });
}

/** What can be done without any image, too. */
function pageActions(viewer) {
  return {
    ArrowLeft: () => viewer.stepImage(-1),
    ArrowRight: () => viewer.stepImage(1),
    Home: () => viewer.stepImage(-Infinity),
    End: () => viewer.stepImage(Infinity),
    "/": () => viewer.findImage(),
    "?": () => viewer.showHelp(),
  };
}

function imageActions(viewer) {
  const actions = {
    ArrowUp: () => viewer.stepObject(-1),
    ArrowDown: () => viewer.stepObject(1),
    "[": () => viewer.slider.step(-1),
    "]": () => viewer.slider.step(1),
    "+": () => viewer.zoom(1.5),
    "=": () => viewer.zoom(1.5),
    "-": () => viewer.zoom(1 / 1.5),
    0: () => viewer.zoom(0),
    Escape: () => viewer.change({ row: null }),
  };
  for (const [key, name] of Object.entries(TOGGLE_KEYS)) actions[key] = () => viewer.toggle(name);
  for (let n = 1; n <= Math.min(9, viewer.image.conventions.length); n += 1) {
    actions[n] = () => viewer.chooseConvention(n - 1);
  }
  return actions;
}
