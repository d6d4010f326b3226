import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import type { Page } from "@playwright/test";
import { launchBrowser, startServer } from "./fixtures/app.ts";

/*
 * Takes the pictures of docs/screenshots from the running app on a fresh copy of the demo project:
 *   npm run screenshots
 */

const folder = resolve(import.meta.dirname, "../docs/screenshots");
const home = await mkdtemp(join(tmpdir(), "saccade-pictures-"));
await mkdir(folder, { recursive: true });
const server = await startServer(home);
const browser = await launchBrowser();
const page = await (await browser.newContext({ viewport: { width: 1600, height: 1000 } })).newPage();

const place = (name: string) => page.getByRole("navigation", { name: "Places" }).getByRole("link", { name });
const rest = (ms = 2500): Promise<void> => page.waitForTimeout(ms);
async function shoot(name: string, of: Page = page): Promise<void> {
  await of.mouse.move(800, 4);
  await rest(600);
  await of.screenshot({ path: join(folder, `${name}.png`) });
  console.log(`docs/screenshots/${name}.png`);
}

try {
  await page.goto(server.url);
  await page.getByText("See what changes.").waitFor();
  await rest(6000);
  await shoot("home");

  await place("Library").click();
  await page
    .getByRole("button", { name: /^bench-stream/ })
    .first()
    .click();
  await page.getByRole("toolbar", { name: "Transport" }).waitFor();
  await rest(7000);
  await page.keyboard.press("Space");
  await rest(1500);
  await shoot("library");

  await place("Capture").click();
  await page
    .getByRole("main")
    .getByRole("button", { name: /Virtual camera: moving hands/ })
    .click();
  await rest(6000);
  await page.keyboard.down("1");
  await rest(1600);
  await shoot("capture");
  await page.keyboard.up("1");

  await place("Train").click();
  await page.getByText("From two trial batches").waitFor();
  await rest(9000);
  await shoot("train");
  await page.getByRole("button", { name: /Start training/ }).click();
  await page.locator("[data-run-epochs]").waitFor();
  for (let i = 0; i < 300 && Number(await page.locator("[data-run-epochs]").getAttribute("data-run-epochs")) < 12; i++)
    await rest(1500);
  await shoot("train-running");
  await page.getByRole("button", { name: "Open the report" }).waitFor({ timeout: 600_000 });
  await page.getByRole("button", { name: "Open the report" }).click();
  await rest(4000);
  await page.getByRole("gridcell").first().click();
  await rest(4000);
  await shoot("model-report");

  await place("Live").click();
  await rest(20_000);
  await shoot("live");

  await page.keyboard.press("Control+k");
  await rest(800);
  await shoot("command-palette");
} finally {
  await browser.close();
  await server.stop();
  await rm(home, { recursive: true, force: true });
}
