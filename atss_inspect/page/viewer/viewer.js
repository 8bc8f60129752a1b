/* The interactive viewer: one image, what each convention does to its objects.
 *
 * One way through: source -> decoded image -> state -> draw list -> canvas and panels.
 */
"use strict";

class Viewer {
  constructor(container) {
    this.container = container;
    this.part = {};
    for (const each of container.querySelectorAll("[data-part]")) {
      this.part[each.dataset.part] = each;
    }
    this.source = new ImageSource(container);
    // Alone on its page, the viewer may take keys and wheel for itself.
    this.isAlone = container.hasAttribute("data-alone");
    this.hovered = NOTHING;
    this.state = firstState();
    this.part.body.hidden = false;
    this.picker = new ImagePicker(this.part.images, (place) => this.openImage(place, null));
    this.controls = new Controls(this);
    this.slider = new Slider(this);
    this.table = new ObjectTable(this);
    this.details = new Details(this.part.details, this);
    this.view = new View();
    this.panes = new Panes(this.part.stage, this.view, this);
    listenToKeys(this);
    window.addEventListener("hashchange", () => this.followAddress());
    this.ready = this.begin();
  }

  /** Ask for the list of images, and, as it may be long, for the first one meanwhile. */
  async begin() {
    if (!readFragment(this.container.id)) this.source.get(0).catch(() => null);
    try {
      this.index = await this.source.index();
    } catch (error) {
      this.part.status.textContent = `The list of images could not be loaded: ${error.message}`;
      return;
    }
    this.controls.listImages();
    await this.followAddress(true);
  }

  get convention() {
    return this.image.conventions[this.state.convention];
  }

  get isBeside() {
    return this.state.show.has("beside") && this.image.conventions.length > 1;
  }

  /** The pane of the convention whose numbers are shown. */
  get pane() {
    return this.panes.all[this.isBeside ? this.state.convention : 0];
  }

  /** Row of the object that is pointed at, else of the selected one; null for none. */
  get activeRow() {
    return this.hovered.row === null ? this.state.row : this.hovered.row;
  }

  /** Conventions in sight, each with its position. */
  get shownConventions() {
    const wanted = this.isBeside ? this.image.conventions : [this.convention];
    return wanted.map((convention) => ({
      convention,
      position: this.positionIn(convention),
      isChosen: convention === this.convention,
    }));
  }

  /** Position at which a convention is shown: k is the same wherever there is one. */
  positionIn(convention) {
    if (convention === this.convention) return this.state.position;
    const k = this.convention.hasSlider ? this.convention.ks[this.state.position] : this.lastK;
    const position = convention.hasSlider ? convention.ks.indexOf(k) : -1;
    return position < 0 ? convention.start : position;
  }

  // state -> address, and back

  /** Show what the fragment says; without one of ours, the first image. */
  async followAddress(isFirst = false) {
    const asked = readFragment(this.container.id);
    if (!this.index || (!asked && !isFirst)) return;
    const place = this.index.placeOf(asked && asked.get("image"));
    await this.openImage(Math.max(place, 0), asked || new URLSearchParams());
  }

  /** Change to an image; `asked` holds what else is wanted, as texts.
   *
   * Of several wishes that come while one is being fulfilled, only the last counts. */
  openImage(place, asked) {
    this.direction = place < this.place ? -1 : 1;
    this.place = place;
    this.wish = { place, asked };
    this.controls.nameImage();
    this.panes.hideTips();
    this.opening ||= this.fulfillWishes().finally(() => (this.opening = null));
    return this.opening;
  }

  async fulfillWishes() {
    while (this.wish) {
      const { wish } = this;
      this.part.main.setAttribute("aria-busy", "true");
      try {
        const image = await this.source.get(wish.place);
        this.failure = "";
        this.showImage(wish, image);
        this.part.main.setAttribute("aria-busy", "false");
      } catch (error) {
        this.failure = `This image could not be loaded: ${error.message}`;
        this.part.status.textContent = this.failure;
      }
      if (this.wish === wish) this.wish = null;
    }
    const next = [this.place + this.direction, this.place - this.direction];
    this.source.prefetch(next.filter((place) => place >= 0 && place < this.index.length));
  }

