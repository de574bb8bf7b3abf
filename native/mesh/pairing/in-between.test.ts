import { connect as connectTcp, createServer as createTcpServer } from "node:net";
import { createServer, type TLSSocket } from "node:tls";
import { beforeEach, expect, test } from "vitest";
import { z } from "zod";
import { LOOPBACK } from "../door/testing.ts";
import { openFrames } from "../frames/frames.ts";
import { type DeviceIdentity, serverOptions } from "../identity/identity.ts";
import { fromBase64Url, toBase64Url, utf8 } from "../identity/octets.ts";
import { forgetMachines } from "../identity/testing.ts";
import { signAdmit } from "../membership/membership.ts";
import { agree, begin, confirm } from "./agreement.ts";
import { boxOf, draw, exportedKey } from "./exchange.ts";
import { listening, reasonOf } from "./hostile-testing.ts";
import {
	type Challenge,
	challengeSchema,
	helloSchema,
	largeMessage,
	proofSchema,
	refusedSchema,
	smallMessage,
} from "./messages.ts";
import { joinByCode } from "./pairing.ts";
import { call, openShower, otherThan, strangerNamed } from "./testing.ts";

beforeEach(forgetMachines);

test("somebody in between with a certificate of its own gets nothing, and the try is shown", async () => {
	await using desk = await openShower("desk");
	const [rig, mallory] = [await strangerNamed("rig"), await strangerNamed("mallory")];
	const heard: unknown[] = [];
	/** Passes on whatever is said, both ways. */
	const relay = createServer(
		serverOptions(mallory.identity, () => true),
		(inner) => {
			inner.on("error", () => {});
			void (async () => {
				using outer = await call(mallory.identity, desk.port);
				const inside = openFrames(inner);
				for (let turn = 0; turn < 6; turn += 1) {
					const [from, to] = turn % 2 === 0 ? [inside, outer.frames] : [outer.frames, inside];
					const said = await from.read(z.looseObject({ kind: z.string() }), largeMessage);
					if (!said.ok) break;
					heard.push(said.value.kind);
					to.write(said.value);
				}
				inner.end();
			})();
		},
	);
	const port = await listening(relay);
	const code = desk.show();
	expect(await joinByCode(rig, { host: LOOPBACK, port, code })).toMatchObject({
		ok: false,
		error: { kind: "refused", reason: "wrong-code" },
	});
	expect(heard).toEqual(["hello", "challenge", "proof", "refused"]);
	expect(desk.events).toEqual([{ kind: "wrong-code", triesLeft: 2 }]);
	for (const machine of [desk, rig, mallory]) expect(machine.membership.view().members.size).toBe(1);
	relay.close();
});

test("somebody in between is noticed by the certificates alone, where no key can be exported", async () => {
	await using desk = await openShower("desk");
	const [rig, mallory] = [await strangerNamed("rig"), await strangerNamed("mallory")];
	const relay = createServer(
		serverOptions(mallory.identity, () => true),
		(inner) => {
			inner.on("error", () => {});
			void (async () => {
				using outer = await call(mallory.identity, desk.port);
				const inside = openFrames(inner);
				const hello = await inside.read(helloSchema, smallMessage);
				// Tells each that the other can't.
				outer.frames.write({ ...(hello.ok ? hello.value : {}), canExport: false });
				const challenge = await outer.frames.read(challengeSchema, smallMessage);
				inside.write({ ...(challenge.ok ? challenge.value : {}), canExport: false });
				const proof = await inside.read(proofSchema, smallMessage);
				outer.frames.write(proof.ok ? proof.value : {});
				inside.write({ kind: "refused", reason: await reasonOf(outer) });
				inner.end();
			})();
		},
	);
	const port = await listening(relay);
	expect(await joinByCode(rig, { host: LOOPBACK, port, code: desk.show() })).toMatchObject({
		ok: false,
		error: { kind: "refused", reason: "wrong-code" },
	});
	for (const machine of [desk, rig, mallory]) expect(machine.membership.view().members.size).toBe(1);
	relay.close();
});

