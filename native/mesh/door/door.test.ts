import { connect as connectTcp, createServer as createTcpServer, type Server, type Socket } from "node:net";
import { type ConnectionOptions, connect, createServer, type TLSSocket } from "node:tls";
import { beforeEach, expect, test, vi } from "vitest";
import { silentLog } from "../../base/base.ts";
import {
	clientOptions,
	type DeviceIdentity,
	MEMBER_PROTOCOL,
	PAIRING_PROTOCOL,
	peerOf,
	serverOptions,
} from "../identity/identity.ts";
import { FOREIGN_KEYS, foreignCredentials, forgetMachines, testMachine } from "../identity/testing.ts";
import { createConnections, createDoor, createTurnstile, dial } from "./door.ts";
import { LOOPBACK, openDoor, type TestDoor } from "./testing.ts";

beforeEach(forgetMachines);

/** Calls a door with options of the caller's own, says something at once, and tells what came back before the end. */
async function intrude(port: number, options: ConnectionOptions): Promise<string> {
	const socket = connect({ rejectUnauthorized: false, servername: "", ...options, host: LOOPBACK, port });
	socket.on("error", () => {});
	socket.once("secureConnect", () => socket.write("let me in"));
	return heardUntilEnd(socket);
}

function heardUntilEnd(socket: Socket): Promise<string> {
	let heard = "";
	socket.on("data", (chunk) => {
		heard += chunk;
	});
	return new Promise((resolve) => socket.once("close", () => resolve(heard)));
}

async function listening(server: Server): Promise<number> {
	await new Promise<void>((resolve) => server.listen(0, LOOPBACK, resolve));
	const address = server.address();
	return typeof address === "object" ? (address?.port ?? 0) : 0;
}

const member = (door: TestDoor, identity: DeviceIdentity) =>
	dial(identity, { host: LOOPBACK, port: door.port, protocol: MEMBER_PROTOCOL, deviceId: null });

test("members meet, and each knows who the other is before a byte is said", async () => {
	const [here, there] = [await testMachine(), await testMachine()];
	await using door = await openDoor(here);
	door.members.add(there.deviceId);
	const called = await dial(there, {
		host: LOOPBACK,
		port: door.port,
		protocol: MEMBER_PROTOCOL,
		deviceId: here.deviceId,
	});
	if (!called.ok) throw new Error(called.error.message);
	expect(called.value.peer).toMatchObject({ deviceId: here.deviceId, spki: here.spki, protocol: MEMBER_PROTOCOL });
	await expect.poll(() => door.arrived.map(({ peer }) => peer.deviceId)).toEqual([there.deviceId]);
	const [arrived] = door.arrived;
	arrived?.socket.write("welcome");
	const [greeting] = await new Promise<unknown[]>((resolve) =>
		called.value.socket.once("data", (...said) => resolve(said)),
	);
	expect(String(greeting)).toBe("welcome");
});

test("a stranger is closed on without a byte being read from it or said to it", async () => {
	const [here, stranger] = [await testMachine(), await testMachine()];
	await using door = await openDoor(here);
	expect(await intrude(door.port, clientOptions(stranger, MEMBER_PROTOCOL))).toBe("");
	expect([door.arrived, door.pairing]).toEqual([[], []]);
	expect(door.connections.count(stranger.deviceId)).toBe(0);
});

test("who shows no certificate, another kind of key, an old TLS or no protocol is closed on", async () => {
	const [here, there] = [await testMachine(), await testMachine()];
	await using door = await openDoor(here, { limits: { knocks: 100 } });
	door.members.add(there.deviceId);
	door.isPairing = true;
	const intruders: ConnectionOptions[] = [
		{ ALPNProtocols: [MEMBER_PROTOCOL] },
		{ ALPNProtocols: [PAIRING_PROTOCOL] },
		{ ...clientOptions(there, MEMBER_PROTOCOL), minVersion: "TLSv1.2", maxVersion: "TLSv1.2" },
		{ ...clientOptions(there, MEMBER_PROTOCOL), ALPNProtocols: ["h2", "http/1.1"] },
		{ ...clientOptions(there, MEMBER_PROTOCOL), ALPNProtocols: [] },
	];
	for (const kind of FOREIGN_KEYS) {
		const { key, certificate } = await foreignCredentials(kind);
		intruders.push({ key, cert: certificate, ALPNProtocols: [PAIRING_PROTOCOL] });
	}
	for (const options of intruders) expect(await intrude(door.port, options)).toBe("");
	expect([door.arrived, door.pairing]).toEqual([[], []]);
	expect(await intrude(door.port, { ALPNProtocols: [] })).toBe("");
	expect((await member(door, there)).ok).toBe(true);
});

