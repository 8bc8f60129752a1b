/* Where images come from: the page itself, or its server. */
"use strict";

const RECENT_IMAGES = 12;

/** Documents that stand in the page, each in a script block of its own. */
class EmbeddedSource {
  constructor(container) {
    this.container = container;
    this.blocks = [...container.querySelectorAll("script[data-image]")];
  }

  async index() {
    const block = this.container.querySelector("script[data-index]");
    return ImageIndex.of(JSON.parse(block.textContent));
  }

  get(index) {
    return Promise.resolve(JSON.parse(this.blocks[index].textContent));
  }
}

/** Documents that a server computes when they are asked for. */
class FetchedSource {
  constructor(address) {
    this.address = address;
  }

  async index() {
    return new ImageIndex(await this.ask(""));
  }

  get(index) {
    return this.ask(index);
  }

  async ask(name) {
    let answer;
    try {
      answer = await fetch(this.address + name);
    } catch {
      throw new Error("the server does not answer; was it stopped?");
    }
    if (answer.ok) return answer.json();
    const { error } = await answer.json().catch(() => ({}));
    throw new Error(error || `the server answered ${answer.status}`);
  }
}

/** Keep the last few decoded images, so that stepping back and forth is instant. */
class ImageSource {
  constructor(container) {
    const address = container.dataset.source;
    this.source = address ? new FetchedSource(address) : new EmbeddedSource(container);
    this.isRemote = Boolean(address);
    this.recent = new Map(); // the one asked for last comes last
  }

  index() {
    return this.source.index();
  }

  get(index) {
    const image =
      this.recent.get(index) ||
      this.source.get(index).then((document) => new SceneImage(document));
    image.catch(() => this.recent.delete(index));
    this.recent.delete(index);
    this.recent.set(index, image);
    if (this.recent.size > RECENT_IMAGES) {
      this.recent.delete(this.recent.keys().next().value);
    }
    return image;
  }

  /** Ask a server for images that may be wanted next, one after the other. */
  async prefetch(places) {
    for (const place of this.isRemote ? places : []) {
      await this.get(place).catch(() => null);
    }
  }
}