test("a network that only passes packets on is no harm", async () => {
	await using desk = await openShower("desk");
	const rig = await strangerNamed("rig");
	const wire = createTcpServer((inner) => {
		const outer = connectTcp({ host: LOOPBACK, port: desk.port });
		inner
			.on("error", () => {})
			.pipe(outer.on("error", () => {}))
			.pipe(inner);
	});
	const port = await listening(wire);
	expect(await joinByCode(rig, { host: LOOPBACK, port, code: desk.show() })).toMatchObject({ ok: true });
	wire.close();
});

/** Listens as a machine that shows a code, and says what the test likes. */
async function impostor(identity: DeviceIdentity, play: (socket: TLSSocket) => Promise<void>) {
	const server = createServer(
		serverOptions(identity, () => true),
		(socket) => {
			socket.on("error", () => {});
			void play(socket).finally(() => socket.end());
		},
	);
	return { port: await listening(server), [Symbol.dispose]: () => void server.close() };
}

test("who only pretends to show the code is not believed", async () => {
	const [rig, mallory] = [await strangerNamed("rig"), await strangerNamed("mallory")];
	const code = "12345678";
	const plays = [
		{ guess: otherThan(code), isAdmitted: true, isConfirmed: true },
		// With the right guess it has the key. It must still confirm, and sign that the one who joins belongs to it.
		{ guess: code, isAdmitted: false, isConfirmed: true },
		{ guess: code, isAdmitted: true, isConfirmed: false },
	];
	for (const { guess, isAdmitted, isConfirmed } of plays) {
		using fake = await impostor(mallory.identity, async (socket) => {
			const frames = openFrames(socket);
			const hello = await frames.read(helloSchema, smallMessage);
			if (!hello.ok) return;
			const { nonce, scalar } = draw();
			const begun = begin({
				role: "shower",
				method: "code",
				secret: utf8(guess),
				shower: { deviceId: mallory.identity.deviceId, name: "desk", nonce },
				typer: { deviceId: rig.identity.deviceId, name: "rig", nonce: fromBase64Url(hello.value.nonce) },
				exported: exportedKey(socket),
				scalar,
			});
			const challenge: Challenge = {
				kind: "challenge",
				name: "desk",
				nonce: toBase64Url(nonce),
				canExport: true,
				share: toBase64Url(begun.share),
			};
			frames.write(challenge);
			const proof = await frames.read(proofSchema, smallMessage);
			if (!proof.ok) return;
			const agreement = agree(begun, fromBase64Url(proof.value.share));
			if (!agreement.ok) return;
			const { spki } = isAdmitted ? rig.identity : mallory.identity;
			const box = boxOf(agreement.value, signAdmit(mallory.identity, { spki, name: "x" }).record, []);
			const confirmation = isConfirmed ? confirm(agreement.value) : new Uint8Array(64);
			frames.write({ kind: "accepted", confirmation: toBase64Url(confirmation), box });
			await frames.read(refusedSchema, smallMessage);
		});
		expect(await joinByCode(rig, { host: LOOPBACK, port: fake.port, code })).toMatchObject({
			ok: false,
			error: { kind: "not-trusted" },
		});
		expect(rig.store.kept).toEqual([]);
	}
});

test("a shower that says nonsense, or nothing, or too much, is told apart and believed nothing", async () => {
	const [rig, mallory] = [await strangerNamed("rig"), await strangerNamed("mallory")];
	const plays: readonly (readonly [string, (socket: TLSSocket) => Promise<void>])[] = [
		["closed", async () => {}],
		["malformed", async (socket) => void openFrames(socket).write({ kind: "accepted" })],
		["too-large", async (socket) => void openFrames(socket).write({ kind: "challenge", name: "x".repeat(5_000) })],
		["cut-off", async (socket) => void socket.write(Uint8Array.of(0, 0, 0, 9, 1))],
		[
			"not-trusted",
			async (socket) => {
				const share = toBase64Url(new Uint8Array(32));
				openFrames(socket).write({
					kind: "challenge",
					name: "desk",
					nonce: toBase64Url(new Uint8Array(16)),
					canExport: false,
					share,
				});
			},
		],
	];
	for (const [kind, play] of plays) {
		using fake = await impostor(mallory.identity, play);
		const joined = await joinByCode(rig, { host: LOOPBACK, port: fake.port, code: "12345678" });
		expect(joined).toMatchObject({ ok: false, error: { kind } });
	}
	expect(rig.store.kept).toEqual([]);
});
