/** Helpers for tests of machines that are linked over real connections. Must never be imported by the product. */
import { createHash, randomBytes } from "node:crypto";
import { type Clock, err, type Log, ok, silentLog, systemClock } from "../../base/base.ts";
import type { Connection, Connections, Door } from "../door/door.ts";
import { createConnections, createDoor, createTurnstile, turnstileLimits } from "../door/door.ts";
import { LOOPBACK } from "../door/testing.ts";
import type { DeviceId, DeviceIdentity } from "../identity/identity.ts";
import { testMachine } from "../identity/testing.ts";
import type { Membership, MembershipRecord } from "../membership/membership.ts";
import { createMembership, signAdmit } from "../membership/membership.ts";
import { testStore } from "../membership/testing.ts";
import {
	createTransport,
	type Frame,
	type LinkView,
	type Protocol,
	type Transport,
	type TransportDeps,
	type TransportLimits,
} from "./transport.ts";

/** A frame that came, from whom and by whom. */
export interface Heard {
	readonly from: DeviceId;
	readonly by: DeviceId | null;
	readonly frame: Frame;
}

/** A machine with its door open. */
export interface TestNode extends AsyncDisposable {
	readonly identity: DeviceIdentity;
	readonly deviceId: DeviceId;
	readonly port: number;
	readonly transport: Transport;
	readonly membership: Membership;
	readonly connections: Connections;
	readonly door: Door;
	readonly heard: Heard[];
	readonly otherProtocols: Protocol[];
	/** Blobs by digest. */
	readonly blobs: Map<string, Uint8Array>;
	/** Bytes given out so far. */
	readonly given: { sizeBytes: number };
	/** How often members came that were new. */
	readonly news: { count: number };
	/** How many could be sent to directly, after each change. */
	readonly counts: number[];
	/** Whom one can send to directly. */
	linked(): readonly DeviceId[];
	view(): readonly LinkView[];
	knows(other: Pick<TestNode, "deviceId" | "port">): void;
}

/** What differs from a node as it comes. */
export interface NodeOptions {
	readonly identity?: DeviceIdentity;
	readonly limits?: Partial<TransportLimits>;
	readonly clock?: Clock;
	readonly log?: Log;
	readonly incarnation?: string;
	/** Called for each piece that is given out. */
	onPiece?(atBytes: number): Promise<void>;
	/** Sees a call before anything is done with it. */
	onMember?(connection: Connection): void;
}

/** Short enough for a test, long enough for two slow cores. Silence is long, since no core says hello here. */
const testLimits: Partial<TransportLimits> = {
	breakPauseMs: 5,
	silenceMs: 60_000,
	firstRetryMs: 50,
	lastRetryMs: 400,
	staggerMs: 20,
};

/** Bytes read at a time. */
const PIECE_BYTES = 16 * 1_024;

