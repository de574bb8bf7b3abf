import { expect, test } from "vitest";
import { silentLog } from "../base/base.ts";
import { createWakefulness } from "./wakefulness.ts";

test("a platform whose sleep we know nothing of says so, and nothing breaks", async () => {
	const wakefulness = createWakefulness({ platform: "freebsd", log: silentLog, keptAwakeBy: "self" });
	const answer = {
		kind: "impossible",
		message: "Nightshift can't keep a computer with freebsd awake nor wake it; its own settings can.",
	};
	expect(await wakefulness.keepAwake(true)).toEqual(answer);
	expect(await wakefulness.wakeAt(Date.UTC(2026, 10, 22))).toEqual(answer);
	await wakefulness.stop();
});

test("a shell is told at every change, and let go of at the end; waking stays with the platform", async () => {
	const told: boolean[] = [];
	const keptAwakeBy = (isWanted: boolean) => void told.push(isWanted);
	const wakefulness = createWakefulness({ platform: "freebsd", log: silentLog, keptAwakeBy });
	expect(await wakefulness.keepAwake(true)).toEqual({ kind: "done" });
	expect(await wakefulness.keepAwake(true)).toEqual({ kind: "done" });
	expect(told).toEqual([true]);
	expect(await wakefulness.wakeAt(Date.UTC(2026, 10, 22))).toMatchObject({ kind: "impossible" });
	await wakefulness.stop();
	expect(told).toEqual([true, false]);
	await wakefulness.keepAwake(false);
	expect(told).toEqual([true, false]);
});
