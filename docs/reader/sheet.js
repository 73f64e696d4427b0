// What the codes of a sheet say, and who signed it: see casework/log/sheet.py, which this follows.
"use strict";

const Sheet = (() => {
  const DIGITS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:";
  const MOST = 12;
  const CODE = /^CWS1\/([1-9][0-9]?)\/([1-9][0-9]?)\/([0-9A-F]{8})\/([0-9A-Z $%*+\-./:]+)\/$/;
  const TEXT = new RegExp(
    "^casework-sheet v1\\n([^\\s+]+)\\n(0|[1-9][0-9]{0,15}) ([A-Za-z0-9+/]{43}=)\\n" +
      "([^\\n]+) ([0-9]{4}-[0-9]{2}-[0-9]{2})\\n(0|[1-9][0-9]{0,8}) ([A-Za-z0-9+/]{43}=)\\n\\n" +
      "((?:[^\\n]+\\n)*)$",
  );

  class Unfit extends Error {}

  const hex = (bytes) => Array.from(bytes, (one) => one.toString(16).padStart(2, "0")).join("");
  const bytesOf = (base64) => Uint8Array.from(atob(base64), (one) => one.charCodeAt(0));
  const joined = (parts) => {
    const whole = new Uint8Array(parts.reduce((sum, one) => sum + one.length, 0));
    parts.reduce((place, one) => (whole.set(one, place), place + one.length), 0);
    return whole;
  };

  // Base 45 (RFC 9285).
  function unspelt(text) {
    const data = [];
    for (let place = 0; place < text.length; place += 3) {
      const digits = [...text.slice(place, place + 3)].map((one) => DIGITS.indexOf(one));
      const number = digits.reduce((sum, digit, power) => sum + digit * 45 ** power, 0);
      if (digits.length === 1 || number >= 256 ** (digits.length - 1)) throw new Unfit("unreadable");
      if (digits.length === 3) data.push(number >> 8);
      data.push(number & 255);
    }
    return Uint8Array.from(data);
  }

  // The parts of one sheet, gathered from as many pictures as it takes.
  class Gathered {
    constructor() {
      this.parts = new Map();
      this.name = this.count = null;
    }

    // Tells whether a text is a code of a sheet; the first code of another sheet begins anew.
    add(text) {
      const found = CODE.exec(text.trim().replace(/^QR-Code:/, ""));
      if (!found || +found[2] > MOST || +found[1] > +found[2]) return false;
      if (found[3] !== this.name || +found[2] !== this.count) this.parts.clear();
      [this.name, this.count] = [found[3], +found[2]];
      this.parts.set(+found[1], found[4]);
      return true;
    }

    get missing() {
      const all = Array.from({ length: this.count || 0 }, (_, place) => place + 1);
      return all.filter((one) => !this.parts.has(one));
    }

    get whole() {
      return this.count !== null && !this.missing.length;
    }

    bytes() {
      const order = Array.from(this.parts.keys()).sort((one, other) => one - other);
      const bytes = joined(order.map((one) => unspelt(this.parts.get(one))));
      if (sha256(bytes).slice(0, 8).toUpperCase() !== this.name) throw new Unfit("unreadable");
      return bytes;
    }
  }

  // A public key as the program writes it, name+id+key; null for anything else.
  function keyOf(text) {
    const found = /^([^\s+]+)\+([0-9a-f]{8})\+([A-Za-z0-9+/]{44})$/.exec(text.trim());
    if (!found) return null;
    const key = bytesOf(found[3]);
    const named = joined([new TextEncoder().encode(`${found[1]}\n`), key]);
    const whole = key.length === 33 && key[0] === 1 && sha256(named).slice(0, 8) === found[2];
    return whole ? { name: found[1], id: found[2], bytes: key.slice(1) } : null;
  }

  // What gathered codes say. `verdict` is "signed" only if the key given has signed it all.
  function opened(gathered, key) {
    const whole = gathered.bytes();
    let said, text;
    try {
      said = fflate.inflateSync(whole.slice(68));
      text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(said);
    } catch {
      throw new Unfit("unreadable");
    }
    const found = TEXT.exec(text);
    if (!found) throw new Unfit("unreadable");
    const [, origin, size, root, number, day, count, digest, lines] = found;
    const claims = lines.split("\n").slice(0, -1);
    const sheet = { origin, size: +size, root: hex(bytesOf(root)), number, day, count: +count };
    Object.assign(sheet, { digest: hex(bytesOf(digest)), claims, whole: claims.length === +count });
    sheet.key = hex(whole.slice(0, 4));
    return { sheet, verdict: verdict(sheet, whole, said, lines, key) };
  }

  function verdict(sheet, whole, said, lines, key) {
    if (!key) return "no-key";
    if (key.name !== sheet.origin || key.id !== sheet.key) return "other-key";
    if (!nacl.sign.detached.verify(said, whole.slice(4, 68), key.bytes)) return "false";
    const right = sheet.whole ? sha256(lines) === sheet.digest : sheet.claims.length < sheet.count;
    return right ? "signed" : "false";
  }

  let loaded;

  // The texts of the QR codes of a picture, which is the data of a canvas.
  async function codesOf(picture, wasm) {
    loaded ??= ZXingWASM.prepareZXingModule({ overrides: { wasmBinary: wasm() }, fireImmediately: true });
    await loaded;
    const asked = { formats: ["QRCode"], tryHarder: true, maxNumberOfSymbols: 60 };
    return (await ZXingWASM.readBarcodes(picture, asked)).map((one) => one.text);
  }

  return { Gathered, Unfit, codesOf, keyOf, opened };
})();
