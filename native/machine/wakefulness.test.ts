import { expect, test } from "vitest";
import { silentLog } from "../base/base.ts";
import { createWakefulness } from "./wakefulness.ts";

test("a platform whose sleep we know nothing of says so, and nothing breaks", async () => {
	const wakefulness = createWakefulness({ platform: "freebsd", log: silentLog });
	const answer = {
		kind: "impossible",
		message: "Nightshift can't keep a computer with freebsd awake nor wake it; its own settings can.",
	};
	expect(await wakefulness.keepAwake(true)).toEqual(answer);
	expect(await wakefulness.wakeAt(Date.UTC(2026, 10, 22))).toEqual(answer);
	await wakefulness.stop();
});
