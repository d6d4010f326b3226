import { resolve } from "node:path";
import { dropFiles, expect, test } from "../fixtures/app.ts";

/** Four columns that nobody named, in an order that is not the usual one. */
function numbers(separator: string): string {
  const rows: string[] = [];
  for (let i = 0; i < 4000; i += 1) rows.push([10 + (i % 100), 20 + (i % 60), i % 2, 1_000_000 + 50 * i].join(separator));
  return rows.join("\n");
}

test("a text without a header is asked about once, and what is answered is remembered", async ({ app: page }) => {
  await page.getByRole("link", { name: "Library" }).click();
  await dropFiles(page, [{ name: "numbers.txt", bytes: Buffer.from(numbers(" ")) }]);
  const question = page.getByRole("dialog", { name: "How is numbers.txt to be read?" });
  await expect(question.getByText("200 ms")).toBeVisible();
  await expect(question.getByText("x 10, y 20").first()).toBeVisible();
  await question.getByRole("button", { name: "More settings" }).click();
  await question.getByRole("textbox", { name: "Column order" }).fill("yxpt");
  await question.getByRole("textbox", { name: "Column order" }).press("Tab");
  await expect(question.getByText("x 20, y 10").first()).toBeVisible();
  await question.getByRole("button", { name: "Read it so" }).click();
  await expect(question).toBeHidden();
  await page.getByRole("button", { name: "What is in the file" }).click();
  const info = page.getByRole("dialog", { name: "numbers.txt" });
  await expect(info.getByText("1000000, 20, 10, 0")).toBeVisible();
  await info.getByRole("button", { name: "Close" }).click();
  // The same file again: it is known, and nobody is asked.
  await page.reload();
  await expect(page.getByRole("heading", { name: "numbers.txt" })).toBeVisible();
  await expect(question).toBeHidden();
});

test("export says what it will write before it writes, and writes that", async ({ app: page, home }) => {
  await page.getByRole("link", { name: "Library" }).click();
  await dropFiles(page, [{ name: "numbers.csv", bytes: Buffer.from(`x@640,y@480,p,t\n${numbers(",")}`) }]);
  await expect(page.getByRole("heading", { name: "numbers.csv" })).toBeVisible();
  await page.getByRole("button", { name: "Export" }).click();
  const dialog = page.getByRole("dialog", { name: /Export/ });
  await expect(dialog.getByRole("status")).toContainText(/4\s000 events/);
  await dialog.getByRole("textbox", { name: "Where to write" }).fill(`${home}/data/demo/out.raw`);
  await dialog.getByRole("button", { name: "Export" }).click();
  await expect(dialog.getByText(/4\s000 events written/)).toBeVisible();
});

test("a folder that is laid out like a data set is recognised, listed with examples, and taken out again", async ({
  app: page,
}) => {
  const folder = resolve(import.meta.dirname, "../../assets/demo/pictures");
  await page.getByRole("link", { name: "Library" }).click();
  await page.getByRole("button", { name: "Add a folder as data set" }).click();
  const browser = page.getByRole("dialog", { name: /folder/i });
  await browser.getByRole("textbox", { name: "Path" }).fill(folder);
  await browser.getByRole("textbox", { name: "Path" }).press("Enter");
  await expect(browser.getByRole("button", { name: "rock" })).toBeVisible();
  await browser.getByRole("button", { name: "Use this folder" }).click();
  const question = page.getByRole("dialog", { name: /data set/i });
  await expect(question).toContainText("5 classes");
  await question.getByRole("textbox", { name: "Name" }).fill("more-hands");
  await question.getByRole("button", { name: "Add as data set" }).click();
  const listed = page.getByRole("dialog", { name: "more-hands" });
  await expect(listed.getByText("scissors")).toBeVisible();
  await expect(listed.locator("canvas, img").first()).toBeVisible();
  await listed.getByRole("button", { name: "Take out of the workspace" }).click();
  await expect(page.getByRole("button", { name: /more-hands/ })).toBeHidden();
});
