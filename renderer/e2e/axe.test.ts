import { AxeBuilder } from "@axe-core/playwright";
import type { Page } from "playwright-core";
import { beforeAll, describe, expect, test } from "vitest";
import { type Demo, makeDemo } from "./demo.ts";
import { emptyScenes, type Scene, scenesOf } from "./scenes.ts";
import { startWorld, type World, widths } from "./testing.ts";

/** Rules that look at colours; nothing else is another in the dark. */
const rulesOfColour = ["color-contrast", "link-in-text-block"];
/** Scenes are named before there is a service; ids come when there is one. */
const names = scenesOf({ doneId: "", partialId: "", runningId: "", threadId: "" }).map(({ name }) => name);

/** What axe-core calls serious or critical, in words. */
async function findings(page: Page, scheme: "light" | "dark"): Promise<readonly string[]> {
	await page.emulateMedia({ colorScheme: scheme });
	const builder = new AxeBuilder({ page });
	const { violations } = await (scheme === "dark" ? builder.withRules(rulesOfColour) : builder).analyze();
	return violations
		.filter(({ impact }) => impact === "serious" || impact === "critical")
		.flatMap(({ id, nodes }) => nodes.map(({ html, failureSummary }) => `${id}: ${html}\n${failureSummary}`));
}

/** Looks at a scene in both schemes at both widths. */
async function expectNoFinding(world: World, { at, arrange }: Scene): Promise<void> {
	for (const width of widths) {
		const visit = await world.open({ at, width, isStill: true });
		await arrange(visit);
		expect(await findings(visit.page, "light"), `${width} px, light`).toEqual([]);
		expect(await findings(visit.page, "dark"), `${width} px, dark`).toEqual([]);
		await visit.context.close();
	}
}

describe("nothing keeps anybody out where nothing was done yet:", () => {
	const world = startWorld();
	test.each(emptyScenes)("$name", (scene) => expectNoFinding(world, scene));
});

describe("nothing keeps anybody out where work was done:", () => {
	const world = startWorld();
	let demo: Demo;
	beforeAll(async () => {
		demo = await makeDemo(world.service);
		// It has begun and is to be seen; beyond that its work would only make everything here wait for the processor.
		await world.service.pause();
	}, 180_000);
	test.each(names)("%s", async (name) => {
		const scene = scenesOf(demo).find((one) => one.name === name);
		if (scene === undefined) throw new Error(`There is no scene ${name}`);
		await expectNoFinding(world, scene);
	});
});
