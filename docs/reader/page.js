// The page: a key, pictures, and what the codes in them say.
"use strict";

(() => {
  const words = JSON.parse(document.getElementById("words").textContent);
  const part = (id) => document.getElementById(id);
  const gathered = new Sheet.Gathered();
  const LARGEST = 4096;
  let lang = navigator.language.startsWith("vi") ? "vi" : "en";
  let told = [];

  const said = (name, values = {}) =>
    words[name][lang].replace(/{(\w+)}/g, (_, one) => values[one] ?? "");

  const made = (tag, name, ...inside) => {
    const one = document.createElement(tag);
    if (name) one.className = name;
    one.append(...inside);
    return one;
  };

  // --- the key -------------------------------------------------------------------------------

  const embedded = document.querySelector("meta[name=casework-key]").content;

  function kept() {
    try {
      return localStorage.getItem("casework-key") || "";
    } catch {
      return "";
    }
  }

  let typed = "";
  const key = () => Sheet.keyOf(embedded || typed || kept() || addressed());

  function addressed() {
    const found = /^#key=(.+)$/.exec(location.hash);
    try {
      return found ? decodeURIComponent(found[1]) : "";
    } catch {
      return "";
    }
  }

  function keepKey() {
    const text = part("key").value;
    const known = Sheet.keyOf(text);
    if (!known) return tell("bad", "key-unfit");
    typed = text.trim();
    try {
      localStorage.setItem("casework-key", typed);
    } catch {
      // A page that may keep nothing knows the key until it is closed.
    }
    tell("", "nothing-yet");
    show();
  }

  // --- pictures ------------------------------------------------------------------------------

  const wasm = () => {
    const text = part("wasm").textContent.trim();
    return Uint8Array.from(atob(text), (one) => one.charCodeAt(0)).buffer;
  };

  async function pixels(file, most) {
    const url = URL.createObjectURL(file);
    try {
      const image = new Image();
      image.src = url;
      await image.decode();
      const longer = Math.max(image.naturalWidth, image.naturalHeight);
      const scale = Math.min(1, most / longer);
      const canvas = document.createElement("canvas");
      canvas.width = Math.round(image.naturalWidth * scale);
      canvas.height = Math.round(image.naturalHeight * scale);
      const drawn = canvas.getContext("2d", { willReadFrequently: true });
      drawn.drawImage(image, 0, 0, canvas.width, canvas.height);
      return drawn.getImageData(0, 0, canvas.width, canvas.height);
    } finally {
      URL.revokeObjectURL(url);
    }
  }

  async function read(files) {
    if (!key()) return tell("bad", "key-first");
    tell("", "reading");
    let found = 0;
    for (const file of files) {
      // A blurred picture is sometimes read better when it is small.
      for (const most of [LARGEST, LARGEST / 3]) {
        try {
          const texts = await Sheet.codesOf(await pixels(file, most), wasm);
          found += texts.filter((one) => gathered.add(one)).length;
        } catch {
          return tell("bad", "no-picture", { name: file.name });
        }
        if (gathered.whole) break;
      }
    }
    after(found);
  }

  function readText() {
    if (!key()) return tell("bad", "key-first");
    const lines = part("text").value.split("\n");
    after(lines.filter((one) => gathered.add(one)).length);
  }

  function after(found) {
    if (!found) return tell("bad", "no-code");
    if (!gathered.whole) {
      const values = { there: gathered.parts.size, count: gathered.count };
      part("sheet").replaceChildren();
      return tell("", "missing", { ...values, missing: gathered.missing.join(", ") });
    }
    show();
  }

  // --- what they say -------------------------------------------------------------------------

  function tell(kind, name, values = {}) {
    told = [kind, name, values];
    const box = part("told");
    box.className = kind;
    box.textContent = said(name, values);
  }

  function show() {
    if (!gathered.whole) return;
    let found;
    try {
      found = Sheet.opened(gathered, key());
    } catch (error) {
      if (!(error instanceof Sheet.Unfit)) throw error;
      part("sheet").replaceChildren();
      return tell("bad", error.message);
    }
    const { sheet, verdict } = found;
    if (verdict !== "signed") {
      // What is not proved is not shown, so that nobody holds it for proved.
      part("sheet").replaceChildren();
      return tell("bad", verdict, { key: sheet.key, origin: sheet.origin });
    }
    tell("good", "signed");
    part("sheet").replaceChildren(head(sheet), ...claims(sheet));
    counted();
  }

  function head(sheet) {
    const list = made("dl", "head");
    const [year, month, day] = sheet.day.split("-");
    const row = (name, value) => list.append(made("dt", "", said(name)), made("dd", "", value));
    row("number", sheet.number);
    row("day", lang === "vi" ? `${day}/${month}/${year}` : sheet.day);
    row("checkpoint", said("size-root", { size: sheet.size, root: sheet.root }));
    row("origin", sheet.origin);
    row("digest", sheet.digest);
    return list;
  }

  function claims(sheet) {
    const found = [made("p", "", said("compare")), made("p", "count")];
    if (!sheet.whole) {
      const values = { held: sheet.claims.length, count: sheet.count };
      found.push(made("p", "part", said("in-part", values)));
    }
    let columns = [];
    for (const claim of sheet.claims) {
      const cells = claim.slice(1).split("\t");
      if (claim[0] === ":") columns = cells;
      else if (claim[0] === "|") found.push(row(cells, columns));
      else if (claim[0] === "~") found.push(row(cells, []));
      else {
        columns = [];
        found.push(claim[0] === "=" ? made("h3", "", cells[0]) : line(made("p", "", cells[0])));
      }
    }
    return found;
  }

  function row(cells, columns) {
    const told = made("div", "row");
    const named = columns.length === cells.length;
    cells.forEach((cell, place) => {
      if (!cell) return;
      if (named) told.append(made("span", "column", columns[place]));
      told.append(made("span", named ? "cell" : "cell alone", cell));
    });
    return line(told);
  }

  // A line is marked by whoever has held it against the sheet.
  function line(one) {
    const box = document.createElement("input");
    box.type = "checkbox";
    box.addEventListener("change", counted);
    const label = made("label", "line", box, one);
    return label;
  }

  function counted() {
    const boxes = [...document.querySelectorAll("#sheet input")];
    const seen = boxes.filter((one) => one.checked).length;
    const count = document.querySelector("#sheet .count");
    if (count) count.textContent = said("seen", { seen, count: boxes.length });
  }

  // --- the words -----------------------------------------------------------------------------

  function word() {
    document.documentElement.lang = lang;
    document.title = said("title");
    for (const one of document.querySelectorAll("[data-word]")) {
      one.textContent = said(one.dataset.word);
    }
    const known = key();
    part("known").textContent = known ? said("known", { name: known.name, id: known.id }) : said("unknown");
    part("ask-key").hidden = Boolean(embedded);
    if (told.length) tell(...told);
    show();
  }

  part("lang").addEventListener("click", () => {
    lang = lang === "vi" ? "en" : "vi";
    word();
  });
  part("keep").addEventListener("click", () => {
    keepKey();
    word();
  });
  part("pictures").addEventListener("change", async (event) => {
    await read([...event.target.files]);
    event.target.value = "";
  });
  // A picture that is dropped beside the field would be opened in the place of the page.
  document.addEventListener("dragover", (event) => event.preventDefault());
  document.addEventListener("drop", (event) => {
    event.preventDefault();
    if (event.dataTransfer.files.length) read([...event.dataTransfer.files]);
  });
  part("read").addEventListener("click", readText);
  tell("", "nothing-yet");
  word();
})();
