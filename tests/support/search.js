// Ask the search of a built site: node search.js SITE WORD... prints one line of JSON for each word:
// the pages found, the best first. The worker of the pages is run as it stands, without a browser.
const fs = require("fs");
const path = require("path");
const vm = require("vm");

const [site, ...words] = process.argv.slice(2);
const folder = path.join(site, "assets", "javascripts", "workers");
const worker = fs.readdirSync(folder).find((name) => name.endsWith(".min.js"));
const waiting = [];
const heard = [];
const listeners = [];
const self = {
  location: { pathname: `/${worker}`, href: `file:///${worker}` },
  postMessage: (data) => (waiting.length ? waiting.shift()(data) : heard.push(data)),
  addEventListener: (kind, listen) => kind === "message" && listeners.push(listen),
  importScripts: (...urls) => urls.forEach((url) => run(path.join(folder, url.replace(/^file:\/+/, "")))),
};
const context = vm.createContext(Object.assign(self, { self, globalThis: self, console, setTimeout }));

function run(file) {
  vm.runInContext(fs.readFileSync(file, "utf-8"), context, { filename: file });
}

const answer = () =>
  heard.length ? Promise.resolve(heard.shift()) : new Promise((take) => waiting.push(take));

async function ask(type, data) {
  const event = { data: { type, data } };
  listeners.forEach((listen) => listen(event));
  return answer();
}

async function main() {
  run(path.join(folder, worker));
  const index = JSON.parse(fs.readFileSync(path.join(site, "search", "search_index.json"), "utf-8"));
  await ask(0, { ...index, options: { suggest: true } });
  for (const word of words) {
    const found = await ask(2, word);
    const { items } = found.data;
    console.log(JSON.stringify(items.map(([page]) => page.location)));
  }
  process.exit(0);
}

main();
