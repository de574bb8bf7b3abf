/** The rules of access (axe-core) on every screen. Must never be imported but by tests. */
import { AxeBuilder } from "@axe-core/playwright";
import type { Page } from "playwright-core";
import { beforeAll, describe, expect, test } from "vitest";
import { type Demo, makeDemo } from "./demo.ts";
import { emptyScenes, type Scene, scenesOf } from "./scenes.ts";
import { startWorld, type World } from "./testing.ts";

/** Rules that look at colours; nothing else is another in the dark. */
const rulesOfColour = ["color-contrast", "link-in-text-block"];
/** Scenes are named before there is a service; ids come when there is one. */
const names = scenesOf({ doneId: "", partialId: "", runningId: "", threadId: "" }).map(({ name }) => name);

/** What axe-core calls serious or critical, in words. */
async function findings(page: Page, scheme: "light" | "dark"): Promise<readonly string[]> {
	await page.emulateMedia({ colorScheme: scheme });
	// Without it a second, empty page puts the findings of frames together, of which there are none: half of the time.
	const builder = new AxeBuilder({ page }).setLegacyMode();
	const { violations } = await (scheme === "dark" ? builder.withRules(rulesOfColour) : builder).analyze();
	return violations
		.filter(({ impact }) => impact === "serious" || impact === "critical")
		.flatMap(({ id, nodes }) => nodes.map(({ html, failureSummary }) => `${id}: ${html}\n${failureSummary}`));
}

/** Looks at a scene in both schemes at some widths. */
async function expectNoFinding(
	world: World,
	{ at, isInShell = false, arrange }: Scene,
	looked: readonly number[],
): Promise<void> {
	for (const width of looked) {
		const visit = await world.open({ at, width, isInShell, isStill: true });
		await arrange(visit);
		expect(await findings(visit.page, "light"), `${width} px, light`).toEqual([]);
		expect(await findings(visit.page, "dark"), `${width} px, dark`).toEqual([]);
		await visit.context.close();
	}
}

function isLookedAt({ looked }: { readonly looked: readonly number[] }): boolean {
	return looked.length > 0;
}

/** Describes that nothing on any screen keeps anybody out; `widthsOf` says at which widths the nth scene is looked at, if at any. */
export function describeAccess(widthsOf: (index: number) => readonly number[]): void {
	describe("nothing keeps anybody out where nothing was done yet:", () => {
		const world = startWorld();
		const scenes = emptyScenes.map((scene, index) => ({ ...scene, looked: widthsOf(index) }));
		test.each(scenes.filter(isLookedAt))("$name", (scene) => expectNoFinding(world, scene, scene.looked));
	});

	describe("nothing keeps anybody out where work was done:", () => {
		const world = startWorld();
		let demo: Demo;
		beforeAll(async () => {
			demo = await makeDemo(world.service);
		}, 180_000);
		const looks = names.map((name, index) => ({ name, looked: widthsOf(index) }));
		test.each(looks.filter(isLookedAt))("$name", async ({ name, looked }) => {
			const scene = scenesOf(demo).find((one) => one.name === name);
			if (scene === undefined) throw new Error(`There is no scene ${name}`);
			await expectNoFinding(world, scene, looked);
		});
	});
}
