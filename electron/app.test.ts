import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeAll, expect, test, vi } from "vitest";
import { isAlive, servicePid, ticketLines } from "./testing/real-service.ts";
import { compileApp, type RunningApp, runApp } from "./testing/run-app.ts";
import type { Seen } from "./testing/user.ts";
import { quitWords } from "./words/quit.ts";
import { trayWords } from "./words/tray.ts";
import { updatesWords } from "./words/updates.ts";

// The compiled entry with everything it wires, in plain Node: only Electron itself is another.

/** Some hundred lines on two cores that others use too: alone they take seconds. */
const UNTIL_MS = 120_000;
vi.setConfig({ testTimeout: 300_000 });

const running: RunningApp[] = [];

beforeAll(() => compileApp(), 180_000);
afterEach(() => Promise.all(running.splice(0).map((app) => app.remove())));

function start(...options: Parameters<typeof runApp>): RunningApp {
	const app = runApp(...options);
	running.push(app);
	return app;
}

/** Looks until something is so; answers what was seen then. */
async function until(app: RunningApp, isSo: (seen: Seen) => boolean): Promise<Seen> {
	return vi.waitFor(
		async () => {
			const seen = await app.look();
			expect(isSo(seen), `the app does not come to look so, but: ${JSON.stringify(seen)}`).toBe(true);
			return seen;
		},
		{ timeout: UNTIL_MS, interval: 50 },
	);
}

const isUp = ({ tooltip }: Seen) => tooltip.includes(trayWords.states.idle) || tooltip.includes("working");
const titles = ({ notifications }: Seen) => notifications.map(({ title }) => title);

/** A batch file beside the app's folder. */
function batchFile({ dataDir }: RunningApp, name: string, lines: number): string {
	const path = join(dataDir, "..", name);
	writeFileSync(path, `${ticketLines(lines)}\n`);
	return path;
}

test("from the start of the session to an update: a file opened before all is ready is done, told of, and held against the update", async () => {
	const app = start({ settings: { desktop: { openedFiles: "queue" } } });
	const path = batchFile(app, "night.jsonl", 300);
	// macOS opens files before Electron is ready.
	await app.act({ kind: "open-file", path });
	await app.act({ kind: "offer-update", version: "1.1.0" });
	await app.act({ kind: "become-ready" });
	const working = await until(app, ({ tooltip }) => tooltip.includes("working"));
	expect(working.icon).toContain("working");
	expect(working.menu[0]).toMatch(/^Nightshift: working, \d+ %$/);
	expect(working.menu.some((label) => label.startsWith("night.jsonl"))).toBe(true);

	await app.act({ kind: "choose", label: updatesWords.check });
	await until(app, ({ menu }) => menu.includes(updatesWords.downloading("1.1.0", 0)));
	await app.act({ kind: "finish-download" });
	const held = await until(app, ({ menu }) => menu.includes(updatesWords.waits("1.1.0")));
	expect(held.menu).not.toContain(updatesWords.restart);
	expect(held.updates.installed).toBeNull();

	const done = await until(app, (seen) => titles(seen).includes("night.jsonl is done"));
	expect(done.notifications).toContainEqual({
		title: "night.jsonl is done",
		body: "300 of 300 lines answered",
	});
	await app.act({ kind: "click-notification", title: "night.jsonl is done" });
	await until(app, ({ windows }) =>
		windows.some(({ address, isVisible }) => isVisible && /#\/jobs\/batch_/.test(address)),
	);

	await until(app, ({ menu }) => menu.includes(updatesWords.restart));
	const pids = await app.pids();
	expect(pids.length).toBeGreaterThanOrEqual(2);
	await app.act({ kind: "choose", label: updatesWords.restart }).catch(() => {});
	expect(await app.ended).toBe(0);
	expect(pids.filter(isAlive)).toEqual([]);
});

test("somebody who quits while work is running is asked, and then every process ends", async () => {
	const app = start({ settings: { desktop: { openedFiles: "queue" } } });
	await app.act({ kind: "open-file", path: batchFile(app, "long.jsonl", 900) });
	await app.act({ kind: "become-ready" });
	await until(app, ({ tooltip }) => tooltip.includes("working"));
	await app.act({ kind: "quit" });
	const asked = await until(app, ({ questions }) => questions.length > 0);
	expect(asked.questions).toEqual([quitWords.running.message]);
	await app.act({ kind: "press", button: quitWords.keepWorking });
	expect((await until(app, ({ questions }) => questions.length === 0)).phase).toBe("ready");

	// The service, and the model's process below it.
	const pids = await app.pids();
	expect(pids.length).toBeGreaterThanOrEqual(3);
	await app.act({ kind: "choose", label: trayWords.quit });
	await until(app, ({ questions }) => questions.length > 0);
	await app.act({ kind: "press", button: quitWords.quit }).catch(() => {});
	expect(await app.ended).toBe(0);
	expect(pids.filter(isAlive)).toEqual([]);
});

test("a service that is killed comes back three times, and the fourth time within a minute the user is asked", async () => {
	const app = start();
	await app.act({ kind: "become-ready" });
	await until(app, isUp);
	for (let kill = 1; kill <= 3; kill++) {
		const pid = servicePid(app.dataDir);
		const before = (await app.look()).tooltips.length;
		process.kill(pid, "SIGKILL");
		// A tray that has just changed is not changed again at once: of a short outage only its end may be seen.
		const isOutage = (tooltip: string) => /not running|starting/.test(tooltip);
		await until(app, (seen) => seen.tooltips.slice(before).some(isOutage) && isUp(seen));
		expect(servicePid(app.dataDir)).not.toBe(pid);
	}
	process.kill(servicePid(app.dataDir), "SIGKILL");
	const asked = await until(app, ({ menu }) => menu.includes(trayWords.tryAgain));
	expect(asked.icon).toContain("attention");
	await app.act({ kind: "choose", label: trayWords.tryAgain });
	await until(app, isUp);
	expect((await app.pids()).length).toBeGreaterThanOrEqual(2);
});

test("a second start opens what it was given in the first, which opens its window", async () => {
	const app = start({ argv: ["--hidden"] });
	await app.act({ kind: "become-ready" });
	await until(app, isUp);
	expect((await app.look()).windows.some(({ isVisible }) => isVisible)).toBe(false);
	await app.act({ kind: "start-again", argv: [] });
	await until(app, ({ windows }) =>
		windows.some(({ isVisible, address }) => isVisible && address.startsWith("http://127.0.0.1:")),
	);
	await app.act({ kind: "start-again", argv: ["nightshift://settings/energy"] });
	await until(app, ({ windows }) => windows.some(({ address }) => address.endsWith("#/settings/energy")));
});

test("the end of the system stops everything unasked", async () => {
	const app = start();
	await app.act({ kind: "become-ready" });
	await until(app, isUp);
	const pids = await app.pids();
	await app.act({ kind: "shut-down" });
	expect(await app.ended).toBe(0);
	// The system waits only so long; what has not ended by then does when its shell is gone.
	await expect.poll(() => pids.filter(isAlive)).toEqual([]);
});

test("--smoke sees the app through by itself: service, page, and a batch of twenty lines", async () => {
	const app = start({ argv: ["--smoke"] });
	await app.act({ kind: "become-ready" });
	expect(await app.ended, app.output()).toBe(0);
	expect(app.output()).toContain("smoke: 20 lines are answered");
});
