import { beforeEach, expect, test } from "vitest";
import { forgetMachines } from "../identity/testing.ts";
import { befriend, openNode, testBlob } from "../transport/testing.ts";
import { createOpenFiles } from "./open-files.ts";

beforeEach(forgetMachines);

const MIB = 1_024 * 1_024;

test("a large file is read from somewhere in it on, from who has it, a piece at a time", async () => {
	const [node, without, holder] = [await openNode(), await openNode(), await openNode()];
	await befriend(node, without, holder);
	for (const other of [without, holder]) node.knows(other);
	const { digest, bytes } = testBlob(5 * MIB + 1);
	holder.blobs.set(digest, bytes);
	const from = [without.deviceId, holder.deviceId];
	const files = createOpenFiles(node.transport.openBlob);

	const opened = await files.open({ digest, start: MIB, from });
	if (!opened.ok) throw new Error(opened.error.message);
	expect(opened.value.sizeBytes).toBe(bytes.length);
	const pieces: Uint8Array[] = [];
	for (let piece = await files.read(opened.value.id); piece !== null; piece = await files.read(opened.value.id)) {
		pieces.push(piece);
	}
	expect(Buffer.concat(pieces).equals(bytes.subarray(MIB))).toBe(true);
	expect(pieces.length).toBeGreaterThan(3);
	files.close(opened.value.id);
	expect(await files.read(opened.value.id)).toBeNull();

	expect(await files.open({ digest, start: bytes.length, from })).toMatchObject({ error: { kind: "unreachable" } });
	expect(await files.open({ digest, start: 0, from: [without.deviceId] })).toMatchObject({ ok: false });
	for (const one of [node, without, holder]) await one[Symbol.asyncDispose]();
});

test("a connection that breaks ends the file early", async () => {
	const [node, holder] = [await openNode(), await openNode({ onPiece: async (at) => (at < MIB ? undefined : cut()) })];
	const cut = (): void => holder.connections.dropAll();
	await befriend(node, holder);
	node.knows(holder);
	const { digest, bytes } = testBlob(8 * MIB);
	holder.blobs.set(digest, bytes);
	const files = createOpenFiles(node.transport.openBlob);
	const opened = await files.open({ digest, start: 0, from: [holder.deviceId] });
	if (!opened.ok) throw new Error(opened.error.message);
	let readBytes = 0;
	for (let piece = await files.read(opened.value.id); piece !== null; piece = await files.read(opened.value.id)) {
		readBytes += piece.length;
	}
	expect(readBytes).toBeLessThan(bytes.length);
	files.close(opened.value.id);
	for (const one of [node, holder]) await one[Symbol.asyncDispose]();
});

test("so many are open at a time, and all are ended when the mesh stops", async () => {
	let ended = 0;
	const files = createOpenFiles(async () => ({
		sizeBytes: 1,
		bytes: (async function* () {})(),
		end() {
			ended += 1;
		},
	}));
	const many = await Promise.all(
		Array.from({ length: 5 }, () => files.open({ digest: "d".repeat(64), start: 0, from: [] })),
	);
	expect(many.map(({ ok }) => ok)).toEqual([true, true, true, true, false]);
	expect(many.at(-1)).toMatchObject({ error: { kind: "full" } });
	files.stop();
	expect(ended).toBe(4);
});
