import { defineConfig } from "@playwright/test";

/**
 * Every spec runs in the project "browser" (the server host in an installed Chromium) and in the project "electron"
 * (skipped with the reason where Electron's binary is not there). Nothing is downloaded.
 */
export default defineConfig({
  testDir: "e2e/specs",
  outputDir: "test-results",
  timeout: 180_000,
  expect: { timeout: 20_000 },
  fullyParallel: false,
  workers: 1,
  retries: process.env["CI"] === undefined ? 0 : 1, // a flaky test is reported as such
  reporter: [["list"]],
  snapshotPathTemplate: "e2e/references/{testFileName}/{arg}{ext}",
  use: { viewport: { width: 1600, height: 1000 }, trace: "retain-on-failure", screenshot: "only-on-failure" },
  projects: [{ name: "browser" }, { name: "electron", grepInvert: /@browser/ }],
});
