import { describe, expect, test } from "vitest";
import { type Boot, MAX_WAITING } from "./core.ts";
import { bootOf, type Hand, helloOf, ofKind, takeInHand } from "./testing.ts";

const PLACE = { origin: "a/1", sequence: 1 };

/** A core that has appended one operation, which somebody waits for. */
function waiting(members: readonly string[], change: Partial<Boot> = {}): Hand {
	const a = takeInHand(bootOf("a", members, change));
	a.append({ kind: "other" });
	a.tell({ kind: "acknowledge", request: "r", place: PLACE });
	return a;
}

describe("acknowledging", () => {
	test("two machines' disks make level 2", () => {
		const a = waiting(["a", "b"]);
		a.hear("b", helloOf());
		expect(ofKind(a.sync(), "acknowledged")).toEqual([]);
		const told = ofKind(a.hear("b", helloOf({ durable: { "a/1": 1 } })), "acknowledged");
		expect(told).toEqual([
			{ kind: "acknowledged", request: "r", place: PLACE, durability: { level: 2, reason: null } },
		]);
	});

	test("one disk will do only once nobody was heard for ten seconds, and is said so", () => {
		const a = waiting(["a", "b"]);
		a.hear("b", helloOf());
		a.sync();
		expect(ofKind(a.wait(10_000), "acknowledged")).toEqual([]);
		expect(ofKind(a.wait(1_000), "acknowledged")).toMatchObject([{ durability: { level: 1, reason: "alone" } }]);
	});

	test("a machine that starts anew with an older disk is a copy no longer, and is sent what it lacks", () => {
		const a = waiting(["a", "b"]);
		a.hear("b", helloOf({ durable: { "a/1": 1 } }));
		const heard = a.hear("b", helloOf({ incarnation: "second" }));
		expect(ofKind(heard, "send-operations")).toEqual([]);
		const synced = a.sync();
		expect(ofKind(synced, "acknowledged")).toEqual([]);
		expect(ofKind(synced, "send-operations")).toMatchObject([{ to: "b", first: 1, last: 1 }]);
	});

	test("a machine that has just woken is not alone yet", () => {
		const a = waiting(["a", "b"]);
		a.wait(9_000);
		a.stand(60_000, false);
		a.sync();
		expect(ofKind(a.wait(10_000), "acknowledged")).toEqual([]);
		expect(ofKind(a.wait(1_000), "acknowledged")).toHaveLength(1);
	});

	test("a mesh of one does not wait for others", () => {
		const a = waiting(["a"]);
		expect(ofKind(a.sync(), "acknowledged")).toMatchObject([{ durability: { level: 1, reason: "only-member" } }]);
	});

	test("nothing is acknowledged that is not on the own disk", () => {
		const a = waiting(["a"]);
		expect(ofKind(a.wait(30_000), "acknowledged")).toEqual([]);
	});

	test("where the owner wants two disks, one never does", () => {
		const a = waiting(["a", "b"], { protection: "protect" });
		a.sync();
		expect(ofKind(a.wait(120_000), "acknowledged")).toEqual([]);
	});

	test("more than can be waited for is refused", () => {
		const a = takeInHand(bootOf("a", ["a", "b"]));
		a.append({ kind: "other" });
		const ask = (number: number) => a.tell({ kind: "acknowledge", request: `r${number}`, place: PLACE });
		for (let number = 0; number < MAX_WAITING; number += 1) ask(number);
		expect(ask(MAX_WAITING)).toEqual([{ kind: "too-many-waiting", request: `r${MAX_WAITING}` }]);
	});
});
