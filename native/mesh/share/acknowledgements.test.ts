import { expect, test } from "vitest";
import { silentLog } from "../../base/base.ts";
import type { ToNode } from "../node/messages.ts";
import { createAcknowledgements } from "./acknowledgements.ts";

function setUp(kept: readonly ("kept" | "no-room" | "nobody")[] = ["kept"], protection: "auto" | "protect" = "auto") {
	const told: ToNode[] = [];
	const asked: number[] = [];
	let isShared = true;
	const acknowledgements = createAcknowledgements({
		ledger: { batch: () => null, file: () => null },
		log: silentLog,
		isShared: () => isShared,
		protection: () => protection,
		post: (message) => told.push(message),
		keepElsewhere: async () => kept[asked.push(1) - 1] ?? "nobody",
	});
	acknowledgements.note({ batchId: "x", origin: "o", sequence: 7 });
	const answer = (durability: { level: 2; reason: null } | { level: 1; reason: "alone" }): void => {
		const [question] = told.slice(-1);
		if (question?.kind !== "acknowledge") throw new Error("Nothing was asked.");
		const place = { origin: question.origin, sequence: question.sequence };
		acknowledgements.perform({ kind: "acknowledged", request: question.request, place, durability });
	};
	return { acknowledgements, told, answer, asked, endSharing: () => (isShared = false) };
}

test("a batch is safe on two machines once its operation and its input are", async () => {
	const { acknowledgements, told, answer, asked } = setUp();
	const waiting = acknowledgements.acknowledge("x");
	expect(told).toEqual([{ kind: "acknowledge", request: "x 1", origin: "o", sequence: 7 }]);
	answer({ level: 2, reason: null });
	expect([await waiting, asked.length]).toEqual([{ level: 2, reason: null }, 1]);
});

test("where its input stands on this machine alone, so does the batch, and the reason stays known", async () => {
	const { acknowledgements, answer } = setUp(["no-room"]);
	const waiting = acknowledgements.acknowledge("x");
	answer({ level: 2, reason: null });
	expect(await waiting).toEqual({ level: 1, reason: "no-room" });
	expect(acknowledgements.inputReason("x")).toBe("no-room");
});

test("alone, its input is not waited for", async () => {
	const { acknowledgements, answer, asked } = setUp();
	const waiting = acknowledgements.acknowledge("x");
	answer({ level: 1, reason: "alone" });
	expect([await waiting, asked.length]).toEqual([{ level: 1, reason: "alone" }, 0]);
});

test("who wants everything on two machines gets no answer before", async () => {
	const { acknowledgements, answer, asked } = setUp(["nobody", "kept"], "protect");
	const waiting = acknowledgements.acknowledge("x");
	answer({ level: 2, reason: null });
	expect([await waiting, asked.length]).toEqual([{ level: 2, reason: null }, 2]);
});

test("a thread that began anew is asked again", async () => {
	const { acknowledgements, told, answer } = setUp();
	const waiting = acknowledgements.acknowledge("x");
	acknowledgements.askAgain();
	expect(told).toHaveLength(2);
	answer({ level: 2, reason: null });
	expect(await waiting).toEqual({ level: 2, reason: null });
});

test("a machine by itself answers at once, and so does one whose mesh ends while somebody waits", async () => {
	const { acknowledgements, endSharing } = setUp();
	const waiting = acknowledgements.acknowledge("x");
	endSharing();
	acknowledgements.settleAll();
	expect(await waiting).toEqual({ level: 1, reason: "only-member" });
	expect(await acknowledgements.acknowledge("y")).toEqual({ level: 1, reason: "only-member" });
});

test("of a batch that this machine did not make lately nothing is waited for", () => {
	expect(setUp().acknowledgements.acknowledge("y")).toBeNull();
});
