// Pictures of the report page of the demo, for docs/images: three widths, light and dark.
//
//   npm install @sparticuz/chromium puppeteer-core          (in a folder of your own)
//   corpusmill demo --output corpusmill-demo
//   node screenshots.mjs corpusmill-demo/report.html docs/images
//
// It fails if the page is wider than its window. Both packages stay outside the checkout.
import {createRequire} from "node:module";
import {resolve} from "node:path";
import {pathToFileURL} from "node:url";

const require = createRequire(resolve("package.json"));
const load = async name => (await import(pathToFileURL(require.resolve(name)))).default;

const WINDOWS = [[390, 844], [768, 1024], [1280, 900]]; // a phone, a tablet, a desk

const [report, folder] = process.argv.slice(2);
if (!folder) {
  console.error("usage: node screenshots.mjs REPORT.html FOLDER");
  process.exit(2);
}
const chromium = await load("@sparticuz/chromium");
const puppeteer = await load("puppeteer-core");
const browser = await puppeteer.launch({
  executablePath: process.env.CHROMIUM ?? await chromium.executablePath(),
  args: [...chromium.args, "--no-sandbox"], // the page is our own, and has no scripts
  headless: "shell",
});
let failed = false;
const page = await browser.newPage();
for (const scheme of ["light", "dark"]) {
  for (const [width, height] of WINDOWS) {
    await page.setViewport({width, height});
    await page.emulateMediaFeatures([{name: "prefers-color-scheme", value: scheme}]);
    await page.goto(pathToFileURL(resolve(report)).href);
    await page.screenshot({path: `${folder}/report-${width}-${scheme}.png`});
    const overflow = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
    if (overflow > 0) {
      console.error(`${width} pixels, ${scheme}: the page is ${overflow} pixels wider than its window`);
      failed = true;
    }
  }
}
await browser.close();
process.exit(failed ? 1 : 0);
