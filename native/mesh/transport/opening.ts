/** The first words of a connection between members, on either side (`wire/opening.ts`). */
import { type WebSocket, WebSocket as WebSocketClient } from "ws";
import { err, type Log, ok, type Result } from "../../base/base.ts";
import type { Connection } from "../door/door.ts";
import { type FrameLimits, openFrames } from "../frames/frames.ts";
import type { DeviceId, DeviceIdentity } from "../identity/identity.ts";
import type { Membership } from "../membership/membership.ts";
import type { TransportLimits } from "./limits.ts";
import { recordsForHello } from "./records.ts";
import { MOST_WIRE_BYTES } from "./wire/limits.ts";
import {
	type Answer,
	answerSchema,
	anyAnswerSchema,
	type Hello,
	helloSchema,
	openingSchema,
	PROTOCOL,
	type Protocol,
	type Welcome,
} from "./wire/opening.ts";

/** What this machine says of itself. */
export interface OpeningDeps {
	readonly identity: DeviceIdentity;
	/** What it is called. */
	readonly name: () => string;
	/** Drawn at each start. */
	readonly incarnation: string;
	/** Version of Nightshift. */
	readonly version: string;
	/** Where it listens; null: it does not. */
	readonly port: () => number | null;
	readonly membership: Pick<Membership, "isMember" | "records" | "add" | "introduce">;
	readonly limits: TransportLimits;
	readonly log: Log;
	/** Whether the members may be others now. */
	onRecords(): void;
	/** A member that called speaks another major version. */
	onOtherProtocol(deviceId: DeviceId, protocol: Protocol): void;
}

/** What a connection that was accepted is for. */
export type Opening = { readonly kind: "hello"; readonly hello: Hello } | { readonly kind: "blobs" };

/** Why a link was not opened. */
export interface OpeningFault {
	readonly kind: "broken" | "other-protocol" | "doubled";
	/** What the other side speaks, where that is the reason. */
	readonly protocol: Protocol | null;
}

/** First words. */
export interface Openings {
	/** Calls: says hello, takes the answer, makes a link of it. `onOpen` is called before a frame is read. */
	call(connection: Connection, onOpen: (socket: WebSocket, welcome: Welcome) => void): Promise<OpeningFault | null>;
	/** Says what a connection for blobs is for. Its first request may follow at once. */
	callForBlobs(connection: Connection): void;
	/** Reads what a member wants. Null: nothing that makes sense, and the connection is closed. */
	receive(connection: Connection): Promise<Opening | null>;
	/** Reads what a stranger shows. Null: it is no member, and the connection is closed; nothing was said to it. */
	receiveStranger(connection: Connection): Promise<Opening | null>;
	/** Answers a hello. */
	answer(connection: Connection, how: "welcome" | "doubled"): void;
}

