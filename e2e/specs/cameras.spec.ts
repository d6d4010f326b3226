import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test as base } from "../fixtures/app.ts";

/** A camera of the emulator as its control file has it. */
type Plug = { readonly camera: string; readonly key: string } & Readonly<Record<string, string | number | boolean>>;

/** Emulated cameras on the USB of the app under test: plugged in, unplugged and spoiled by writing a file. */
const test = base.extend<{ plug: (...cameras: readonly Plug[]) => void }>({
  plug: [
    async ({ home }, use) => {
      const file = join(home, "usb.json");
      const plug = (...cameras: readonly Plug[]): void => writeFileSync(file, JSON.stringify({ cameras }));
      plug();
      process.env["SACCADE_EMULATED_USB"] = file;
      await use(plug);
      delete process.env["SACCADE_EMULATED_USB"];
    },
    { auto: true },
  ],
});

const ACCESS_DENIED = -3;

test("the assistant: no camera, one without permission, one that is in order @browser", async ({ app: page, plug }) => {
  await page.getByRole("button", { name: "Help me connect" }).click();
  const dialog = page.getByRole("dialog", { name: "Connect a camera" });
  await expect(dialog.getByRole("heading", { name: "No camera is plugged in" })).toBeVisible();

  plug({ camera: "evk4", key: "2-7", openErrno: ACCESS_DENIED });
  await expect(dialog.getByRole("heading", { name: "You have no permission to open Prophesee EVK3 or EVK4" })).toBeVisible();
  await expect(dialog).toContainText('ATTR{idVendor}=="04b4", ATTR{idProduct}=="00f5"');
  await page.context().grantPermissions(["clipboard-read", "clipboard-write"]);
  await dialog.getByRole("button", { name: "Copy: Rule" }).click();
  expect(await page.evaluate(() => navigator.clipboard.readText())).toBe(
    'SUBSYSTEM=="usb", ATTR{idVendor}=="04b4", ATTR{idProduct}=="00f5", MODE="0660", TAG+="uaccess"',
  );
  // What a click would do is shown, or why it cannot be done here; nothing is written without the second one.
  await dialog.getByRole("button", { name: "Install the rule" }).click();
  await expect(
    dialog.getByText(/is written to \/etc\/udev\/rules\.d\/70-saccade-04b4-00f5\.rules|cannot be installed from here/),
  ).toBeVisible();

  plug({ camera: "evk4", key: "2-7", openErrno: ACCESS_DENIED }, { camera: "davis346", key: "2-3" });
  await dialog.getByRole("button", { name: /^Open .*DAVIS346/ }).click();
  await expect(page).toHaveTitle("Capture – Saccade");
  await expect(page.getByRole("complementary").getByText("346 × 260")).toBeVisible();
  await expect(page.getByRole("alert")).toContainText("You have no permission to open Prophesee EVK3 or EVK4");
});

test("unplugged while it records: the take is kept, and the camera opens again at another port @browser", async ({
  app: page,
  plug,
}) => {
  plug({ camera: "davis346", key: "2-3", eventsPerSecond: 20_000 });
  await page.getByRole("link", { name: "Capture" }).click();
  await page.getByRole("combobox", { name: "Camera", exact: true }).click();
  await page.getByRole("option", { name: /DAVIS346/ }).click();
  await expect(page.getByText(/^live, USB/)).toBeVisible();
  await page.keyboard.press("r");
  await expect(page.getByText(/Recording +\d/).first()).toBeVisible();
  await page.waitForTimeout(1500);
  plug();
  await expect(page.getByRole("alert").first()).toContainText("was unplugged");
  plug({ camera: "davis346", key: "2-9", eventsPerSecond: 20_000 });
  await expect(page.getByText("is back; recording goes on in a new take")).toBeVisible();
  await page.waitForTimeout(1500);
  await page.keyboard.press("r");
  await expect(page.getByText(/^2 now/)).toBeVisible();
});

test("a slow port is refused with what it costs, and opened all the same on request @browser", async ({ app: page, plug }) => {
  plug({ camera: "evk4", key: "2-7", speed: "high", eventsPerSecond: 20_000 });
  await page.getByRole("link", { name: "Capture" }).click();
  await page.getByRole("combobox", { name: "Camera", exact: true }).click();
  await page.getByRole("option", { name: /EVK4/ }).click();
  await expect(page.getByRole("alert")).toContainText("35 MB/s");
  await page.getByRole("button", { name: "Open it all the same" }).click();
  await expect(page.getByText("live, USB 2")).toBeVisible();
});

test("settings of a sensor are searched, changed, kept under a name and set back @browser", async ({ app: page, plug }) => {
  plug({ camera: "davis346", key: "2-3", eventsPerSecond: 20_000 });
  await page.getByRole("link", { name: "Capture" }).click();
  await page.getByRole("combobox", { name: "Camera", exact: true }).click();
  await page.getByRole("option", { name: /DAVIS346/ }).click();
  await expect(page.getByText(/^live, USB/)).toBeVisible();
  const panel = page.getByRole("complementary");
  await panel.getByRole("textbox", { name: "Search the settings" }).fill("RefrBp");
  const fine = panel.getByRole("textbox", { name: "Refractory period: fine", exact: true });
  await fine.fill("99");
  await fine.press("Enter");
  await expect(panel.getByText("1 changed")).toBeVisible();
  await panel.getByRole("button", { name: "Save as" }).click();
  await page.keyboard.type("Indoor");
  await page.keyboard.press("Enter");
  await expect(panel.getByRole("combobox", { name: "Preset" })).toContainText("Indoor");
  await panel.getByRole("button", { name: "Back to 25: Refractory period: fine" }).click();
  await expect(panel.getByText("All at their defaults")).toBeVisible();
  await panel.getByRole("combobox", { name: "Preset" }).click();
  await page.getByRole("option", { name: "Indoor" }).click();
  await expect(fine).toHaveValue("99");
});
