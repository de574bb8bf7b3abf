/** Prints `N passed, N failed, N skipped` from the test runner's report; exit code 1 when tests failed or none ran. */
import { readFileSync } from "node:fs";
import { testReportPath } from "./test-report.ts";

interface TestReport {
	readonly numPassedTests: number;
	readonly numFailedTests: number;
	readonly numPendingTests: number;
	readonly numFailedTestSuites: number;
}

const report: TestReport = JSON.parse(readFileSync(testReportPath, "utf8"));
const { numPassedTests: passed, numFailedTests: failed, numPendingTests: skipped } = report;
console.log(`${passed} passed, ${failed} failed, ${skipped} skipped`);
if (failed > 0 || passed === 0 || report.numFailedTestSuites > 0) process.exitCode = 1;