/** First words of this machine. */
export function createOpenings(deps: OpeningDeps): Openings {
	const { identity, membership, limits } = deps;
	const frameLimits: FrameLimits = { sizeBytes: MOST_WIRE_BYTES, withinMs: limits.openingMs };

	const self = () => ({
		protocol: PROTOCOL,
		deviceId: identity.deviceId,
		incarnation: deps.incarnation,
		name: deps.name(),
		port: deps.port(),
		version: deps.version,
		records: recordsForHello(identity.deviceId, membership.records()),
	});

	/** Null: closed. */
	async function readOpening({ peer, socket }: Connection, isKnown: boolean): Promise<Opening | null> {
		const frames = openFrames(socket);
		const read = await frames.read(openingSchema, frameLimits);
		if (!read.ok) return closed(socket);
		const refuse = (reason: "other-protocol" | "malformed"): null => {
			if (!isKnown) return closed(socket);
			frames.write({ kind: "refused", reason, protocol: PROTOCOL } satisfies Answer);
			finish(socket, limits.drainMs);
			return null;
		};
		const { protocol } = read.value;
		if (protocol.major !== PROTOCOL.major) {
			if (isKnown) deps.onOtherProtocol(peer.deviceId, protocol);
			return refuse("other-protocol");
		}
		if (read.value.kind === "blobs") return isKnown ? { kind: "blobs" } : closed(socket);
		const hello = helloSchema.safeParse(read.value);
		if (!hello.success || hello.data.deviceId !== peer.deviceId) return refuse("malformed");
		return { kind: "hello", hello: hello.data };
	}

	async function take(records: readonly unknown[]): Promise<void> {
		const added = await membership.add(records);
		if (!added.ok) deps.log.warn({ fault: added.error.kind }, "records of the mesh's members were not kept");
		else if (added.value.added > 0) deps.onRecords();
	}

	return {
		async call(connection, onOpen) {
			const { peer, socket } = connection;
			const frames = openFrames(socket);
			frames.write({ kind: "hello", ...self() } satisfies Hello);
			const answer = await frames.read(anyAnswerSchema, frameLimits);
			const welcome = answer.ok ? readAnswer(answer.value) : broken;
			if (!welcome.ok || welcome.value.deviceId !== peer.deviceId) {
				socket.destroy();
				return welcome.ok ? broken.error : welcome.error;
			}
			// The link need not wait for the disk; if the records remove its other end, it is closed.
			void take(welcome.value.records);
			return upgrade(connection, limits, (opened) => onOpen(opened, welcome.value));
		},
		callForBlobs({ socket }) {
			openFrames(socket).write({ kind: "blobs", protocol: PROTOCOL });
		},
		async receive(connection) {
			const opening = await readOpening(connection, true);
			if (opening?.kind === "hello") void take(opening.hello.records);
			return opening;
		},
		async receiveStranger(connection) {
			const opening = await readOpening(connection, false);
			if (opening?.kind !== "hello") return null;
			const { deviceId } = connection.peer;
			const introduced = await membership.introduce(deviceId, opening.hello.records);
			if (!introduced.ok || !introduced.value) return closed(connection.socket);
			deps.onRecords();
			return connection.socket.destroyed ? null : opening;
		},
		answer({ socket }, how) {
			const answer: Answer =
				how === "welcome" ? { kind: "welcome", ...self() } : { kind: "refused", reason: "doubled", protocol: PROTOCOL };
			openFrames(socket).write(answer);
			if (how === "doubled") finish(socket, limits.drainMs);
		},
	};
}

const broken = err<OpeningFault>({ kind: "broken", protocol: null });

/** Closes a connection once what was said is out, or soon after. */
function finish(socket: Connection["socket"], withinMs: number): void {
	const timer = setTimeout(() => socket.destroy(), withinMs);
	socket.once("close", () => clearTimeout(timer));
	socket.end();
	// An end of the other side is noticed only by who reads.
	socket.resume();
}

function closed(socket: Connection["socket"]): null {
	socket.destroy();
	return null;
}

function readAnswer(value: { readonly protocol: Protocol }): Result<Welcome, OpeningFault> {
	const { protocol } = value;
	if (protocol.major !== PROTOCOL.major) return err({ kind: "other-protocol", protocol });
	const answer = answerSchema.safeParse(value);
	if (!answer.success) return broken;
	if (answer.data.kind === "welcome") return ok(answer.data);
	const { reason } = answer.data;
	return err({ kind: reason === "malformed" ? "broken" : reason, protocol });
}

/** Null: the link is open. */
function upgrade(
	{ socket }: Connection,
	limits: TransportLimits,
	onOpen: (socket: WebSocket) => void,
): Promise<OpeningFault | null> {
	return new Promise((resolve) => {
		const client = new WebSocketClient("ws://mesh/control", {
			createConnection: () => socket,
			perMessageDeflate: false,
			maxPayload: MOST_WIRE_BYTES,
			handshakeTimeout: limits.openingMs,
		});
		client.once("open", () => {
			onOpen(client);
			resolve(null);
		});
		// Whatever is wrong with the answer closes it.
		client.on("error", () => {});
		client.once("close", () => {
			socket.destroy();
			resolve(broken.error);
		});
	});
}
