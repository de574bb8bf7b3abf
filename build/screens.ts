/**
 * Pictures of every screen in every state, light and dark, as the popover and as a window, into `build/screens/`; and how long the first
 * view takes. On a real service with real work of the demo model. `npm run screens`; words after it choose scenes by their names.
 */
import { mkdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import type { Browser } from "playwright-core";
import { killLeftovers, repositoryDir } from "../native/cli/testing.ts";
import { goTo, launchBrowser, untilDrawn, type Visit, visit, widths } from "../renderer/e2e/browser.ts";
import buildPage from "../renderer/e2e/build-page.ts";
import { makeDemo } from "../renderer/e2e/demo.ts";
import { emptyScenes, type Scene, scenesOf } from "../renderer/e2e/scenes.ts";
import { startService, type TestService } from "../renderer/e2e/service.ts";

const outputDir = join(repositoryDir, "build", "screens");
const schemes = ["light", "dark"] as const;
/** Loads of the page that are timed; the median is printed. */
const ROUNDS = 7;

const wanted = process.argv.slice(2);
const isWanted = ({ name }: Scene): boolean => wanted.length === 0 || wanted.some((word) => name.includes(word));

await buildPage();
if (wanted.length === 0) rmSync(outputDir, { recursive: true, force: true });
mkdirSync(outputDir, { recursive: true });
const browser = await launchBrowser();
const service = await startService();
try {
	await tellFirstView(browser, service);
	for (const scene of emptyScenes.filter(isWanted)) await picture(browser, service, scene);
	const demo = await makeDemo(service);
	for (const scene of scenesOf(demo).filter(isWanted)) await picture(browser, service, scene);
} finally {
	await browser.close();
	await service.remove();
	killLeftovers();
}

/** Takes a scene's four pictures; what can't be arranged is told, and the others are taken all the same. */
async function picture(browser: Browser, service: TestService, scene: Scene): Promise<void> {
	for (const width of widths) {
		const opened = await open(browser, service, scene, width);
		try {
			await scene.arrange(opened);
			await opened.page.evaluate(() => document.fonts.ready.then(() => undefined));
			for (const scheme of schemes) {
				await opened.page.emulateMedia({ colorScheme: scheme });
				await untilDrawn(opened);
				const path = join(outputDir, `${scene.name}-${width}-${scheme}.png`);
				await opened.page.screenshot({ path });
				console.log(path);
			}
		} catch (error) {
			process.exitCode = 1;
			console.error(`${scene.name} at ${width} px: ${error instanceof Error ? error.message : error}`);
		}
		for (const fault of opened.faults()) console.error(`${scene.name} at ${width} px: ${fault}`);
		await opened.context.close();
	}
}

async function open(
	browser: Browser,
	service: TestService,
	{ at, isInShell = false }: Pick<Scene, "at" | "isInShell">,
	width: number,
): Promise<Visit> {
	const look = { width, height: 760, isInShell, isStill: true };
	const opened = await visit(browser, await service.signInAddress(), look);
	await opened.page.getByRole("navigation", { name: "Main" }).waitFor();
	await goTo(opened, at);
	return opened;
}

/** Prints how long it takes from asking for the page until its first button can be pressed, and until it is told the batches. */
async function tellFirstView(browser: Browser, service: TestService): Promise<void> {
	const { page, context } = await open(browser, service, { at: "#/" }, 1_200);
	const timesMs: number[] = [];
	for (let round = 0; round < ROUNDS; round++) {
		await page.reload({ waitUntil: "commit" });
		await page.getByRole("button").first().waitFor();
		timesMs.push(await page.evaluate(() => performance.now()));
	}
	await context.close();
	const median = timesMs.sort((one, other) => one - other)[Math.floor(ROUNDS / 2)] ?? 0;
	const all = timesMs.map((time) => time.toFixed(0)).join(", ");
	console.log(`Interactive after ${median.toFixed(0)} ms (median of ${ROUNDS}: ${all} ms)`);
}
