/* Every viewer of the page, and the theme they share. */
"use strict";

/** Light, dark, or as the system has it. */
function listenToTheme(repaint) {
  const root = document.documentElement;
  const isDark = window.matchMedia("(prefers-color-scheme: dark)");
  for (const button of document.querySelectorAll("[data-theme-button]")) {
    button.hidden = false;
    button.addEventListener("click", () => {
      const now = root.dataset.theme || (isDark.matches ? "dark" : "light");
      root.dataset.theme = now === "dark" ? "light" : "dark";
      repaint();
    });
  }
  isDark.addEventListener("change", repaint);
  window.matchMedia("print").addEventListener("change", repaint);
  window.addEventListener("beforeprint", repaint);
  window.addEventListener("afterprint", repaint);
}

const viewers = [...document.querySelectorAll("[data-viewer]")].map((each) => new Viewer(each));
listenToTheme(() => viewers.forEach((viewer) => viewer.repaint()));
window.atssInspect = Object.freeze({
  ready: Promise.all(viewers.map((viewer) => viewer.ready)),
  shown: (number = 0) => viewers[number].shown(),
});
