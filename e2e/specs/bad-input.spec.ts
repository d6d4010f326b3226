import { expect, startServer, test, dropFiles } from "../fixtures/app.ts";

const fault = "alert";

test("what is no recording is refused in one clear sentence each, and the app goes on", async ({ app: page }) => {
  await page.getByRole("link", { name: "Library" }).click();
  await dropFiles(page, [{ name: "notes.raw", bytes: Buffer.from("Minutes of the meeting\nnothing to see here\n".repeat(40)) }]);
  await expect(page.getByRole(fault).filter({ hasText: "notes.raw" })).toBeVisible();
  await page.getByRole(fault).getByRole("button", { name: "Close" }).click();
  await dropFiles(page, [{ name: "empty.raw", bytes: Buffer.alloc(0) }]);
  await expect(page.getByRole(fault).filter({ hasText: "empty.raw" })).toBeVisible();
  await page.getByRole("link", { name: "Home" }).click();
  await expect(page.getByRole("heading", { name: "See what changes." })).toBeVisible();
});

test("a port in use and a second engine on one workspace are answered clearly @browser", async ({ home, server }) => {
  const port = new URL(server.url).port;
  await expect(startServer(`${home}-other`, ["--port", port])).rejects.toThrow(new RegExp(`${port}`));
  await expect(startServer(home)).rejects.toThrow(/open|use|lock/i);
});

test("an address without the key is refused @browser", async ({ server, ownBrowser }) => {
  const page = await (await ownBrowser.newContext()).newPage();
  const response = await page.goto(new URL("/", server.url).href);
  expect(response?.status()).toBeGreaterThanOrEqual(400);
  await page.close();
});
