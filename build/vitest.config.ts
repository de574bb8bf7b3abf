import { defineConfig } from "vitest/config";

/** Slow tests carry `.heavy.` in their name and run with NIGHTSHIFT_HEAVY=1. */
const includeHeavy = process.env.NIGHTSHIFT_HEAVY === "1";

export default defineConfig({
	test: {
		root: new URL("..", import.meta.url).pathname,
		include: ["native/**/*.test.ts", "build/**/*.test.ts"],
		exclude: ["dist/**", "node_modules/**", ...(includeHeavy ? [] : ["**/*.heavy.test.ts"])],
		// Child processes with models need room: two at a time on a two-core machine.
		maxWorkers: 2,
		testTimeout: 60_000,
		hookTimeout: 60_000,
	},
});