/** Opens a machine that has admitted nobody. */
export async function openNode(options: NodeOptions = {}): Promise<TestNode> {
	const identity = options.identity ?? (await testMachine());
	const { log = silentLog, clock = systemClock } = options;
	const connections: Connections = createConnections((deviceId) => membership.isMember(deviceId));
	const onRemoved = (deviceId: DeviceId) => connections.drop(deviceId);
	const membership = createMembership({ identity, name: "machine", store: testStore(), log, onRemoved });
	const heard: Heard[] = [];
	const otherProtocols: Protocol[] = [];
	const counts: number[] = [];
	const blobs = new Map<string, Uint8Array>();
	const [given, news, at] = [{ sizeBytes: 0 }, { count: 0 }, { port: 0 }];
	const transport = createTransport({
		identity,
		name: () => "machine",
		incarnation: options.incarnation ?? randomBytes(16).toString("hex"),
		version: "1.2.3",
		port: () => at.port,
		membership,
		connections,
		clock,
		log,
		random: Math.random,
		limits: { ...testLimits, ...options.limits },
		blobs: blobsIn(blobs, given, options),
		onFrame: (from, frame, { by }) => void heard.push({ from, by, frame }),
		onLinks: (links) => void counts.push(links.filter(({ relayedBy }) => relayedBy === null).length),
		onMembersChanged() {
			news.count += 1;
		},
		onOtherProtocol: (_, protocol) => void otherProtocols.push(protocol),
	});
	const door = createDoor({
		identity,
		connections,
		turnstile: createTurnstile(systemClock, { ...turnstileLimits, knocks: 1_000 }),
		log,
		isPairing: () => false,
		onMember(connection) {
			options.onMember?.(connection);
			transport.accept(connection);
		},
		onStranger: (connection) => transport.acceptStranger(connection),
		onPairing: ({ socket }) => void socket.destroy(),
	});
	const port = await door.listen({ port: 0, host: LOOPBACK });
	if (!port.ok) throw new Error(port.error.message);
	at.port = port.value;
	return {
		identity,
		deviceId: identity.deviceId,
		port: port.value,
		transport,
		membership,
		connections,
		door,
		heard,
		otherProtocols,
		blobs,
		given,
		news,
		counts,
		linked: () => transport.links().flatMap((link) => (link.relayedBy === null ? [link.deviceId] : [])),
		view: () => transport.links(),
		knows: (other) => transport.know(other.deviceId, [{ host: LOOPBACK, port: other.port }]),
		async [Symbol.asyncDispose]() {
			await transport.stop();
			await door.close();
			connections.dropAll();
		},
	};
}

/** Blobs in memory. */
function blobsIn(
	blobs: Map<string, Uint8Array>,
	given: { sizeBytes: number },
	options: NodeOptions,
): TransportDeps["blobs"] {
	return {
		async open(digest) {
			const bytes = blobs.get(digest);
			if (bytes === undefined) return null;
			return { sizeBytes: bytes.length, stream: (start, end) => piecesOf(bytes.subarray(start, end), given, options) };
		},
		async receive(digest, bytes, limitBytes) {
			const pieces: Uint8Array[] = [];
			for await (const piece of bytes) pieces.push(piece);
			const whole = Buffer.concat(pieces);
			if (whole.length > limitBytes) return err("It is larger than it may be.");
			blobs.set(digest, whole);
			return ok(undefined);
		},
	};
}

async function* piecesOf(bytes: Uint8Array, given: { sizeBytes: number }, options: NodeOptions) {
	for (let start = 0; start < bytes.length; start += PIECE_BYTES) {
		const piece = bytes.subarray(start, start + PIECE_BYTES);
		await options.onPiece?.(start);
		given.sizeBytes += piece.length;
		yield piece;
	}
}

/** That one admitted the other. */
export function admit(by: DeviceIdentity, whom: DeviceIdentity): MembershipRecord {
	return signAdmit(by, { spki: whom.spki, name: "machine" }).record;
}

/** Makes all members to each other. */
export async function befriend(...nodes: readonly Pick<TestNode, "identity" | "membership">[]): Promise<void> {
	const records = nodes.flatMap((by) =>
		nodes.flatMap((whom) => (by === whom ? [] : [admit(by.identity, whom.identity)])),
	);
	for (const { membership } of nodes) await membership.add(records);
}

/** The one with the lower id first. */
export function inOrder<T extends { readonly deviceId: DeviceId }>(left: T, right: T): readonly [T, T] {
	return left.deviceId < right.deviceId ? [left, right] : [right, left];
}

/** Something to fetch. */
export function testBlob(sizeBytes: number): { readonly bytes: Uint8Array; readonly digest: string } {
	const bytes = randomBytes(sizeBytes);
	return { bytes, digest: createHash("sha256").update(bytes).digest("hex") };
}

/** A frame that is told from others by `tag`. */
export function tagged(tag: string): Frame {
	return { kind: "core", message: { kind: "release", leaseId: tag } };
}

/** The tags of frames, in the order they came. */
export function tagsOf(heard: readonly Heard[]): readonly string[] {
	return heard.flatMap(({ frame }) =>
		frame.kind === "core" && frame.message.kind === "release" ? [frame.message.leaseId] : [],
	);
}
