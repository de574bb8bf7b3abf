import { expect, test } from "vitest";
import { choiceWords, durabilityWords, readChoice, writeChoice } from "./machines.ts";
import { machineId, sampleMember } from "./testing.ts";

const machines = [sampleMember("desk"), sampleMember("attic"), sampleMember("shed")];
const [desk, attic, shed] = ["desk", "attic", "shed"].map(machineId) as [string, string, string];

test("a choice of machines reads as switches and comes back as it was", () => {
	for (const chosen of [
		{ only: null, never: [] },
		{ only: null, never: [attic] },
		{ only: [desk, shed], never: [] },
	]) {
		expect(writeChoice(readChoice(chosen, machines), machines)).toEqual(chosen);
	}
	expect(readChoice({ only: [desk, attic], never: [attic] }, machines)).toEqual({
		allowed: new Set([desk]),
		isForLater: false,
	});
});

test("a choice that leaves no machine is none", () => {
	expect(writeChoice({ allowed: new Set(), isForLater: true }, machines)).toBeNull();
	expect(writeChoice({ allowed: new Set([machineId("gone")]), isForLater: false }, machines)).toBeNull();
});

test("a choice is told by names", () => {
	expect(choiceWords({ only: null, never: [] }, machines)).toBe("All machines");
	expect(choiceWords({ only: null, never: [attic] }, machines)).toBe("All machines but attic");
	expect(choiceWords({ only: [desk, attic], never: [] }, machines)).toBe("Only desk and attic");
	expect(choiceWords({ only: [desk, attic], never: [attic] }, machines)).toBe("Only desk");
	expect(choiceWords({ only: [machineId("gone")], never: [] }, machines)).toBe("Only a machine that was removed");
});

test("how safe a job is, is told in words", () => {
	expect(durabilityWords({ level: 2, reason: null })).toBe("safe on 2 machines");
	expect(durabilityWords({ level: 1, reason: "alone" })).toBe("1 copy: no other machine is reachable");
	expect(durabilityWords({ level: 1, reason: "pending" })).toBe("1 copy: the second is being made");
});
