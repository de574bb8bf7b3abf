import { expect, test } from "vitest";
import type { GpuPack, GpuPackState } from "../../native/contract/contract.ts";
import { describePack } from "./gpu-packs.ts";

function cardOf(state: GpuPackState, more: Partial<GpuPack> = {}) {
	return describePack({
		name: "cuda",
		title: "CUDA for NVIDIA",
		version: "3.22.1",
		download_bytes: 314_000_000,
		disk_bytes: 560_000_000,
		gpus: ["RTX 4090"],
		needs: null,
		replaces: null,
		state,
		...more,
	});
}
const doing = (state: GpuPackState) => cardOf(state)?.actions.map(({ action }) => action);

test("a pack that is of no use here is not shown", () => {
	expect(cardOf({ kind: "not-needed", words: "No NVIDIA GPU." })).toBeNull();
});

test("one that fits is offered with its size, and with what else it needs", () => {
	const offered = cardOf({ kind: "available" });
	expect(offered).toMatchObject({ title: "This GPU could be faster", trouble: null });
	expect(offered?.lines[0]).toContain("CUDA for NVIDIA: 314 MB to download, 560 MB on disk.");
	expect(offered?.actions).toEqual([{ action: "fetch", label: "Download" }]);
	const lacking = cardOf(
		{ kind: "available" },
		{ needs: "Install the CUDA Toolkit.", gpus: ["A", "B"], replaces: "3.21.0" },
	);
	expect(lacking).toMatchObject({
		title: "These GPUs could be faster",
		trouble: { body: "Install the CUDA Toolkit." },
	});
	expect(lacking?.actions).toEqual([{ action: "fetch", label: "Download anyway" }]);
	expect(lacking?.lines[1]).toContain("3.21.0");
});

test("one on its way tells how far it is, and its end only where the pace is known", () => {
	const going = { kind: "downloading", received_bytes: 157_000_000, bytes_per_second: 15_700_000 } as const;
	expect(cardOf(going)).toMatchObject({ fraction: 0.5, figures: ["157 MB of 314 MB", "15.7 MB/s", "10 s left"] });
	expect(cardOf({ ...going, bytes_per_second: 0 })?.figures).toEqual(["157 MB of 314 MB"]);
	expect(cardOf({ kind: "paused", received_bytes: 400_000_000 })).toMatchObject({ fraction: 1 });
});

test("what can be done fits the state", () => {
	expect(doing({ kind: "downloading", received_bytes: 0, bytes_per_second: null })).toEqual(["pause", "cancel"]);
	expect(doing({ kind: "paused", received_bytes: 0 })).toEqual(["fetch", "cancel"]);
	expect(doing({ kind: "verifying" })).toEqual(["cancel"]);
	expect(doing({ kind: "failed", words: "", received_bytes: 0 })).toEqual(["fetch", "cancel"]);
	expect(doing({ kind: "installed", works: true, words: "" })).toEqual(["remove"]);
});

test("one that is installed says what it computes on, or why it is not used", () => {
	expect(
		cardOf({ kind: "installed", works: true, words: "It computes on RTX." }, { needs: "Something." }),
	).toMatchObject({
		tone: "good",
		lines: ["It computes on RTX."],
		trouble: null,
	});
	expect(cardOf({ kind: "installed", works: false, words: "No driver." })).toMatchObject({
		state: "Not used",
		tone: "warn",
		trouble: { body: "No driver." },
	});
});
