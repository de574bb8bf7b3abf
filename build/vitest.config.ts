import { defineConfig } from "vitest/config";
import { testReportPath } from "./test-report.ts";

/** Tests with official client packages of which people use two major versions: with the older one they run on the heavy flag. */
const CLIENT_TESTS = "native/clients/{openai,openai-batches,anthropic,anthropic-batches}.test.ts";

/** Tests that start engines, services, browsers or compilers, or take over a screen or a bus. */
const PROGRAM_TESTS = [
	"native/*.test.ts",
	"native/{cli,clients,engine,jobs,live,machine}/**/*.test.ts",
	"electron/*.test.ts",
	"electron/{e2e,login-item,memory,open,service,updates,windows/down}/**/*.test.ts",
	"build/*.test.ts",
	"build/{pack,smoke,start}/**/*.test.ts",
];
const ALL_TESTS = "{native,build,renderer,electron}/**/*.test.ts";
const HEAVY_TESTS = "{native,build,renderer,electron}/**/*.heavy.test.ts";
const PAGE_TESTS = "renderer/e2e/**";
const ELSEWHERE = ["dist/**", "release/**", "node_modules/**"];

/** `--mode heavy` runs the slow tests, those with `.heavy.` in their name, and nothing else; `--mode all` runs everything. */
export default defineConfig(({ mode }) => {
	const slow = mode === "heavy" || mode === "all" ? [] : ["**/*.heavy.test.ts"];
	return {
		test: {
			root: new URL("..", import.meta.url).pathname,
			reporters: ["default", ["json", { outputFile: testReportPath }]],
			// A real engine on a busy machine; a hang is still found.
			testTimeout: 60_000,
			hookTimeout: 60_000,
			expect: { poll: { timeout: 30_000 } },
			projects: [
				{
					extends: true,
					test: {
						name: "units",
						include: mode === "heavy" ? [] : [ALL_TESTS],
						exclude: [...ELSEWHERE, PAGE_TESTS, ...PROGRAM_TESTS, "**/*.heavy.test.ts"],
						// By itself Vitest leaves one core to others.
						maxWorkers: "100%",
						sequence: { groupOrder: 0 },
					},
				},
				{
					extends: true,
					test: {
						name: "programs",
						include:
							mode === "heavy" ? [HEAVY_TESTS] : mode === "all" ? [...PROGRAM_TESTS, HEAVY_TESTS] : PROGRAM_TESTS,
						exclude: [...ELSEWHERE, PAGE_TESTS, ...slow],
						// One file at a time: llama.cpp's threads wait for each other by spinning, so two engines on two cores crawl.
						maxWorkers: 1,
						sequence: { groupOrder: 1 },
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
						exclude: slow,
						maxWorkers: 1,
						sequence: { groupOrder: 2 },
					},
				},
				{
					extends: true,
					test: {
						name: "older clients",
						// With everything else they take longer than every commit may.
						include: mode === "heavy" || mode === "all" ? [CLIENT_TESTS] : [],
						maxWorkers: 1,
						sequence: { groupOrder: 3 },
					},
					resolve: {
						alias: [
							{ find: /^openai(\/.*)?$/, replacement: "openai-6$1" },
							{ find: /^@anthropic-ai\/sdk(\/.*)?$/, replacement: "anthropic-sdk-0$1" },
						],
					},
				},
			],
		},
	};
});
