import { existsSync } from "node:fs";
import { mkdir, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { describe, expect, it } from "vitest";
import { createPace } from "./pace.ts";
import { createTransfer } from "./transfer.ts";

/** A clock that goes on by `stepMs` at each look. */
function steppingClock(stepMs: number) {
	let nowMs = 0;
	const look = () => (nowMs += stepMs);
	return { nowMs: look, monotonicMs: look };
}

/** Writes a file as a lane writes its state; `works` is false for a full disk. */
function donor(works: boolean) {
	return {
		async save(path: string) {
			if (works) await writeFile(path, "state");
			return works;
		},
	};
}

describe("copying between lanes", () => {
	it("pays where computing costs more than copying took", async () => {
		const pace = createPace({ batchTokens: 512, rowAlignment: 1 });
		const transfer = await createTransfer(steppingClock(10), pace, true);
		for (let round = 0; round < 40; round++) pace.noteReading(100, 500);
		expect(transfer.pays(200, 100)).toBe(true);
		expect(transfer.pays(200, 10)).toBe(false);
		for (let round = 0; round < 40; round++) await transfer.lend(donor(true), 2, async () => {});
		expect(transfer.pays(200, 100)).toBe(false);
	});

	it("lends the file for as long as it is used", async () => {
		const transfer = await createTransfer(steppingClock(1), createPace({ batchTokens: 512, rowAlignment: 1 }), true);
		let lent = "";
		await transfer.lend(donor(true), 100, async (path) => {
			lent = path ?? "";
			expect(existsSync(lent)).toBe(true);
		});
		expect(existsSync(lent)).toBe(false);
	});

	it("gives up for good when the state can't be written, and is off for models that can't share", async () => {
		const transfer = await createTransfer(steppingClock(1), createPace({ batchTokens: 512, rowAlignment: 1 }), true);
		expect(transfer.pays(100, 90)).toBe(true);
		await transfer.lend(donor(false), 100, async (path) => expect(path).toBeNull());
		expect(transfer.pays(100, 90)).toBe(false);
		const off = await createTransfer(steppingClock(1), createPace({ batchTokens: 512, rowAlignment: 1 }), false);
		expect(off.pays(100, 90)).toBe(false);
	});

	it("cleans up after processes that are gone", async () => {
		const parent = existsSync("/dev/shm") ? "/dev/shm" : tmpdir();
		// Beyond the largest process id of any system this runs on.
		const left = join(parent, "nightshift-lanes-99999999-test", "state");
		await mkdir(dirname(left), { recursive: true });
		await writeFile(left, "old");
		await createTransfer(steppingClock(1), createPace({ batchTokens: 512, rowAlignment: 1 }), true);
		expect(existsSync(left)).toBe(false);
	});
});
