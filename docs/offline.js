// Search in pages that are opened as files: browsers start no worker from a file, so the search runs
// in a hidden frame that answers to the same messages.
if (location.protocol === "file:") {
  // By the name IFrameWorker the theme knows that its search runs in a frame.
  window.Worker = window.IFrameWorker = class extends EventTarget {
    constructor(url) {
      super();
      this.onerror = this.onmessage = null;
      const waiting = [];
      const frame = document.createElement("iframe");
      frame.hidden = true;
      frame.srcdoc =
        "<script>self.importScripts = (...urls) => urls.reduce((done, url) => done.then(() =>" +
        " new Promise((ready, failed) => { const one = document.createElement('script');" +
        " one.src = url; one.onload = ready; one.onerror = failed;" +
        " document.head.append(one); })), Promise.resolve());" +
        "self.postMessage = (data) => parent.postMessage({ of: 'search', data }, '*');" +
        `</script><script src="${new URL(url, location.href)}"></script>`;
      this.tell = (data) =>
        frame.contentWindow.dispatchEvent(new MessageEvent("message", { data }));
      frame.onload = () => {
        this.ready = true;
        waiting.forEach(this.tell);
      };
      this.postMessage = (data) => (this.ready ? this.tell(data) : waiting.push(data));
      this.terminate = () => frame.remove();
      window.addEventListener("message", (event) => {
        if (event.source !== frame.contentWindow || event.data.of !== "search") return;
        const told = new MessageEvent("message", { data: event.data.data });
        this.dispatchEvent(told);
        if (this.onmessage) this.onmessage(told);
      });
      document.documentElement.append(frame);
    }
  };
}