  showImage({ place, asked }, image) {
    for (const each of this.container.querySelectorAll("[inert]")) each.inert = false;
    const isSame = this.image === image;
    this.image = image;
    for (const picture of [image.pixels, ...image.masks]) {
      if (picture) picture.onload = () => this.draw();
    }
    const kept = asked ? stateOf(asked, image) : keepWhatFits(this.state, image);
    Object.assign(this.state, kept, { image: place });
    this.leave();
    if (!isSame || asked) this.view.reset();
    this.controls.listConventions();
    this.render();
    if (asked) this.lookWhere(asked.get("at") || "");
  }

  /** Look at the selected object, or at a place with a zoom, as an address says it. */
  lookWhere(at) {
    const box = at === "object" && this.convention.boxOfRow(this.state.row);
    if (box) this.pane.lookCloseAt(box);
    const [x, y, zoom] = at.split(",").map(Number);
    const isPlace = zoom >= 1 && zoom <= MOST_ZOOM && x >= 0 && x <= 1 && y >= 0 && y <= 1;
    if (isPlace) this.view.moveTo(x, y, zoom);
  }

  /** Write the address a moment after the last change; not over another part's. */
  rememberState() {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => {
      const texts = textsOf(this);
      const state = JSON.stringify(texts);
      const isChosen = this.isAlone || (this.remembered && this.remembered !== state);
      this.remembered = state;
      if (isChosen) writeFragment(this.container.id, texts);
    }, 120);
  }

  change(values) {
    Object.assign(this.state, values);
    this.render();
  }

  findImage() {
    if (this.index && this.index.length > 1) this.picker.open(this.index, this.place, this.part.image);
  }

  showHelp() {
    if (this.part.keys.open) this.part.keys.close();
    else this.part.keys.showModal();
  }

  /** Change the convention; k stays where both have it. */
  chooseConvention(place) {
    const before = this.convention;
    const after = this.image.conventions[place];
    if (before === after || !after) return;
    const position = this.positionIn(after);
    if (before.hasSlider) this.lastK = before.ks[this.state.position];
    this.leave();
    this.change({ convention: place, position });
  }

  stepImage(step) {
    const place = within(this.place + step, 0, this.index.length - 1);
    if (place !== this.place) this.openImage(place, null);
  }

  /** Select the object some rows further down the table. */
  stepObject(step) {
    const row = this.table.rowAfter(step);
    if (row === undefined) return;
    this.select(row);
    this.table.reveal(row);
  }

  select(row) {
    if (row !== null) this.pane.camera.lookAt(this.convention.boxOfRow(row) || [0, 0, 1, 1]);
    this.pointer = null; // the selection is what was used last
    this.change({ row });
  }

  toggle(name) {
    const { show } = this.state;
    if (!show.delete(name)) show.add(name);
    this.render();
  }

  toggleLevel(name) {
    const { levels } = this.state;
    if (!levels.delete(name)) levels.add(name);
    this.render();
  }

  // pointing and looking

  /** Point at what lies under a pointer in a pane; at nothing without a pane. */
  pointAt(pane, event) {
    this.pointer = pane && { pane, x: event.offsetX, y: event.offsetY };
    if (!this.image) return;
    if (!pane) {
      this.panes.hideTips();
      this.hover(NOTHING);
      return;
    }
    const [x, y] = [event.offsetX, event.offsetY];
    const hit = pane.hitAt(x, y, { row: this.state.row, isCoarse: event.pointerType === "touch" });
    this.hover(hit);
    pane.tip.show(hit, pane, [x, y]);
  }

  /** Select, or let go, what lies under a pointer in a pane. */
  choose(pane, event) {
    const isCoarse = event.pointerType === "touch";
    const { row } = pane.hitAt(event.offsetX, event.offsetY, { row: this.state.row, isCoarse });
    const isNew = row !== this.state.row;
    if (isCoarse) this.hovered = NOTHING;
    if (this.isBeside) this.chooseConvention(this.panes.shown.indexOf(pane));
    this.change({ row: isNew ? row : null });
    if (this.isAlone && !isCoarse) this.table.reveal(row);
    if (!isCoarse) this.pointAt(pane, event);
    else if (isNew) this.tell(pane, event);
  }

  /** Say what was tapped: there is no pointer that could rest on it. */
  tell(pane, event) {
    const [x, y] = [event.offsetX, event.offsetY];
    pane.tip.show(pane.hitAt(x, y, { row: this.state.row, isCoarse: true }), pane, [x, y]);
  }

  /** Show what is pointed at, on the picture or in the table. */
  hover(hit) {
    if (hit.row === this.hovered.row && hit.positive === this.hovered.positive) return;
    this.hovered = hit;
    this.table.mark();
    this.details.render();
    this.draw();
  }

  /** What was pointed at is no more. */
  leave() {
    this.hovered = NOTHING;
    this.panes.hideTips();
  }

  /** Zoom about the pointer or the selected object, whichever was used last, else about
   * the middle; 0 shows the whole image again. */
  zoom(factor) {
    if (!factor) this.view.reset();
    else {
      const { pane, x, y } = this.pointer || this.selectedSpot() || this.middle();
      pane.camera.zoomAt(x, y, factor);
    }
    this.viewMoved();
  }

  /** Where the selected object is, if it is in sight. */
  selectedSpot() {
    const box = this.state.row !== null && this.convention.boxOfRow(this.state.row);
    const spot = box && this.pane.camera.spotOf(box);
    return spot && { pane: this.pane, x: spot[0], y: spot[1] };
  }

  middle() {
    const { pane } = this;
    return { pane, x: pane.camera.width / 2, y: pane.camera.height / 2 };
  }

  /** Another part of the picture is in sight: what was said at a point is no more. */
  viewMoved() {
    this.panes.hideTips();
    this.draw();
  }

  resized() {
    this.panes.measure();
    this.draw();
  }

  // showing the state

  render() {
    this.hovered = { ...this.hovered, positive: null }; // it may be gone
    this.panes.show(this.image, this.shownConventions, this.state);
    this.controls.render();
    this.slider.render();
    this.controls.renderStatus();
    this.table.render();
    this.details.render();
    this.renderLegend();
    this.draw();
  }

  renderLegend(isForced = false) {
    renderLegend(this.part.legend, this.panes.shown, isForced);
  }

  // drawing, once per frame at most

  draw() {
    if (!this.image || this.isWaiting) return;
    this.isWaiting = true;
    requestAnimationFrame(() => {
      this.isWaiting = false;
      this.paint();
    });
  }

  paint() {
    for (const pane of this.panes.shown) pane.paint(this.state, this.hovered);
    this.part.fit.disabled = !this.view.isMoved;
    this.rememberState();
  }

  /** Take colors anew, and draw at once: before a print there is no next frame. */
  repaint() {
    for (const pane of this.panes.all) pane.painter.palette = readPalette();
    if (!this.image) return;
    this.table.render();
    this.details.render();
    this.renderLegend(true);
    this.paint();
  }

  /** What is drawn, for tests: read off the draw lists, not off the data. */
  shown() {
    const { state, image, pane, activeRow: active } = this;
    const name = (row) => (row === null ? null : image.document.objects.ann[row]);
    return {
      image: image.document.id,
      object: name(state.row),
      active: name(active),
      show: [...state.show],
      hiddenLevels: [...state.levels],
      sort: state.sort,
      order: this.table.order.map(name),
      zoom: this.view.zoom,
      ...pane.shown(),
      panes: this.isBeside ? this.panes.shown.map((each) => each.shown()) : [],
    };
  }
}
