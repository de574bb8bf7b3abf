import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { SummaryKind } from "../state/summary.ts";
import { trayIconPath } from "./icon-path.ts";
import { appearanceOf, initialLook, MOST_TOOLTIP_LENGTH, type TrayLook } from "./look.ts";
import { shorten, shortenMiddle } from "./shorten.ts";

const nowMs = new Date(2026, 10, 21, 23, 0).getTime();
const kinds: readonly SummaryKind[] = ["starting", "down", "idle", "working", "yielding", "paused", "attention"];

const working: TrayLook = {
	...initialLook,
	kind: "working",
	progress: {
		done: 1_260,
		total: 3_000,
		fraction: 0.4299,
		linesPerSecond: 12.34,
		readyByMs: new Date(2026, 10, 22, 6, 40).getTime(),
	},
};

describe("what the tray shows", () => {
	it("of work: how far, how fast, and when it is ready", () => {
		const { icon, tooltip, title } = appearanceOf(working, nowMs);
		expect(icon).toBe("working");
		expect(title).toBe("42 %");
		expect(tooltip.split("\n")).toEqual([
			"Nightshift: working, 42 %",
			expect.stringMatching(/^1.260 of 3.000 lines, 12.3 lines\/s, ready by 0?6:40/),
		]);
	});

	it("of work that others do: by whom", () => {
		expect(appearanceOf({ ...working, reason: "by attic" }, nowMs).tooltip).toMatch(
			/^Nightshift: working, 42 %, by attic\n/,
		);
	});

	it("has no figures of lines that are not counted yet", () => {
		const progress = { done: 0, total: 0, fraction: 0, linesPerSecond: null, readyByMs: null };
		const { tooltip } = appearanceOf({ ...working, kind: "starting", reason: "checking a.jsonl", progress }, nowMs);
		expect(tooltip).toBe("Nightshift: starting, checking a.jsonl");
	});

	it("says a hundred percent only when all is done", () => {
		const at = (fraction: number) =>
			appearanceOf(
				{ ...working, progress: { done: 1, total: 1, fraction, linesPerSecond: null, readyByMs: null } },
				nowMs,
			);
		expect(at(0.999).title).toBe("99 %");
		expect(at(1).title).toBe("100 %");
	});

	it("names the day of a moment that is further off", () => {
		const readyByMs = new Date(2026, 10, 24, 6, 40).getTime();
		const look: TrayLook = {
			...working,
			progress: { done: 1, total: 9, fraction: 0.1, linesPerSecond: 1, readyByMs },
		};
		expect(appearanceOf(look, nowMs).tooltip).toContain("Tue");
	});

	it("keeps a forecast that has passed to itself", () => {
		const look: TrayLook = {
			...working,
			progress: { done: 1, total: 9, fraction: 0.1, linesPerSecond: 1, readyByMs: nowMs - 1 },
		};
		expect(appearanceOf(look, nowMs).tooltip).not.toContain("ready by");
	});

	it("of work that waits: why", () => {
		const look: TrayLook = { ...working, kind: "yielding", reason: "Blender uses 6.1 GB of GPU memory" };
		const { icon, tooltip, title } = appearanceOf(look, nowMs);
		expect([icon, title]).toEqual(["yielding", ""]);
		expect(tooltip).toContain("Nightshift: waiting, Blender uses 6.1 GB of GPU memory\n");
	});

	it("of jobs that need somebody: how many", () => {
		const { icon, tooltip } = appearanceOf({ ...initialLook, kind: "attention", attentionCount: 2 }, nowMs);
		expect(icon).toBe("attention");
		expect(tooltip).toBe("Nightshift: needs you\n2 jobs need you");
	});

	it("does not alarm while the service starts, but does when it is down", () => {
		expect(appearanceOf(initialLook, nowMs).icon).toBe("idle");
		expect(appearanceOf({ ...initialLook, kind: "down" }, nowMs).icon).toBe("attention");
	});

	it("never says a state by the icon alone: every kind has words of its own", () => {
		const tooltips = kinds.map((kind) => appearanceOf({ ...initialLook, kind }, nowMs).tooltip);
		expect(new Set(tooltips).size).toBe(kinds.length);
	});

	it("fits into a tooltip of Windows, however much there is to say", () => {
		const look = fc.record({
			kind: fc.constantFrom(...kinds),
			reason: fc.string({ unit: "grapheme", maxLength: 300 }),
			attentionCount: fc.nat(),
		});
		fc.assert(
			fc.property(look, (part) => {
				const { tooltip } = appearanceOf({ ...working, ...part }, nowMs);
				expect(tooltip.length).toBeLessThanOrEqual(MOST_TOOLTIP_LENGTH);
				expect(tooltip.isWellFormed()).toBe(true);
			}),
		);
	});
});

describe("words that are cut", () => {
	it("are never cut through a character", () => {
		expect(shorten("night 🇪🇪🇪🇪 shift", 12)).toBe("night 🇪🇪…");
		expect(shorten("short", 5)).toBe("short");
		expect(shortenMiddle("tickets-of-november-part-12.jsonl", 21)).toBe("tickets-of…t-12.jsonl");
		expect(shortenMiddle("👩‍👩‍👧‍👦👩‍👩‍👧‍👦👩‍👩‍👧‍👦", 14)).toBe("👩‍👩‍👧‍👦…");
	});

	it("are as long as there is room, at most", () => {
		fc.assert(
			fc.property(fc.string({ unit: "grapheme" }), fc.integer({ min: 1, max: 40 }), (text, room) => {
				for (const cut of [shorten(text, room), shortenMiddle(text, room)]) {
					expect(cut.length).toBeLessThanOrEqual(Math.max(room, 1));
					if (text.length <= room) expect(cut).toBe(text);
				}
			}),
		);
	});
});

describe("pictures", () => {
	it("are named as each system wants them", () => {
		expect(trayIconPath("/a", "darwin", "idle")).toBe("/a/tray/darwin/trayIdleTemplate.png");
		expect(trayIconPath("/a", "win32", "attention")).toBe("/a/tray/win32/attention.ico");
		expect(trayIconPath("/a", "linux", "yielding")).toBe("/a/tray/linux/yielding.png");
	});
});
