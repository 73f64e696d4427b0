// Asks the programs of the reader page what it would show: reads lines of JSON, writes their answers.
"use strict";

const fs = require("fs");
const vm = require("vm");

const page = fs.readFileSync(process.argv[2], "utf8");
const scripts = [...page.matchAll(/<script>([^]*?)<\/script>/g)].map((one) => one[1]);
const wasm = /<script type="application\/wasm-base64" id="wasm">([^<]*)/.exec(page)[1];
const world = { TextDecoder, TextEncoder, URL, Uint8Array, WebAssembly, atob, console, self: {} };
world.self = world;
const context = vm.createContext(world);
// The last one is the page's face, which has nothing to show itself on here.
scripts.slice(0, -1).forEach((one) => vm.runInContext(one, context));
const Sheet = vm.runInContext("Sheet", context);

async function answer({ key, codes, pictures }) {
  const gathered = new Sheet.Gathered();
  const read = [...(codes ?? [])];
  for (const { path, width, height } of pictures ?? []) {
    const data = new Uint8ClampedArray(fs.readFileSync(path));
    const bytes = () => new Uint8Array(Buffer.from(wasm, "base64")).buffer;
    read.push(...(await Sheet.codesOf({ data, width, height }, bytes)));
  }
  const added = read.filter((one) => gathered.add(one)).length;
  if (!gathered.whole) return { added, missing: gathered.missing };
  try {
    return { added, ...Sheet.opened(gathered, Sheet.keyOf(key)) };
  } catch (error) {
    return { added, unfit: error.message };
  }
}

(async () => {
  for (const line of fs.readFileSync(0, "utf8").split("\n").filter(Boolean)) {
    console.log(JSON.stringify(await answer(JSON.parse(line))));
  }
})();
