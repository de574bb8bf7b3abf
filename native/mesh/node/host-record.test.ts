import { expect, test } from "vitest";
import { bootOf, epochOf, helloOf, hostInHand, takeInHand } from "../core/testing.ts";
import { createHostRecord, hostOf } from "./host-record.ts";

const HELLO = { hosting: epochOf(4, "b"), epoch: epochOf(4, "b") };

test("a host that is heard is known since then, for the reason it gives itself", () => {
	const record = createHostRecord(() => 5_000);
	const a = takeInHand(bootOf("a", ["a", "b"]));
	record.look(a.state);
	expect(record.host).toBeNull();
	a.hear("b", helloOf(HELLO));
	record.look(a.state);
	expect(record.host).toEqual({ id: "b", term: 4, since: 5, why: "found" });
	record.told("b", "hand-over");
	expect(record.host?.why).toBe("hand-over");
});

test("a host that falls silent is none any more, and its successor says it was silence", () => {
	let nowMs = 0;
	const record = createHostRecord(() => nowMs);
	const a = takeInHand(bootOf("a", ["a", "b"]));
	a.hear("b", helloOf(HELLO));
	record.look(a.state);
	nowMs = 60_000;
	for (const claim of a.wait(8_500))
		if (claim.kind === "save-epoch") a.tell({ kind: "epoch-saved", ownTerm: claim.ownTerm });
	record.took(epochOf(5, "a"), "silence");
	record.look(a.state);
	expect(hostOf(a.state)).toEqual(epochOf(5, "a"));
	expect(record.host).toEqual({ id: "a", term: 5, since: 60, why: "silence" });
});

test("a higher term of the same host is no change of host", () => {
	let nowMs = 1_000;
	const record = createHostRecord(() => nowMs);
	const a = takeInHand(bootOf("a", ["a", "b"]));
	a.hear("b", helloOf(HELLO));
	record.look(a.state);
	nowMs = 90_000;
	a.hear("b", helloOf({ hosting: epochOf(6, "b"), epoch: epochOf(6, "b") }));
	record.look(a.state);
	expect(record.host).toMatchObject({ term: 6, since: 1 });
});

test("a machine by itself is host because there is no other", () => {
	const record = createHostRecord(() => 0);
	record.took(epochOf(1, "a"), "silence");
	record.look(hostInHand("a", ["a"]).state);
	expect(record.host?.why).toBe("only-machine");
});
