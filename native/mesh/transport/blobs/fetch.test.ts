import { beforeEach, expect, test } from "vitest";
import { forgetMachines } from "../../identity/testing.ts";
import { befriend, type NodeOptions, openNode, type TestNode, testBlob } from "../testing.ts";

beforeEach(forgetMachines);

const MIB = 1_024 * 1_024;

/** One that fetches, and others that it can reach. */
async function among(here: NodeOptions, ...others: readonly NodeOptions[]) {
	const node = await openNode(here);
	const holders = await Promise.all(others.map((options) => openNode(options)));
	await befriend(node, ...holders);
	return { node, holders, ids: holders.map(({ deviceId }) => deviceId) };
}

/** Knows addresses without calling: these tests are about bytes. */
function linkTo(node: TestNode, holders: readonly TestNode[]): void {
	for (const holder of holders) node.knows(holder);
}

async function close(...nodes: readonly TestNode[]): Promise<void> {
	for (const node of nodes) await node[Symbol.asyncDispose]();
}

test("a blob is fetched from who has it, past those who don't or are away", async () => {
	const { node, holders, ids } = await among({}, {}, {}, {});
	const [without, away, holder] = holders;
	if (without === undefined || away === undefined || holder === undefined) throw new Error("Three were opened");
	linkTo(node, [without, holder]);
	for (const sizeBytes of [0, 1, 5 * MIB + 1]) {
		const { digest, bytes } = testBlob(sizeBytes);
		holder.blobs.set(digest, bytes);
		expect(await node.transport.fetchBlob({ digest, sizeBytes, from: ids })).toEqual({ ok: true, value: undefined });
		expect(Buffer.compare(node.blobs.get(digest) ?? Buffer.from("none"), bytes)).toBe(0);
	}
	const { digest } = testBlob(10);
	expect(
		await node.transport.fetchBlob({ digest, sizeBytes: 10, from: [without.deviceId, holder.deviceId] }),
	).toMatchObject({
		ok: false,
		error: { kind: "no-holder" },
	});
	await close(node, ...holders);
});

test("a transfer that is cut goes on where it was, as often as that happens", async () => {
	let cuts = 0;
	const onPiece = async (): Promise<void> => {
		const [holder] = parts.holders;
		if (holder === undefined || holder.given.sizeBytes < (cuts + 1) * 3 * MIB || cuts === 3) return;
		cuts += 1;
		holder.connections.dropAll();
	};
	const parts = await among({}, { onPiece });
	const { node, holders, ids } = parts;
	linkTo(node, holders);
	const { digest, bytes } = testBlob(16 * MIB);
	holders[0]?.blobs.set(digest, bytes);
	expect(await node.transport.fetchBlob({ digest, sizeBytes: bytes.length, from: ids })).toMatchObject({ ok: true });
	expect(Buffer.compare(node.blobs.get(digest) ?? Buffer.alloc(0), bytes)).toBe(0);
	expect(cuts).toBe(3);
	// What was under way in each cut comes again, and no more.
	expect(holders[0]?.given.sizeBytes).toBeLessThan(2 * bytes.length);
	await close(node, ...holders);
});

test("what a holder that went away had begun, another ends", async () => {
	const onPiece = async (atBytes: number): Promise<void> => {
		if (atBytes >= MIB) await parts.holders[0]?.transport.stop();
	};
	const parts = await among({}, { onPiece }, {});
	const { node, holders, ids } = parts;
	linkTo(node, holders);
	const { digest, bytes } = testBlob(4 * MIB);
	for (const holder of holders) holder.blobs.set(digest, bytes);
	expect(await node.transport.fetchBlob({ digest, sizeBytes: bytes.length, from: ids })).toMatchObject({ ok: true });
	expect(Buffer.compare(node.blobs.get(digest) ?? Buffer.alloc(0), bytes)).toBe(0);
	expect(holders[1]?.given.sizeBytes).toBeLessThan(bytes.length);
	await close(node, ...holders);
});

test("wrong bytes are not kept, and whoever has the right ones is found", async () => {
	const { node, holders, ids } = await among({}, {}, {});
	linkTo(node, holders);
	const { digest, bytes } = testBlob(MIB);
	const wrong = testBlob(MIB).bytes;
	holders[0]?.blobs.set(digest, wrong);
	const request = { digest, sizeBytes: bytes.length };
	const [first = ""] = ids;
	expect(await node.transport.fetchBlob({ ...request, from: [first] })).toMatchObject({
		ok: false,
		error: { kind: "wrong-bytes" },
	});
	expect(node.blobs.has(digest)).toBe(false);
	holders[1]?.blobs.set(digest, bytes);
	expect(await node.transport.fetchBlob({ ...request, from: ids })).toMatchObject({ ok: true });
	expect(Buffer.compare(node.blobs.get(digest) ?? Buffer.alloc(0), bytes)).toBe(0);
	await close(node, ...holders);
});

test("where two gave bytes that are wrong together, the one to blame is found out", async () => {
	let isCut = false;
	const onPiece = async (atBytes: number): Promise<void> => {
		if (isCut || atBytes < MIB) return;
		isCut = true;
		parts.holders[0]?.connections.dropAll();
	};
	const parts = await among({}, { onPiece }, {});
	const { node, holders, ids } = parts;
	linkTo(node, holders);
	const { digest, bytes } = testBlob(8 * MIB);
	holders[0]?.blobs.set(digest, testBlob(8 * MIB).bytes);
	holders[1]?.blobs.set(digest, bytes);
	expect(await node.transport.fetchBlob({ digest, sizeBytes: bytes.length, from: ids })).toMatchObject({ ok: true });
	expect(isCut).toBe(true);
	expect(Buffer.compare(node.blobs.get(digest) ?? Buffer.alloc(0), bytes)).toBe(0);
	await close(node, ...holders);
});

