/* The slider over k, and bars over k. */
"use strict";

class Slider {
  constructor(viewer) {
    this.viewer = viewer;
    const { part } = viewer;
    part.k.addEventListener("input", () => viewer.change({ position: Number(part.k.value) }));
    part.less.addEventListener("click", () => this.step(-1));
    part.more.addEventListener("click", () => this.step(1));
  }

  step(step) {
    const { state, convention } = this.viewer;
    const position = state.position + step;
    if (position >= 0 && position < convention.ks.length) this.viewer.change({ position });
  }

  render() {
    const { part, state, convention } = this.viewer;
    const { ks, hasSlider } = convention;
    part.slider.hidden = Boolean(convention.gate);
    part.k.min = 0;
    part.k.max = ks.length - 1;
    part.k.value = state.position;
    part.k.disabled = !hasSlider;
    part.less.disabled = !hasSlider || state.position === 0;
    part.more.disabled = !hasSlider || state.position === ks.length - 1;
    const k = ks[state.position];
    part.k.setAttribute("aria-valuetext", k === null ? convention.no_slider : `k = ${k}`);
    part.kvalue.textContent = k === null ? "–" : k;
    const times = convention.anchors_per_k;
    const many = times > 1 ? `× ${times} anchors, ` : "";
    const own = ks[convention.start];
    part.knote.textContent = hasSlider ? `${many}preset: ${own}` : convention.no_slider;
    const heights = ks.map((_, position) => convention.numOfRank(0, position));
    this.renderBars(part.kbars, hasSlider ? heights : [], (number) => number > 0);
    part.kbars.setAttribute("aria-label", `Objects without a positive by k: ${heights.join(", ")}`);
  }

  /** Draw numbers over k as small bars, the chosen one marked; a click chooses. */
  renderBars(bars, numbers, isBad) {
    const { viewer } = this;
    const most = Math.max(...numbers, 1);
    while (bars.children.length > numbers.length) bars.lastChild.remove();
    while (bars.children.length < numbers.length) {
      const bar = element("i", "", element("b"));
      const position = bars.children.length;
      bar.addEventListener("click", () => viewer.change({ position }));
      bars.append(bar);
    }
    numbers.forEach((number, position) => {
      const bar = bars.children[position];
      bar.title = `k = ${viewer.convention.ks[position]}: ${number}`;
      bar.firstChild.style.height = `${Math.round((100 * number) / most)}%`;
      bar.classList.toggle("is-poor", isBad(number));
      bar.classList.toggle("is-chosen", position === viewer.state.position);
    });
  }
}
