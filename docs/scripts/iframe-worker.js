// A worker in a hidden frame, for the search of pages that are opened from a folder, where browsers allow no workers.
(() => {
  if (location.protocol !== 'file:') return;

  class FrameWorker extends EventTarget {
    constructor(address) {
      super();
      this.onmessage = null;
      this.frame = document.createElement('iframe');
      this.frame.hidden = true;
      document.body.append(this.frame);
      this.ready = this.begin(String(address));
    }

    // Give the frame what a worker has, then let it run the script.
    begin(address) {
      const inside = this.frame.contentWindow;
      const load = (source) => new Promise((done, failed) => {
        const script = inside.document.createElement('script');
        Object.assign(script, { src: source, onload: done, onerror: failed });
        inside.document.body.append(script);
      });
      inside.importScripts = (...sources) => sources.reduce((all, each) => all.then(() => load(each)), Promise.resolve());
      inside.postMessage = (data) => {
        const said = new MessageEvent('message', { data });
        this.dispatchEvent(said);
        this.onmessage?.(said);
      };
      return load(address);
    }

    postMessage(data) {
      this.ready.then(() => { this.frame.contentWindow.dispatchEvent(new MessageEvent('message', { data })); });
    }

    terminate() { this.frame.remove(); }
  }

  window.IFrameWorker = FrameWorker;
  window.Worker = FrameWorker;
})();
