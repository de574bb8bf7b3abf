import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Download } from "../../native/contract/contract.ts";
import {
	actionsOf,
	describeDownload,
	doneKey,
	dropDownload,
	fractionOf,
	isGoing,
	putDownload,
	timeLeftMs,
} from "./downloads.ts";

const download: Download = {
	id: "d1",
	reference: "hf:owner/repository:Q4_K_M",
	name: "model-q4_k_m",
	state: "running",
	received_bytes: 1_900_000_000,
	total_bytes: 7_300_000_000,
	bytes_per_second: 45_000_000,
	problem: null,
	created_at: 1,
};
const states = ["queued", "running", "paused", "checking", "done", "failed"] as const;

describe("describeDownload", () => {
	it("tells how much is here, how fast it comes and when it is done", () => {
		expect(describeDownload(download)).toEqual({
			state: "Downloading",
			tone: "accent",
			figures: ["1.9 GB of 7.3 GB", "45.0 MB/s", "2 min left"],
			fraction: 1.9 / 7.3,
			actions: ["pause", "cancel"],
		});
	});

	it("promises no end where the size or the pace is not known", () => {
		expect(describeDownload({ ...download, total_bytes: null }).figures).toEqual(["1.9 GB", "45.0 MB/s"]);
		expect(describeDownload({ ...download, bytes_per_second: null }).figures).toEqual(["1.9 GB of 7.3 GB"]);
		expect(describeDownload({ ...download, bytes_per_second: 0 }).figures).toEqual(["1.9 GB of 7.3 GB", "0 B/s"]);
	});

	it("tells no pace of one that rests", () => {
		for (const state of ["paused", "failed"] as const) {
			expect(describeDownload({ ...download, state }).figures).toEqual(["1.9 GB of 7.3 GB"]);
		}
	});
});

describe("fractionOf", () => {
	it("is always between nothing and all of it, or unknown", () => {
		fc.assert(
			fc.property(
				fc.constantFrom(...states),
				fc.nat(),
				fc.option(fc.nat(), { nil: null }),
				(state, received_bytes, total_bytes) => {
					const fraction = fractionOf({ state, received_bytes, total_bytes });
					expect(fraction === null || (fraction >= 0 && fraction <= 1)).toBe(true);
				},
			),
		);
	});

	it("is unknown while the other side has not told the size, nothing before anything came, all when done", () => {
		expect(fractionOf({ ...download, total_bytes: null })).toBeNull();
		expect(fractionOf({ state: "queued", received_bytes: 0, total_bytes: null })).toBe(0);
		expect(fractionOf({ state: "done", received_bytes: 0, total_bytes: null })).toBe(1);
	});
});

describe("timeLeftMs", () => {
	it("is what is missing at the present pace, and never negative", () => {
		expect(timeLeftMs({ received_bytes: 10, total_bytes: 30, bytes_per_second: 5 })).toBe(4_000);
		expect(timeLeftMs({ received_bytes: 31, total_bytes: 30, bytes_per_second: 5 })).toBe(0);
	});
});

describe("actionsOf", () => {
	it("never offers to pause what rests or to resume what runs", () => {
		for (const state of states) {
			const actions = actionsOf(state);
			expect(actions.includes("pause")).toBe(state === "queued" || state === "running");
			expect(actions.includes("resume")).toBe(state === "paused");
			expect(actions.includes("try-again")).toBe(state === "failed");
		}
	});

	it("always has a way to be rid of it", () => {
		for (const state of states) expect(actionsOf(state)).toContain(state === "done" ? "dismiss" : "cancel");
	});
});

describe("lists of downloads", () => {
	const other: Download = { ...download, id: "d2", state: "done" };

	it("put a known one in its old place and a new one at the end", () => {
		const paused: Download = { ...download, state: "paused" };
		expect(putDownload([download, other], paused)).toEqual([paused, other]);
		expect(putDownload([other], download)).toEqual([other, download]);
	});

	it("drop one and leave the others", () => {
		expect(dropDownload([download, other], "d1")).toEqual([other]);
		expect(dropDownload([download], "d9")).toEqual([download]);
	});

	it("have another key when one more is done, and the same while bytes come", () => {
		expect(doneKey([download, other])).toBe(doneKey([{ ...download, received_bytes: 2_000_000_000 }, other]));
		expect(doneKey([{ ...download, state: "done" }, other])).not.toBe(doneKey([download, other]));
		expect(doneKey([download])).toBe("");
	});

	it("go on by themselves while one waits, runs or is checked", () => {
		expect(states.filter((state) => isGoing({ state }))).toEqual(["queued", "running", "checking"]);
	});
});