test("a stranger that turns out to be a member may come as often as it likes, and waits no longer than the door stands open", async () => {
	const [here, there] = [await testMachine(), await testMachine()];
	let isWaiting = false;
	await using door = await openDoor(here, {
		async onStranger(connection) {
			if (!isWaiting) {
				connection.socket.resume();
				return true;
			}
			await new Promise((resolve) => connection.socket.once("close", resolve));
			return false;
		},
	});
	for (let times = 0; times < 15; times += 1) expect((await member(door, there)).ok).toBe(true);
	isWaiting = true;
	const last = await member(door, there);
	if (!last.ok) throw new Error(last.error.message);
	const heard = heardUntilEnd(last.value.socket);
	await door.door.close();
	expect(await heard).toBe("");
});

test("a copy of this machine's own key is not let in", async () => {
	const here = await testMachine();
	await using door = await openDoor(here);
	door.members.add(here.deviceId);
	expect(await intrude(door.port, clientOptions(here, MEMBER_PROTOCOL))).toBe("");
	expect(door.arrived).toEqual([]);
	expect(await member(door, here)).toMatchObject({ ok: false, error: { kind: "own-machine" } });
});

test("strangers get past the handshake only while the owner pairs", async () => {
	const [here, stranger] = [await testMachine(), await testMachine()];
	await using door = await openDoor(here);
	const target = { host: LOOPBACK, port: door.port, protocol: PAIRING_PROTOCOL, deviceId: null } as const;
	expect(await dial(stranger, target)).toMatchObject({ ok: false, error: { kind: "not-spoken" } });
	door.isPairing = true;
	expect(await dial(stranger, target)).toMatchObject({ ok: true });
	await expect.poll(() => door.pairing.map(({ peer }) => peer.deviceId)).toEqual([stranger.deviceId]);
	expect(door.arrived).toEqual([]);
});

test("nothing is said to a machine that is not the one that was meant", async () => {
	const [other, caller, meant] = [await testMachine(), await testMachine(), await testMachine()];
	const heard: Promise<string>[] = [];
	const server = createServer(
		serverOptions(other, () => false),
		(socket) => {
			heard.push(heardUntilEnd(socket.on("error", () => {})));
		},
	);
	const port = await listening(server);
	const target = { host: LOOPBACK, port, protocol: MEMBER_PROTOCOL, deviceId: meant.deviceId } as const;
	expect(await dial(caller, target)).toMatchObject({ ok: false, error: { kind: "other-machine" } });
	await new Promise((resolve) => server.close(resolve));
	expect((await Promise.all(heard)).join("")).toBe("");
});

test("a machine that is removed has no connection open from that moment, and gets none", async () => {
	const [here, there, other] = [await testMachine(), await testMachine(), await testMachine()];
	await using door = await openDoor(here);
	door.members.add(there.deviceId).add(other.deviceId);
	const calls = await Promise.all([member(door, there), member(door, there), member(door, other)]);
	const sockets = calls.map((call) => {
		if (!call.ok) throw new Error(call.error.message);
		call.value.socket.resume();
		return call.value.socket;
	});
	await expect.poll(() => door.arrived.length).toBe(3);
	expect(door.connections.count(there.deviceId)).toBe(2);
	door.members.delete(there.deviceId);
	door.connections.drop(there.deviceId);
	const theirs = door.arrived.filter(({ peer }) => peer.deviceId === there.deviceId);
	expect(theirs.map(({ socket }) => socket.destroyed)).toEqual([true, true]);
	expect(door.connections.count(there.deviceId)).toBe(0);
	await expect.poll(() => sockets.map((socket) => socket.destroyed)).toEqual([true, true, false]);
	expect(await intrude(door.port, clientOptions(there, MEMBER_PROTOCOL))).toBe("");
	expect(door.arrived).toHaveLength(3);
	expect(door.connections.count(other.deviceId)).toBe(1);
});

test("a connection that closes is off the list", async () => {
	const [here, there] = [await testMachine(), await testMachine()];
	await using door = await openDoor(here);
	door.members.add(there.deviceId);
	const call = await member(door, there);
	if (!call.ok) throw new Error(call.error.message);
	await expect.poll(() => door.connections.count(there.deviceId)).toBe(1);
	call.value.socket.destroy();
	for (const { socket } of door.arrived) socket.resume();
	await expect.poll(() => door.connections.count(there.deviceId)).toBe(0);
});

/** The session that a server offers for resuming; null where it offers none before it says something. */
function sessionOf(socket: TLSSocket): Promise<Buffer | null> {
	return new Promise((resolve) => {
		socket.once("session", resolve);
		socket.once("data", () => setImmediate(() => resolve(null)));
	});
}

