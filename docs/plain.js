// Search without diacritics: words of the pages and of the question are compared by their plain
// letters. It stands at the beginning of the worker of the theme, and hears each message first.
{
  const plain = (text) =>
    text.normalize("NFD").replace(/[\u0300-\u036f]/g, "").replace(/đ/g, "d").replace(/Đ/g, "D");
  let patched = false;
  addEventListener("message", ({ data }) => {
    if (!patched) {
      patched = true;
      const { run } = lunr.Pipeline.prototype;
      lunr.Pipeline.prototype.run = function (tokens) {
        return run.call(this, tokens).map((token) => token.update(plain));
      };
    }
    // A question is a text; everything else is an object.
    if (typeof data.data === "string") data.data = plain(data.data);
  });
}
