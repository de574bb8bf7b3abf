import { defineConfig } from "vitest/config";
import { testReportPath } from "./test-report.ts";

/** Slow tests carry `.heavy.` in their name and run with NIGHTSHIFT_HEAVY=1. */
const includeHeavy = process.env.NIGHTSHIFT_HEAVY === "1";

export default defineConfig({
	test: {
		root: new URL("..", import.meta.url).pathname,
		include: ["native/**/*.test.ts", "build/**/*.test.ts"],
		exclude: ["dist/**", "node_modules/**", ...(includeHeavy ? [] : ["**/*.heavy.test.ts"])],
		reporters: ["default", ["json", { outputFile: testReportPath }]],
		// One file at a time: llama.cpp's threads wait for each other by spinning, so two engines on two cores crawl.
		fileParallelism: false,
		// A real engine on a busy machine; a hang is still found.
		testTimeout: 60_000,
		hookTimeout: 60_000,
	},
});