test("no connection is resumed: each one shows its certificate", async () => {
	const [here, there] = [await testMachine(), await testMachine()];
	const server = createServer(
		serverOptions(here, () => false),
		(socket) => socket.on("error", () => {}).write("welcome"),
	);
	const port = await listening(server);
	const options = { ...clientOptions(there, MEMBER_PROTOCOL), host: LOOPBACK, port, servername: "" };
	const first = connect(options);
	const session = await sessionOf(first);
	const second = connect(session === null ? options : { ...options, session });
	await new Promise((resolve) => second.once("data", resolve));
	expect(second.isSessionReused()).toBe(false);
	expect(peerOf(second)).toMatchObject({ ok: true, value: { deviceId: here.deviceId } });
	for (const socket of [first, second]) socket.destroy();
	server.close();
});

test("a connection that was resumed all the same is refused", async () => {
	const [here, there] = [await testMachine(), await testMachine()];
	const judged: unknown[] = [];
	const server = createServer({ ...serverOptions(here, () => false), secureOptions: 0 }, (socket) => {
		judged.push(peerOf(socket));
		socket.on("error", () => {}).write("welcome");
	});
	const port = await listening(server);
	const options = { ...clientOptions(there, MEMBER_PROTOCOL), host: LOOPBACK, port, servername: "" };
	const first = connect({ ...options, secureOptions: 0 });
	const session = await sessionOf(first);
	if (session === null) throw new Error("This test needs a server that offers to resume");
	const second = connect({ ...options, session, secureOptions: 0 });
	await new Promise((resolve) => second.once("data", resolve));
	const refusal = { ok: false, error: { kind: "resumed" } };
	expect(judged).toMatchObject([{ ok: true }, refusal]);
	expect(peerOf(second)).toMatchObject(refusal);
	for (const socket of [first, second]) socket.destroy();
	server.close();
});

test("who opens a connection and says nothing, or nonsense, is closed on in time", async () => {
	const here = await testMachine();
	await using door = await openDoor(here, { handshakeMs: 100 });
	for (const said of ["", "GET / HTTP/1.1\r\nhost: x\r\n\r\n", "\x16\x03\x01"]) {
		const socket = connectTcp({ host: LOOPBACK, port: door.port });
		socket.on("error", () => {});
		socket.write(said);
		await heardUntilEnd(socket);
	}
	expect([door.arrived, door.pairing]).toEqual([[], []]);
});

test("an address that knocks too often is turned away before the handshake, and members may come as often as they like", async () => {
	const [here, there, stranger] = [await testMachine(), await testMachine(), await testMachine()];
	let nowMs = 0;
	const clock = { nowMs: () => 0, monotonicMs: () => nowMs };
	await using door = await openDoor(here, { clock });
	door.members.add(there.deviceId);
	for (let times = 0; times < 15; times += 1) expect((await member(door, there)).ok).toBe(true);
	await expect.poll(() => door.arrived.length).toBe(15);
	for (let times = 0; times < 10; times += 1) await intrude(door.port, clientOptions(stranger, MEMBER_PROTOCOL));
	expect(await member(door, there)).toMatchObject({ ok: false, error: { kind: "unreachable" } });
	nowMs = 60_001;
	expect((await member(door, there)).ok).toBe(true);
});

test("calls that go nowhere are told apart", async () => {
	const here = await testMachine();
	const silent = createTcpServer((socket) => void socket.on("error", () => {}).resume());
	const port = await listening(silent);
	const target = { host: LOOPBACK, port, protocol: MEMBER_PROTOCOL, deviceId: null, withinMs: 50 } as const;
	expect(await dial(here, target)).toMatchObject({ ok: false, error: { kind: "too-slow" } });
	await new Promise((resolve) => silent.close(resolve));
	expect(await dial(here, { ...target, withinMs: 5_000 })).toMatchObject({ ok: false, error: { kind: "unreachable" } });
});

test("a port that is taken is told of", async () => {
	const here = await testMachine();
	await using first = await openDoor(here);
	const second = createDoor({
		identity: here,
		connections: createConnections(() => false),
		turnstile: createTurnstile({ nowMs: () => 0, monotonicMs: () => 0 }),
		log: silentLog,
		isPairing: () => false,
		onMember: vi.fn(),
		onStranger: vi.fn(),
		onPairing: vi.fn(),
	});
	expect(await second.listen({ port: first.port, host: LOOPBACK })).toMatchObject({
		ok: false,
		error: { kind: "port-taken" },
	});
});
