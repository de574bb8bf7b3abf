import { TLSSocket } from "node:tls";
import { inspect } from "node:util";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { Log } from "../../base/base.ts";
import { dial } from "../door/door.ts";
import { LOOPBACK } from "../door/testing.ts";
import { MEMBER_PROTOCOL, PAIRING_PROTOCOL } from "../identity/identity.ts";
import { toBase64Url } from "../identity/octets.ts";
import { forgetMachines } from "../identity/testing.ts";
import { challengeSchema, type Hello, refusedSchema, smallMessage } from "./messages.ts";
import { joinByCode, joinByToken, readToken, showCode, writeToken } from "./pairing.ts";
import { call, openShower, otherThan, strangerNamed, type TestMachine, type TestShower } from "./testing.ts";

beforeEach(forgetMachines);
afterEach(() => void vi.restoreAllMocks());

const type = (typer: TestMachine, shower: TestShower, code: string) =>
	joinByCode(typer, { host: LOOPBACK, port: shower.port, code });
const names = ({ membership }: TestMachine) => [...membership.view().members.values()].map(({ name }) => name).sort();
const hello: Hello = {
	kind: "hello",
	name: "somebody",
	nonce: toBase64Url(new Uint8Array(16)),
	tokenId: null,
	canExport: true,
};
const refusal = (reason: string) => ({ ok: false, error: { kind: "refused", reason } });

test("a typed code makes both machines members of one mesh, and is worth nothing after", async () => {
	await using desk = await openShower("desk");
	const rig = await strangerNamed("rig");
	const code = desk.show();
	expect(await type(rig, desk, showCode(code))).toMatchObject({
		ok: true,
		value: { name: "desk", deviceId: desk.identity.deviceId },
	});
	await expect.poll(() => desk.events.map(({ kind }) => kind)).toEqual(["code-over", "paired"]);
	expect(desk.events).toMatchObject([{ end: "paired" }, { member: { name: "rig", deviceId: rig.identity.deviceId } }]);
	for (const machine of [desk, rig]) expect(names(machine)).toEqual(["desk", "rig"]);
	expect(desk.store.kept).toHaveLength(2);
	expect(rig.store.kept).toHaveLength(2);
	expect(desk.pairing.isOpen()).toBe(false);
	const third = await strangerNamed("third");
	expect(await type(third, desk, code)).toMatchObject({ ok: false, error: { kind: "not-spoken" } });
	const member = {
		host: LOOPBACK,
		port: desk.port,
		protocol: MEMBER_PROTOCOL,
		deviceId: desk.identity.deviceId,
	} as const;
	expect(await dial(rig.identity, member)).toMatchObject({ ok: true });
});

test("who joins learns of all members, and brings those it knew", async () => {
	await using desk = await openShower("desk");
	const [rig, attic] = [await strangerNamed("rig"), await strangerNamed("attic")];
	await using cellar = await openShower("cellar");
	expect((await type(attic, cellar, cellar.show())).ok).toBe(true);
	expect((await type(rig, desk, desk.show())).ok).toBe(true);
	expect((await type(cellar, desk, desk.show())).ok).toBe(true);
	await expect.poll(() => names(desk)).toEqual(["attic", "cellar", "desk", "rig"]);
	expect(names(cellar)).toEqual(["attic", "cellar", "desk", "rig"]);
});

test("a wrong code is shown to the owner, and the right one still works", async () => {
	await using desk = await openShower("desk");
	const rig = await strangerNamed("rig");
	const code = desk.show();
	expect(await type(rig, desk, otherThan(code))).toMatchObject(refusal("wrong-code"));
	expect(desk.events).toEqual([{ kind: "wrong-code", triesLeft: 2 }]);
	expect([names(desk), names(rig)]).toEqual([["desk"], ["rig"]]);
	expect([desk.store.kept, rig.store.kept]).toEqual([[], []]);
	expect((await type(rig, desk, code)).ok).toBe(true);
});

