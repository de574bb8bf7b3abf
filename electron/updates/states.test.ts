import fc from "fast-check";
import { expect, test } from "vitest";
import { initialUpdates, retryAfterMs, stepUpdates, type UpdateEvent, type UpdateState } from "./states.ts";

/** What events make of the beginning. */
function after(...events: readonly UpdateEvent[]): UpdateState {
	return events.reduce((state, event) => stepUpdates(state, event).state, initialUpdates);
}

const found: UpdateEvent = { kind: "found", version: "1.2.0", mayDownload: true };
const ready = [{ kind: "check" }, found, { kind: "downloaded", version: "1.2.0" }] as const;

test("an update is found, downloaded, ready, and installed when somebody says so", () => {
	expect(after({ kind: "check" }).phase.kind).toBe("checking");
	expect(after({ kind: "check" }, found, { kind: "progress", fraction: 0.4 }).phase).toEqual({
		kind: "downloading",
		version: "1.2.0",
		fraction: 0.4,
	});
	expect(after(...ready).phase).toEqual({ kind: "ready", version: "1.2.0", isArmed: false });
	expect(after(...ready, { kind: "install" }).phase.kind).toBe("installing");
});

test("where nothing is downloaded unasked it waits for a word", () => {
	const available = after({ kind: "check" }, { ...found, mayDownload: false });
	expect(available.phase).toEqual({ kind: "available", version: "1.2.0" });
	const step = stepUpdates(available, { kind: "download" });
	expect([step.state.phase.kind, step.effects]).toEqual(["downloading", ["download"]]);
});

test("each failure in a row is waited for longer, up to six hours, and success makes up for all", () => {
	const failed: UpdateEvent = { kind: "failed", message: "no network" };
	expect(after({ kind: "check" }, failed, { kind: "check" }, failed).failures).toBe(2);
	expect([1, 2, 3, 6, 40].map((failures) => retryAfterMs(failures) / 60_000)).toEqual([15, 30, 60, 360, 360]);
	expect(after({ kind: "check" }, failed, { kind: "check" }, { kind: "none" }).failures).toBe(0);
});

test("whatever comes in whatever order, nothing is installed but what was downloaded, and only on a word", () => {
	const event = fc.oneof(
		fc.constantFrom<UpdateEvent>(
			{ kind: "check" },
			{ kind: "none" },
			found,
			{ ...found, mayDownload: false },
			{ kind: "download" },
			{ kind: "progress", fraction: 0.5 },
			{ kind: "downloaded", version: "1.2.0" },
			{ kind: "arm", isArmed: true },
			{ kind: "install" },
			{ kind: "failed", message: "no" },
		),
	);
	fc.assert(
		fc.property(fc.array(event, { maxLength: 40 }), (events) => {
			let state = initialUpdates;
			for (const one of events) {
				const before = state.phase.kind;
				const step = stepUpdates(state, one);
				state = step.state;
				if (step.effects.includes("install")) expect([before, one.kind]).toEqual(["ready", "install"]);
				if (state.phase.kind === "ready" && before !== "ready")
					expect([before, one.kind]).toEqual(["downloading", "downloaded"]);
				if (step.effects.includes("check")) expect(state.phase.kind).toBe("checking");
			}
		}),
	);
});
