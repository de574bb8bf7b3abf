import type { MenuItemConstructorOptions } from "electron";
import { describe, expect, it } from "vitest";
import { initialLook, type TrayLook } from "./look.ts";
import { type MenuAction, MOST_BATCHES, trayMenu } from "./menu.ts";

const nowMs = new Date(2026, 10, 21, 23, 0).getTime();

/** A menu that people choose from by what they read. */
function open(look: TrayLook) {
	const actions: MenuAction[] = [];
	const template = trayMenu(look, nowMs, (action) => actions.push(action));
	const items = template.flatMap((item) => [item, ...(Array.isArray(item.submenu) ? item.submenu : [])]);
	return {
		template,
		actions,
		labels: items.filter(({ type }) => type !== "separator").map(({ label }) => label),
		choose(label: string) {
			const item = items.find((candidate) => candidate.label === label);
			// Electron hands over what it was clicked with; ours read none of it.
			const click: unknown = item?.click;
			if (typeof click !== "function") throw new Error(`Nothing to choose is called ${label}.`);
			click();
			return actions.at(-1);
		},
		item: (label: string): MenuItemConstructorOptions | undefined =>
			items.find((candidate) => candidate.label === label),
	};
}

const working: TrayLook = {
	...initialLook,
	kind: "working",
	progress: { done: 42, total: 100, fraction: 0.42, linesPerSecond: 3, readyByMs: null },
	batches: [
		{ id: "batch_1", name: "tickets.jsonl", fraction: 0.42 },
		{ id: "batch_2", name: "Q&A.jsonl", fraction: null },
	],
};

describe("the tray's menu", () => {
	it("begins with the state, which can't be chosen", () => {
		const [first, second] = open(working).template;
		expect(first).toEqual({ label: "Nightshift: working, 42 %", enabled: false });
		expect(second).toEqual({ label: "42 of 100 lines, 3.0 lines/s", enabled: false });
	});

	it("says how many machines are online and at work, which can't be chosen either", () => {
		const lineOf = (machines: TrayLook["machines"]) => open({ ...working, machines }).template[2];
		expect(lineOf({ online: 3, working: 2 })).toEqual({ label: "3 machines online, 2 at work", enabled: false });
		expect(lineOf({ online: 2, working: 0 })).toMatchObject({ label: "2 machines online, none at work" });
		expect(lineOf({ online: 1, working: 1 })).toMatchObject({ label: "No other machine is reachable" });
		expect(lineOf(null)).toEqual({ type: "separator" });
	});

	it("leads to each running batch", () => {
		const menu = open(working);
		expect(menu.choose("tickets.jsonl  42 %")).toEqual({ kind: "open-batch", id: "batch_1" });
	});

	it("shows the & of a file's name, which menus take for something else", () => {
		expect(open(working).choose("Q&&A.jsonl")).toEqual({ kind: "open-batch", id: "batch_2" });
	});

	it("names a few batches, and says how many more there are", () => {
		const batches = Array.from({ length: MOST_BATCHES + 3 }, (_, index) => ({
			id: `batch_${index}`,
			name: `${index}.jsonl`,
			fraction: 0,
		}));
		const menu = open({ ...working, batches });
		expect(menu.labels).toContain(`${MOST_BATCHES - 1}.jsonl  0 %`);
		expect(menu.labels).not.toContain(`${MOST_BATCHES}.jsonl  0 %`);
		expect(menu.choose("3 more jobs…")).toEqual({ kind: "open-jobs" });
	});

	it("opens the window, the files, the settings and the logs, and quits", () => {
		const menu = open(initialLook);
		expect(menu.choose("Open Nightshift")).toEqual({ kind: "open" });
		expect(menu.choose("New batch…")).toEqual({ kind: "choose-files" });
		expect(menu.choose("Settings…")).toEqual({ kind: "settings" });
		expect(menu.choose("Open logs folder")).toEqual({ kind: "logs" });
		expect(menu.choose("Quit Nightshift")).toEqual({ kind: "quit" });
	});

	it("lets one snooze for an hour, three, twelve, until tomorrow, and pause for good", () => {
		const menu = open(working);
		const rest = ["For 1 hour", "For 3 hours", "For 12 hours", "Until tomorrow", "Until I resume"].map((label) =>
			menu.choose(label),
		);
		expect(rest).toEqual([
			...["1h", "3h", "12h", "tomorrow"].map((length) => ({
				kind: "rest",
				request: { action: "snooze", for: length },
			})),
			{ kind: "rest", request: { action: "pause" } },
		]);
		expect(menu.labels).not.toContain("Resume now");
	});

	it.each([
		{ isPaused: true, snoozedUntilMs: null },
		{ isPaused: false, snoozedUntilMs: nowMs + 1 },
	])("lets one resume from %o", (rest) => {
		expect(open({ ...working, kind: "paused", rest }).choose("Resume now")).toEqual({
			kind: "rest",
			request: { action: "resume" },
		});
	});

	it("says how it stands with an update, and offers what can be done about it", () => {
		const line = "Version 1.2.0 is ready";
		const menu = open({ ...working, update: { line, actions: [{ action: "restart", label: "Restart to update" }] } });
		expect(menu.item(line)?.enabled).toBe(false);
		expect(menu.choose("Restart to update")).toEqual({ kind: "update", action: "restart" });
	});

	it("offers to let other machines in where a firewall keeps them out, and only there", () => {
		const menu = open({ ...working, isFirewallOffered: true });
		expect(menu.choose("Let other machines reach this one…")).toEqual({ kind: "allow-firewall" });
		expect(open(working).labels).not.toContain("Let other machines reach this one…");
	});

	it("offers to try again when the service was given up, and nothing that needs a service", () => {
		const menu = open({ ...initialLook, kind: "down", canTryAgain: true, reason: "the data folder is in use" });
		expect(menu.labels[0]).toBe("Nightshift: not running, the data folder is in use");
		expect(menu.choose("Try again")).toEqual({ kind: "try-again" });
		expect(menu.labels).not.toContain("New batch…");
		expect(menu.labels).not.toContain("Pause");
		expect(menu.labels).toContain("Open logs folder");
	});

	it("never has two separators in a row, nor one at an end", () => {
		for (const kind of ["starting", "down", "idle", "working", "yielding", "paused", "attention"] as const) {
			const types = open({ ...initialLook, kind }).template.map(({ type }) => type);
			expect(types[0]).not.toBe("separator");
			expect(types.at(-1)).not.toBe("separator");
			expect(types.some((type, index) => type === "separator" && types[index + 1] === "separator")).toBe(false);
		}
	});

	it("can be compared: what is chosen is written in it", () => {
		const of = (id: string) => JSON.stringify(open({ ...working, batches: [{ id, name: "a", fraction: 0 }] }).template);
		expect(of("batch_1")).toBe(of("batch_1"));
		expect(of("batch_1")).not.toBe(of("batch_2"));
	});
});