test("after three wrong codes the right one is worth nothing", async () => {
	await using desk = await openShower("desk");
	const rig = await strangerNamed("rig");
	const code = desk.show();
	for (let tries = 0; tries < 3; tries += 1) {
		expect(await type(rig, desk, otherThan(code))).toMatchObject(refusal("wrong-code"));
	}
	expect(desk.events).toEqual([
		{ kind: "wrong-code", triesLeft: 2 },
		{ kind: "wrong-code", triesLeft: 1 },
		{ kind: "wrong-code", triesLeft: 0 },
		{ kind: "code-over", end: "wrong-too-often" },
	]);
	expect(await type(rig, desk, code)).toMatchObject({ ok: false, error: { kind: "not-spoken" } });
	// Even where strangers still get to the door, for a token is out.
	desk.pairing.invite({ host: LOOPBACK, port: desk.port }, 60_000);
	expect(await type(rig, desk, code)).toMatchObject(refusal("closed"));
	expect(names(desk)).toEqual(["desk"]);
});

test("a code is worth nothing after its time, even for who has begun before", async () => {
	let nowMs = 0;
	await using desk = await openShower("desk", { clock: { nowMs: () => 0, monotonicMs: () => nowMs } });
	const rig = await strangerNamed("rig");
	const code = desk.show();
	nowMs = 119_999;
	expect(await type(rig, desk, otherThan(code))).toMatchObject(refusal("wrong-code"));
	desk.pairing.invite({ host: LOOPBACK, port: desk.port }, 1_000_000);
	const offered = vi.spyOn(desk.membership, "admit");
	const joining = type(rig, desk, code);
	nowMs = 120_000;
	expect(await joining).toMatchObject({
		ok: false,
		error: { kind: "refused", reason: expect.stringMatching(/closed|expired/) },
	});
	expect(await type(rig, desk, code)).toMatchObject(refusal("expired"));
	expect(offered).not.toHaveBeenCalled();
	expect(desk.events.at(-1)).toEqual({ kind: "code-over", end: "expired" });
});

test("the owner is told when a code's time is up, and when it was taken back", async () => {
	await using desk = await openShower("desk", { limits: { lifetimeMs: 20 } });
	desk.show();
	await expect.poll(() => desk.events).toEqual([{ kind: "code-over", end: "expired" }]);
	desk.show();
	desk.pairing.hide();
	desk.pairing.hide();
	expect(desk.events.slice(1)).toEqual([{ kind: "code-over", end: "closed" }]);
	expect(desk.pairing.isOpen()).toBe(false);
});

test("one code is shown at a time", async () => {
	await using desk = await openShower("desk");
	const code = desk.show();
	expect(code).toMatch(/^\d{8}$/);
	expect(desk.pairing.show()).toMatchObject({ ok: false, error: { kind: "already-shown" } });
	desk.pairing.hide();
	expect(desk.pairing.show()).toMatchObject({ ok: true });
});

test("one machine pairs at a time, and one that breaks off makes room and takes no try", async () => {
	await using desk = await openShower("desk");
	const [rig, slow] = [await strangerNamed("rig"), await strangerNamed("slow")];
	const code = desk.show();
	for (let times = 0; times < 5; times += 1) {
		using first = await call(slow.identity, desk.port);
		first.frames.write(hello);
		await expect.poll(() => first.connection.socket.readableLength).toBeGreaterThan(0);
		expect(await type(rig, desk, code)).toMatchObject(refusal("busy"));
	}
	await expect.poll(async () => (await type(rig, desk, code)).ok).toBe(true);
	expect(desk.events.map(({ kind }) => kind)).not.toContain("wrong-code");
});

