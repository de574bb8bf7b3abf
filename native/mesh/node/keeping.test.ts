import { expect, test } from "vitest";
import { err, ok, silentLog } from "../../base/base.ts";
import { createKeeping, type Keeping, type KeepingDeps } from "./keeping.ts";

const BLOBS = [
	{ digest: "x", sizeBytes: 5 },
	{ digest: "y", sizeBytes: 7 },
];

/** Machines `a` and others, whose frames reach each other at once. */
function mesh(change: (name: string) => Partial<KeepingDeps> = () => ({})) {
	const machines = new Map<string, Keeping>();
	const kept = new Map<string, Set<string>>();
	const gone = new Set<string>();
	for (const name of ["a", "b", "c"]) {
		const blobs = new Set<string>();
		kept.set(name, blobs);
		const deps: KeepingDeps = {
			log: silentLog,
			files: { has: (digest) => blobs.has(digest), hasRoomFor: async () => true },
			send(to, frame) {
				const target = machines.get(to);
				if (target === undefined || gone.has(to)) return false;
				if (frame.kind === "keep" || frame.kind === "kept") queueMicrotask(() => target.receive(name, frame));
				return true;
			},
			async fetch({ digest }) {
				blobs.add(digest);
				return ok(undefined);
			},
			isThere: (deviceId) => !gone.has(deviceId),
			...change(name),
		};
		machines.set(name, createKeeping(deps));
	}
	const a = machines.get("a");
	if (a === undefined) throw new Error("There is a machine a.");
	return { a, machines, kept, gone };
}

test("another machine has all of an input on its disk before it counts as kept", async () => {
	const { a, kept } = mesh();
	expect(await a.askFor(BLOBS, ["b", "c"])).toBe("kept");
	expect([...(kept.get("b") ?? [])]).toEqual(["x", "y"]);
	expect(kept.get("c")?.size).toBe(0);
});

test("where one has no room the next is asked; where none has, that is the answer", async () => {
	const full = { files: { has: () => false, hasRoomFor: async () => false } };
	expect(await mesh((name) => (name === "b" ? full : {})).a.askFor(BLOBS, ["b", "c"])).toBe("kept");
	expect(await mesh((name) => (name === "a" ? {} : full)).a.askFor(BLOBS, ["b", "c"])).toBe("no-room");
	expect(await mesh().a.askFor(BLOBS, [])).toBe("nobody");
});

test("a machine that could not fetch it, or went away meanwhile, has not kept it", async () => {
	const failing = { fetch: async () => err({ message: "It broke off." }) };
	expect(await mesh((name) => (name === "b" ? failing : {})).a.askFor(BLOBS, ["b"])).toBe("nobody");
	const endless = { fetch: () => new Promise<never>(() => {}) };
	const { a, gone } = mesh((name) => (name === "b" ? endless : {}));
	const asked = a.askFor(BLOBS, ["b"]);
	gone.add("b");
	expect(await asked).toBe("nobody");
});

test("nobody can answer for another", async () => {
	const endless = { fetch: () => new Promise<never>(() => {}) };
	const { a, gone } = mesh((name) => (name === "b" ? endless : {}));
	const asked = a.askFor(BLOBS, ["b"]);
	for (const id of ["1", "2"]) a.receive("c", { kind: "kept", id, result: "kept" });
	gone.add("b");
	expect(await asked).toBe("nobody");
});
