import { fileURLToPath } from "node:url";

/** Where the test runner leaves its report for CI to count. */
export const testReportPath = fileURLToPath(new URL("../.cache/test-report.json", import.meta.url));