test("without keys exported from the connection, as some TLS libraries have it, machines pair all the same", async () => {
	for (const times of [1, Number.POSITIVE_INFINITY]) {
		await using desk = await openShower("desk");
		const rig = await strangerNamed("rig");
		let failures = 0;
		const original = TLSSocket.prototype.exportKeyingMaterial;
		vi.spyOn(TLSSocket.prototype, "exportKeyingMaterial").mockImplementation(function (this: TLSSocket, ...asked) {
			failures += 1;
			if (failures <= times) throw new TypeError("not implemented");
			return original.apply(this, asked);
		});
		expect((await type(rig, desk, desk.show())).ok).toBe(true);
		vi.restoreAllMocks();
		expect(failures).toBe(2);
	}
});

test("a machine that was removed does not come back by pairing, from either side", async () => {
	await using desk = await openShower("desk");
	const rig = await strangerNamed("rig");
	expect((await type(rig, desk, desk.show())).ok).toBe(true);
	await desk.membership.revoke(rig.identity.deviceId);
	expect(await type(rig, desk, desk.show())).toMatchObject(refusal("removed"));
	const other = await strangerNamed("other");
	desk.pairing.hide();
	expect((await type(other, desk, desk.show())).ok).toBe(true);
	await other.membership.revoke(desk.identity.deviceId);
	expect(await type(other, desk, desk.show())).toMatchObject({ ok: false, error: { kind: "removed" } });
	expect(other.membership.isMember(desk.identity.deviceId)).toBe(false);
});

test("what can't be stored is no membership, and each side is told", async () => {
	await using desk = await openShower("desk");
	const rig = await strangerNamed("rig");
	desk.store.failure = "The disk is full.";
	expect(await type(rig, desk, desk.show())).toMatchObject(refusal("failed"));
	expect([names(desk), names(rig)]).toEqual([["desk"], ["rig"]]);
	desk.store.failure = null;
	rig.store.failure = "The disk is full.";
	const code = desk.show();
	expect(await type(rig, desk, code)).toMatchObject({ ok: false, error: { kind: "not-stored" } });
	expect(names(rig)).toEqual(["rig"]);
	rig.store.failure = null;
	expect((await type(rig, desk, desk.show())).ok).toBe(true);
	expect(names(rig)).toEqual(["desk", "rig"]);
});

test("a token lets one machine in, without anybody typing", async () => {
	await using desk = await openShower("desk");
	const [rig, other] = [await strangerNamed("rig"), await strangerNamed("other")];
	const token = desk.pairing.invite({ host: LOOPBACK, port: desk.port }, 60_000);
	if (!token.ok) throw new Error(token.error.message);
	expect(await joinByToken(rig, ` ${token.value}\n`)).toMatchObject({ ok: true, value: { name: "desk" } });
	await expect.poll(() => names(desk)).toEqual(["desk", "rig"]);
	expect(await joinByToken(other, token.value)).toMatchObject({ ok: false, error: { kind: "not-spoken" } });
	desk.show();
	expect(await joinByToken(other, token.value)).toMatchObject(refusal("no-such-token"));
	expect(names(other)).toEqual(["other"]);
});

test("a token is worth nothing after its time, and there are only so many", async () => {
	let nowMs = 0;
	await using desk = await openShower("desk", { clock: { nowMs: () => 0, monotonicMs: () => nowMs } });
	const rig = await strangerNamed("rig");
	const invite = () => desk.pairing.invite({ host: LOOPBACK, port: desk.port }, 1_000);
	const made = Array.from({ length: 33 }, invite);
	expect(made.map(({ ok }) => ok)).toEqual([...Array(32).fill(true), false]);
	const [first] = made;
	nowMs = 1_000;
	expect(desk.pairing.isOpen()).toBe(false);
	expect(invite().ok).toBe(true);
	expect(await joinByToken(rig, first?.ok ? first.value : "")).toMatchObject(refusal("no-such-token"));
});

