// Search where the site is opened from a folder. Browsers start no worker from a file:
// its script runs in a hidden frame of the page instead, and messages go to and fro,
// copied as a worker's are.
if (location.protocol === "file:") {
  window.Worker = class {
    constructor(address) {
      this.frame = document.createElement("iframe");
      this.frame.hidden = true;
      document.body.append(this.frame);
      const inside = this.frame.contentWindow;
      inside.postMessage = (data) => this.onmessage({ data: structuredClone(data) });
      const script = inside.document.createElement("script");
      script.src = new URL(address, location.href).href;
      this.isReady = new Promise((resolve) => script.addEventListener("load", resolve));
      inside.document.body.append(script);
    }

    async postMessage(data) {
      const copy = structuredClone(data);
      await this.isReady;
      this.frame.contentWindow.onmessage({ data: copy });
    }

    terminate() {
      this.frame.remove();
    }
  };
}
