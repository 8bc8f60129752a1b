/* Mouse, pen and fingers on one pane. */
"use strict";

const STEADY = { mouse: 4, touch: 10 }; // CSS pixels that are no move yet

class Pointers {
  constructor(pane, viewer) {
    this.pane = pane;
    this.viewer = viewer;
    this.down = new Map(); // pointers that touch, and where
    const { canvas } = pane.part;
    const listen = (name, act, options) => canvas.addEventListener(name, act, options);
    listen("pointerdown", (event) => this.press(event));
    listen("pointermove", (event) => this.move(event));
    listen("pointerup", (event) => this.release(event));
    listen("pointercancel", (event) => this.release(event));
    listen("pointerleave", (event) => this.leave(event));
    listen("dblclick", (event) => this.zoom(event, event.shiftKey ? 0.5 : 2));
    listen("wheel", (event) => this.roll(event), { passive: false });
  }

  zoom(event, factor) {
    this.pane.camera.zoomAt(event.offsetX, event.offsetY, factor);
    this.viewer.viewMoved();
  }

  roll(event) {
    // On a page with more to read, a wheel scrolls unless the canvas was chosen.
    const isMeant = this.viewer.isAlone || event.ctrlKey || document.activeElement === event.target;
    if (!isMeant) return;
    event.preventDefault();
    const lines = event.deltaMode === 1 ? 30 : 1;
    this.zoom(event, Math.exp(-within(event.deltaY * lines, -300, 300) * 0.0016));
  }

  press(event) {
    if (event.button !== 0) return;
    this.down.set(event.pointerId, { x: event.offsetX, y: event.offsetY });
    this.hasMoved = this.down.size > 1;
    try {
      event.target.setPointerCapture(event.pointerId);
    } catch {
      // A pointer that has gone already needs no capture.
    }
  }

  move(event) {
    const before = this.down.get(event.pointerId);
    if (!before) {
      if (event.pointerType !== "touch") this.viewer.pointAt(this.pane, event);
      return;
    }
    const after = { x: event.offsetX, y: event.offsetY };
    const way = Math.hypot(after.x - before.x, after.y - before.y);
    if (!this.hasMoved && way < (STEADY[event.pointerType] || STEADY.mouse)) return;
    this.hasMoved = true;
    this.down.set(event.pointerId, after);
    const other = [...this.down].find(([id]) => id !== event.pointerId);
    this.drag(before, after, other && other[1]);
    this.viewer.viewMoved();
  }

  /** Follow one finger, or two: `fixed` is where the other one is. */
  drag(before, after, fixed) {
    const { camera } = this.pane;
    const [dx, dy] = [after.x - before.x, after.y - before.y];
    if (!fixed) {
      camera.pan(dx, dy);
      return;
    }
    const distance = (at) => Math.max(Math.hypot(at.x - fixed.x, at.y - fixed.y), 1);
    const middle = [(after.x + fixed.x) / 2, (after.y + fixed.y) / 2];
    camera.zoomAt(...middle, distance(after) / distance(before));
    camera.pan(dx / 2, dy / 2);
  }

  release(event) {
    const wasDown = this.down.delete(event.pointerId);
    if (!wasDown || this.hasMoved || event.type === "pointercancel") return;
    this.viewer.choose(this.pane, event);
  }

  /** A finger that is lifted leaves what it has chosen. */
  leave(event) {
    if (event.pointerType !== "touch") this.viewer.pointAt(null);
  }
}