test("a token speaks to the machine that made it and no other", async () => {
	await using desk = await openShower("desk");
	await using other = await openShower("other");
	const rig = await strangerNamed("rig");
	const made = desk.pairing.invite({ host: LOOPBACK, port: other.port }, 60_000);
	other.show();
	expect(await joinByToken(rig, made.ok ? made.value : "")).toMatchObject({
		ok: false,
		error: { kind: "other-machine" },
	});
	const token = readToken(made.ok ? made.value : "");
	if (!token.ok) throw new Error(token.error.message);
	const forged = writeToken({ ...token.value, port: desk.port, secret: new Uint8Array(16) });
	expect(await joinByToken(rig, forged)).toMatchObject(refusal("no-such-token"));
	for (const text of ["", "mesh1:", forged.slice(0, -1), "12345678"]) {
		expect(await joinByToken(rig, text)).toMatchObject({ ok: false, error: { kind: "not-a-token" } });
	}
	expect(await type(rig, desk, "1234567")).toMatchObject({ ok: false, error: { kind: "not-a-code" } });
});

test("neither codes nor tokens get into the log, an answer or an event", async () => {
	const lines: string[] = [];
	const keep = (fields: object, message: string) => void lines.push(inspect({ fields, message }, { depth: 9 }));
	const log: Log = { debug: keep, info: keep, warn: keep, error: keep };
	await using desk = await openShower("desk", { log });
	const [rig, other] = [await strangerNamed("rig"), await strangerNamed("other")];
	const code = desk.show();
	const token = desk.pairing.invite({ host: LOOPBACK, port: desk.port }, 60_000);
	if (!token.ok) throw new Error(token.error.message);
	const answers = [
		await type(rig, desk, otherThan(code)),
		await type(rig, desk, code),
		await joinByToken(other, token.value),
		await joinByToken(other, token.value),
		await type(other, desk, code),
	];
	await expect.poll(() => names(desk)).toEqual(["desk", "other", "rig"]);
	expect(lines.length).toBeGreaterThan(2);
	const said = lines.join() + inspect([answers, desk.events, desk.pairing], { depth: 9, showHidden: true });
	for (const secret of [code, showCode(code), otherThan(code), token.value.split(":").at(-1) ?? code]) {
		expect(said).not.toContain(secret);
	}
});

test("stopping breaks off who is just pairing", async () => {
	await using desk = await openShower("desk");
	const rig = await strangerNamed("rig");
	desk.show();
	using stranger = await call(rig.identity, desk.port);
	stranger.frames.write(hello);
	expect((await stranger.frames.read(challengeSchema, smallMessage)).ok).toBe(true);
	desk.pairing.stop();
	expect(await stranger.frames.read(refusedSchema, smallMessage)).toMatchObject({
		ok: false,
		error: { kind: "closed" },
	});
	expect(desk.pairing.isOpen()).toBe(false);
	const target = { host: LOOPBACK, port: desk.port, protocol: PAIRING_PROTOCOL, deviceId: null } as const;
	expect(await dial(rig.identity, target)).toMatchObject({ ok: false, error: { kind: "not-spoken" } });
});

test("who came through the door just before the code was over is not listened to", async () => {
	await using desk = await openShower("desk");
	const rig = await strangerNamed("rig");
	desk.show();
	vi.spyOn(desk.pairing, "receive").mockImplementation(async () => {});
	using stranger = await call(rig.identity, desk.port);
	await expect.poll(() => vi.mocked(desk.pairing.receive).mock.calls.length).toBe(1);
	const [arrived] = vi.mocked(desk.pairing.receive).mock.calls[0] ?? [];
	vi.restoreAllMocks();
	desk.pairing.hide();
	stranger.frames.write(hello);
	if (arrived !== undefined) await desk.pairing.receive(arrived);
	expect(await stranger.frames.read(refusedSchema, smallMessage)).toEqual({
		ok: true,
		value: { kind: "refused", reason: "closed" },
	});
});
