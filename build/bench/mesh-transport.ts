/**
 * How fast one machine fetches blobs of another: `node build/bench/mesh-transport.ts [--json FILE] [--mib N]`. The other machine is
 * a process of its own on this computer; nothing touches the disk. How late a timer came meanwhile says what is left of the thread
 * for heartbeats. Every byte is encrypted, decrypted and hashed on the same processor for both sides.
 */
import { fork } from "node:child_process";
import { createHash, randomBytes } from "node:crypto";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { monitorEventLoopDelay } from "node:perf_hooks";
import { z } from "zod";
import { ok, silentLog, systemClock } from "../../native/base/base.ts";
import { createConnections, createDoor, createTurnstile } from "../../native/mesh/door/door.ts";
import { type DeviceIdentity, openIdentity } from "../../native/mesh/identity/identity.ts";
import { type BlobSource, createTransport } from "../../native/mesh/transport/transport.ts";
import { option, printTable, say, warnIfBusy, writeReport } from "./report.ts";

const MIB = 1_024 * 1_024;
/** Read at a time, as from the ledger's files. */
const READ_BYTES = 256 * 1_024;
const HOST = "127.0.0.1";

/** So many blobs of one size, all asked for at once. */
interface Case {
	readonly name: string;
	readonly blobs: number;
	readonly sizeBytes: number;
}

/** What the holder says once it stands. */
const readySchema = z.object({ deviceId: z.string(), port: z.int(), digests: z.array(z.array(z.string())) });

const totalMib = Number(option("mib") ?? 1_024);
const cases: readonly Case[] = [
	{ name: "one blob", blobs: 1, sizeBytes: totalMib * MIB },
	{ name: "chunks of 8 MiB", blobs: Math.ceil(totalMib / 8), sizeBytes: 8 * MIB },
	{ name: "segments of 64 KiB", blobs: Math.min(2_000, totalMib * 16), sizeBytes: 64 * 1_024 },
];

if (process.argv.includes("--holder")) await hold();
else await measure();

/** The bytes of a blob: one block again and again, told from others by what stands in front. */
function* bytesOf(block: Buffer, at: number, start: number, end: number): Generator<Buffer> {
	for (let position = start; position < end; position += READ_BYTES) {
		const piece = Buffer.from(block.subarray(0, Math.min(READ_BYTES, end - position)));
		if (position === 0) piece.writeUInt32BE(at);
		yield piece;
	}
}

async function hold(): Promise<void> {
	const block = randomBytes(READ_BYTES);
	const sources = new Map<string, BlobSource>();
	let at = 0;
	const digests = cases.map(({ blobs, sizeBytes }) =>
		Array.from({ length: blobs }, () => {
			at += 1;
			const own = at;
			const hash = createHash("sha256");
			for (const piece of bytesOf(block, own, 0, sizeBytes)) hash.update(piece);
			const digest = hash.digest("hex");
			const stream = async function* (start: number, end: number) {
				yield* bytesOf(block, own, start, end);
			};
			sources.set(digest, { sizeBytes, stream });
			return digest;
		}),
	);
	const machine = await openMachine(async (digest) => sources.get(digest) ?? null);
	process.send?.({ deviceId: machine.identity.deviceId, port: machine.port, digests });
}

/** A machine that takes everybody for a member. */
async function openMachine(open: (digest: string) => Promise<BlobSource | null>) {
	const folder = await mkdtemp(join(tmpdir(), "nightshift-mesh-bench-"));
	const opened = await openIdentity({ path: join(folder, "identity.pem"), expectedId: null, log: silentLog });
	await rm(folder, { recursive: true });
	if (!opened.ok) throw new Error(opened.error.message);
	const identity: DeviceIdentity = opened.value;
	const connections = createConnections(() => true);
	const transport = createTransport({
		identity,
		name: () => "bench",
		incarnation: "bench",
		version: "0",
		port: () => null,
		membership: {
			isMember: () => true,
			records: () => [],
			add: async () => ok({ added: 0, refused: 0 }),
			introduce: async () => ok(true),
		},
		connections,
		clock: systemClock,
		log: silentLog,
		random: Math.random,
		blobs: {
			open,
			async receive(_, bytes) {
				for await (const piece of bytes) taken.sizeBytes += piece.length;
				return ok(undefined);
			},
		},
		onFrame() {},
		onLinks() {},
		onMembersChanged() {},
		onOtherProtocol() {},
	});
	const taken = { sizeBytes: 0 };
	const door = createDoor({
		identity,
		connections,
		turnstile: createTurnstile(systemClock),
		log: silentLog,
		isPairing: () => false,
		onMember: transport.accept,
		onStranger: transport.acceptStranger,
		onPairing: ({ socket }) => void socket.destroy(),
	});
	const port = await door.listen({ port: 0, host: HOST });
	if (!port.ok) throw new Error(port.error.message);
	return { identity, transport, door, taken, port: port.value };
}

async function measure(): Promise<void> {
	warnIfBusy();
	say("Making the blobs …");
	const holder = fork(import.meta.filename, process.argv.slice(2).concat("--holder"));
	const [message] = await once(holder, "message");
	const ready = readySchema.parse(message);
	const here = await openMachine(async () => null);
	here.transport.know(ready.deviceId, [{ host: HOST, port: ready.port }]);
	const rows = [];
	for (const [at, { name, blobs, sizeBytes }] of cases.entries()) {
		const delay = monitorEventLoopDelay({ resolution: 10 });
		delay.enable();
		const before = here.taken.sizeBytes;
		const beganMs = performance.now();
		const fetched = (ready.digests[at] ?? []).map((digest) =>
			here.transport.fetchBlob({ digest, sizeBytes, from: [ready.deviceId] }),
		);
		for (const result of await Promise.all(fetched)) if (!result.ok) throw new Error(result.error.message);
		const seconds = (performance.now() - beganMs) / 1_000;
		delay.disable();
		const megabytes = (here.taken.sizeBytes - before) / 1e6;
		const [latestMs, p99Ms] = [delay.max / 1e6, delay.percentile(99) / 1e6];
		rows.push({ name, blobs, sizeBytes, seconds, megabytesPerSecond: megabytes / seconds, p99Ms, latestMs });
	}
	printTable(
		"Blobs from another process on this computer",
		["what", "blobs", "MB/s", "blobs/s", "timer late, p99 ms", "worst ms"],
		rows.map(({ name, blobs, seconds, megabytesPerSecond, p99Ms, latestMs }) => [
			name,
			blobs,
			Math.round(megabytesPerSecond),
			Math.round(blobs / seconds),
			Math.round(p99Ms),
			Math.round(latestMs),
		]),
	);
	const path = option("json");
	if (path !== null) writeReport(path, { rows });
	await here.transport.stop();
	await here.door.close();
	holder.kill();
}
