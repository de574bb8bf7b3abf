import { expect, test } from "vitest";
import { machineRows } from "./machine-rows.ts";

const slice = (batch_id: string, lines: number) => ({ batch_id, lines });

test("each machine's part is told with the lines in its hands", () => {
	const machines = [
		{ name: "desk", slices: [slice("a", 20), slice("b", 7)] },
		{ name: "attic", slices: [slice("a", 50)] },
		{ name: "shed", slices: [slice("b", 9)] },
	];
	expect(machineRows("a", { desk: 300, old: 100, none: 0 }, machines)).toEqual([
		{ name: "desk", lines: 300, fraction: 0.75, inHand: 20 },
		{ name: "old", lines: 100, fraction: 0.25, inHand: 0 },
		{ name: "attic", lines: 0, fraction: 0, inHand: 50 },
	]);
});

test("a job nobody has begun has no rows", () => {
	expect(machineRows("a", {}, [{ name: "desk", slices: [] }])).toEqual([]);
});
