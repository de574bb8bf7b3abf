/** Helpers for tests of what a member, or a stranger, may say over a connection of its own. Must never be imported by the product. */
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { WebSocket } from "ws";
import { z } from "zod";
import { type Connection, dial } from "../door/door.ts";
import { LOOPBACK } from "../door/testing.ts";
import { openFrames } from "../frames/frames.ts";
import { type DeviceId, type DeviceIdentity, MEMBER_PROTOCOL } from "../identity/identity.ts";
import { PROTOCOL } from "./transport.ts";

/** Calls a node as a machine that says what it likes. */
export async function callNode(identity: DeviceIdentity, port: number): Promise<Connection> {
	const call = await dial(identity, { host: LOOPBACK, port, protocol: MEMBER_PROTOCOL, deviceId: null });
	if (!call.ok) throw new Error(call.error.message);
	return call.value;
}

/** A hello as it should be. */
export function helloOf(identity: DeviceIdentity, records: readonly unknown[] = []) {
	return {
		kind: "hello",
		protocol: PROTOCOL,
		deviceId: identity.deviceId,
		incarnation: randomBytes(16).toString("hex"),
		name: "machine",
		port: null,
		version: "1.2.3",
		records,
	} as const;
}

/** Sends a first message, whatever it is. */
export function sayFirst({ socket }: Connection, message: object): void {
	openFrames(socket).write(message);
}

/** What comes until the end. */
export async function heardUntilEnd({ socket }: Connection): Promise<string> {
	let heard = "";
	socket.on("data", (chunk) => {
		heard += chunk;
	});
	if (!socket.destroyed) await once(socket, "close");
	return heard;
}

/** The answer to a first message. */
export async function answerTo({ socket }: Connection): Promise<unknown> {
	const read = await openFrames(socket).read(z.unknown(), { sizeBytes: 1_024 * 1_024, withinMs: 10_000 });
	if (!read.ok) throw new Error(read.error.message);
	return read.value;
}

/** A link whose other end says what it likes. */
export interface RawLink extends Disposable {
	/** Of who says it. */
	readonly deviceId: DeviceId;
	readonly webSocket: WebSocket;
	readonly connection: Connection;
	/** Frames that came. */
	readonly heard: unknown[];
	say(frame: object): void;
}

/** Makes a link of a connection that was welcomed; paused, it has not read anything of it. */
export async function upgradeRaw(
	{ socket }: Connection,
	onFrame: (frame: unknown) => void = () => {},
	isPaused = false,
): Promise<WebSocket> {
	const webSocket = new WebSocket("ws://mesh/control", { createConnection: () => socket });
	webSocket.on("message", (data) => onFrame(JSON.parse(String(data))));
	webSocket.on("error", () => {});
	if (isPaused) webSocket.once("open", () => webSocket.pause());
	await once(webSocket, "open");
	return webSocket;
}

/** Opens a link to a node as it should be done, up to the first frame. */
export async function rawLink(identity: DeviceIdentity, port: number): Promise<RawLink> {
	const connection = await callNode(identity, port);
	sayFirst(connection, helloOf(identity));
	await answerTo(connection);
	const heard: unknown[] = [];
	const webSocket = await upgradeRaw(connection, (frame) => void heard.push(frame));
	return {
		deviceId: identity.deviceId,
		webSocket,
		connection,
		heard,
		say: (frame) => webSocket.send(JSON.stringify(frame)),
		[Symbol.dispose]: () => webSocket.terminate(),
	};
}
