// Prints "passed failed" of a vitest or Playwright JSON report.
import { readFileSync } from "node:fs";

const report = JSON.parse(readFileSync(process.argv[2], "utf8"));
const [passed, failed] =
  "numPassedTests" in report
    ? [report.numPassedTests, report.numFailedTests + (report.numFailedTestSuites > 0 && report.numFailedTests === 0 ? 1 : 0)]
    : [report.stats.expected + report.stats.flaky, report.stats.unexpected];
console.log(passed, failed);