test("a blob of another size than named is not taken, however much there is of it", async () => {
	const { node, holders, ids } = await among({}, {});
	linkTo(node, holders);
	const { digest, bytes } = testBlob(MIB);
	holders[0]?.blobs.set(digest, bytes);
	for (const sizeBytes of [MIB - 1, MIB + 1, 0]) {
		const fetched = await node.transport.fetchBlob({ digest, sizeBytes, from: ids });
		expect(fetched).toMatchObject({ ok: false, error: { kind: sizeBytes === 0 ? "wrong-bytes" : "no-holder" } });
	}
	expect(node.blobs.size).toBe(0);
	await close(node, ...holders);
});

test("a blob asked for twice is fetched once, also from whom only the second one knows", async () => {
	const { node, holders, ids } = await among({}, {}, {});
	linkTo(node, holders);
	const { digest, bytes } = testBlob(2 * MIB);
	holders[1]?.blobs.set(digest, bytes);
	const [first = "", second = ""] = ids;
	const request = { digest, sizeBytes: bytes.length };
	const both = [
		node.transport.fetchBlob({ ...request, from: [first] }),
		node.transport.fetchBlob({ ...request, from: [second] }),
	];
	expect(await Promise.all(both)).toMatchObject([{ ok: true }, { ok: true }]);
	expect(holders[1]?.given.sizeBytes).toBe(bytes.length);
	await close(node, ...holders);
});

test("one that stalls is left for the next", async () => {
	const onPiece = (atBytes: number): Promise<void> => (atBytes < MIB ? Promise.resolve() : new Promise(() => {}));
	const { node, holders, ids } = await among({ limits: { stallMs: 300 } }, { onPiece }, {});
	linkTo(node, holders);
	const { digest, bytes } = testBlob(4 * MIB);
	for (const holder of holders) holder.blobs.set(digest, bytes);
	expect(await node.transport.fetchBlob({ digest, sizeBytes: bytes.length, from: ids })).toMatchObject({ ok: true });
	expect(Buffer.compare(node.blobs.get(digest) ?? Buffer.alloc(0), bytes)).toBe(0);
	await close(node, ...holders);
});

test("a member that is removed in the midst of a transfer gives not a byte more, and gets none", async () => {
	for (const isGiver of [true, false]) {
		forgetMachines();
		const onPiece = async (atBytes: number): Promise<void> => {
			if (atBytes !== MIB) return;
			const [holder] = parts.holders;
			if (holder === undefined) return;
			const [who, whom] = isGiver ? [parts.node, holder] : [holder, parts.node];
			await who.membership.revoke(whom.deviceId);
			expect(who.connections.count(whom.deviceId)).toBe(0);
		};
		const parts = await among({}, { onPiece });
		const { node, holders, ids } = parts;
		linkTo(node, holders);
		const { digest, bytes } = testBlob(32 * MIB);
		holders[0]?.blobs.set(digest, bytes);
		const fetched = await node.transport.fetchBlob({ digest, sizeBytes: bytes.length, from: ids });
		expect(fetched).toMatchObject({ ok: false, error: { kind: "no-holder" } });
		expect(holders[0]?.given.sizeBytes).toBeLessThan(bytes.length);
		expect(node.blobs.size).toBe(0);
		await close(node, ...holders);
	}
});

test("many are fetched in turn, over few connections", async () => {
	let most = 0;
	const onPiece = async (): Promise<void> => {
		most = Math.max(most, parts.holders[0]?.connections.count(parts.node.deviceId) ?? 0);
	};
	const parts = await among({}, { onPiece });
	const { node, holders, ids } = parts;
	linkTo(node, holders);
	const blobs = Array.from({ length: 60 }, (_, at) => testBlob(20_000 + at));
	for (const { digest, bytes } of blobs) holders[0]?.blobs.set(digest, bytes);
	const fetched = blobs.map(({ digest, bytes }) =>
		node.transport.fetchBlob({ digest, sizeBytes: bytes.length, from: ids }),
	);
	expect((await Promise.all(fetched)).every(({ ok }) => ok)).toBe(true);
	expect(node.blobs.size).toBe(60);
	// Three for blobs, and up to two for a link.
	expect(most).toBeLessThanOrEqual(5);
	await close(node, ...holders);
});

test("what is under way and what waits ends when everything stops", async () => {
	const { node, holders, ids } = await among({}, { onPiece: () => new Promise(() => {}) });
	linkTo(node, holders);
	const blobs = Array.from({ length: 10 }, () => testBlob(MIB));
	for (const { digest, bytes } of blobs) holders[0]?.blobs.set(digest, bytes);
	const fetched = blobs.map(({ digest, bytes }) =>
		node.transport.fetchBlob({ digest, sizeBytes: bytes.length, from: ids }),
	);
	await expect.poll(() => holders[0]?.connections.count(node.deviceId)).toBeGreaterThan(2);
	await node.transport.stop();
	for (const result of await Promise.all(fetched))
		expect(result).toMatchObject({ ok: false, error: { kind: "stopped" } });
	await close(node, ...holders);
});
