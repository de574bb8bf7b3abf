import { defineConfig } from "vitest/config";
import { testReportPath } from "./test-report.ts";

/** Tests with official client packages of which people use two major versions; they run once for each. */
const CLIENT_TESTS = "native/clients/{openai,openai-batches,anthropic,anthropic-batches}.test.ts";

/** `--mode heavy` runs the slow tests, those with `.heavy.` in their name, and nothing else; `--mode all` runs everything. */
export default defineConfig(({ mode }) => ({
	test: {
		root: new URL("..", import.meta.url).pathname,
		reporters: ["default", ["json", { outputFile: testReportPath }]],
		// One file at a time: llama.cpp's threads wait for each other by spinning, so two engines on two cores crawl.
		fileParallelism: false,
		// A real engine on a busy machine; a hang is still found.
		testTimeout: 60_000,
		hookTimeout: 60_000,
		expect: { poll: { timeout: 30_000 } },
		projects: [
			{
				extends: true,
				test: {
					name: "all",
					include:
						mode === "heavy"
							? ["{native,build,renderer,electron}/**/*.heavy.test.ts"]
							: ["{native,build,renderer,electron}/**/*.test.ts"],
					exclude: [
						"dist/**",
						"node_modules/**",
						"renderer/e2e/**",
						...(mode === "heavy" || mode === "all" ? [] : ["**/*.heavy.test.ts"]),
					],
				},
			},
			{
				extends: true,
				test: {
					// The page in a browser against the real service.
					name: "page",
					// A service, a browser and an engine share the processor there, and batches run to their end.
					testTimeout: 180_000,
					globalSetup: ["renderer/e2e/build-page.ts"],
					include: [mode === "heavy" ? "renderer/e2e/**/*.heavy.test.ts" : "renderer/e2e/**/*.test.ts"],
					exclude: mode === "heavy" || mode === "all" ? [] : ["**/*.heavy.test.ts"],
				},
			},
			{
				extends: true,
				test: { name: "older clients", include: mode === "heavy" ? [] : [CLIENT_TESTS] },
				resolve: {
					alias: [
						{ find: /^openai(\/.*)?$/, replacement: "openai-6$1" },
						{ find: /^@anthropic-ai\/sdk(\/.*)?$/, replacement: "anthropic-sdk-0$1" },
					],
				},
			},
		],
	},
}));
