import { randomBytes } from "node:crypto";
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
import { type Agreement, agree, begin, checkConfirmation, confirm } from "./agreement.ts";
import { boxOf, draw, exportedKey } from "./exchange.ts";
import {
	acceptedSchema,
	type Challenge,
	challengeSchema,
	type Hello,
	helloSchema,
	largeMessage,
	type Proof,
	proofSchema,
	refusedSchema,
	smallMessage,
} from "./messages.ts";
import { joinByCode, joinByToken, readToken } from "./pairing.ts";
import {
	call,
	openShower,
	otherThan,
	strangerNamed,
	type TestCall,
	type TestMachine,
	type TestShower,
} from "./testing.ts";
import { tokenIdOf } from "./tokens.ts";

beforeEach(forgetMachines);

/** Says hello as the typer does, and waits for the challenge. */
async function greet({ frames, connection }: TestCall, name: string, tokenId: string | null = null) {
	const { nonce, scalar } = draw();
	frames.write({ kind: "hello", name, nonce: toBase64Url(nonce), tokenId, canExport: true } satisfies Hello);
	const challenge = await frames.read(challengeSchema, smallMessage);
	if (!challenge.ok) throw new Error(challenge.error.message);
	return { challenge: challenge.value, nonce, scalar, exported: exportedKey(connection.socket) };
}

type Greeting = Awaited<ReturnType<typeof greet>>;

/** Calls, says hello and hears a challenge, as soon as the shower has noticed that the call before is over. */
async function callAgain(identity: DeviceIdentity, port: number, hello: Hello): Promise<TestCall> {
	for (;;) {
		const again = await call(identity, port);
		again.frames.write(hello);
		const said = await again.frames.read(z.union([challengeSchema, refusedSchema]), smallMessage);
		if (said.ok && said.value.kind === "challenge") return again;
		expect(said).toMatchObject({ ok: true, value: { reason: "busy" } });
		again[Symbol.dispose]();
	}
}

/** The right proof for a secret, as the typer makes it. */
function proofOf(
	typer: TestMachine,
	shower: TestShower,
	greeting: Greeting,
	secret: Uint8Array,
	method: "code" | "token" = "code",
) {
	const { challenge, nonce, scalar, exported } = greeting;
	const begun = begin({
		role: "typer",
		method,
		secret,
		shower: { deviceId: shower.identity.deviceId, name: challenge.name, nonce: fromBase64Url(challenge.nonce) },
		typer: { deviceId: typer.identity.deviceId, name: typer.name, nonce },
		exported,
		scalar,
	});
	const agreement = agree(begun, fromBase64Url(challenge.share));
	if (!agreement.ok) throw new Error("The shower's share is weak");
	const proof: Proof = {
		kind: "proof",
		share: toBase64Url(begun.share),
		confirmation: toBase64Url(confirm(agreement.value)),
	};
	return { proof, agreement: agreement.value };
}

const reasonOf = async ({ frames }: TestCall) => {
	const said = await frames.read(refusedSchema, smallMessage);
	return said.ok ? said.value.reason : said.error.kind;
};
const wrongCodes = ({ events }: TestShower) => events.filter(({ kind }) => kind === "wrong-code").length;

test("a proof that was right once is wrong in every other connection, even to who has the same key", async () => {
	await using desk = await openShower("desk");
	const rig = await strangerNamed("rig");
	const code = utf8(desk.show());
	let recorded: { readonly proof: Proof; readonly nonce: Uint8Array };
	{
		using first = await call(rig.identity, desk.port);
		const greeting = await greet(first, "rig");
		recorded = { proof: proofOf(rig, desk, greeting, code).proof, nonce: greeting.nonce };
	}
	using second = await callAgain(rig.identity, desk.port, {
		kind: "hello",
		name: "rig",
		nonce: toBase64Url(recorded.nonce),
		tokenId: null,
		canExport: true,
	});
	second.frames.write(recorded.proof);
	expect(await reasonOf(second)).toBe("wrong-code");
	expect(wrongCodes(desk)).toBe(1);
	expect(desk.membership.view().members.size).toBe(1);
});

test("what belongs later in the pairing is no hello", async () => {
	await using desk = await openShower("desk");
	const rig = await strangerNamed("rig");
	desk.show();
	for (const message of [{ kind: "members", box: "" }, { kind: "proof" }, { kind: "accepted" }, {}]) {
		using connection = await call(rig.identity, desk.port);
		connection.frames.write(message);
		expect(await reasonOf(connection)).toBe("closed");
	}
	expect(wrongCodes(desk)).toBe(0);
	expect(desk.pairing.isOpen()).toBe(true);
});

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

test("whatever is sent instead of a proof takes a try, and the third ends the code", async () => {
	const instead: ((greeting: Greeting, right: Proof) => object)[] = [
		// Its own share back, and the neutral element: shares that would give away the key.
		({ challenge }, right) => ({ ...right, share: challenge.share }),
		(_, right) => ({ ...right, share: toBase64Url(new Uint8Array(32)) }),
		(_, right) => ({ ...right, share: toBase64Url(new Uint8Array(32).fill(255)) }),
		(_, right) => ({ ...right, confirmation: toBase64Url(new Uint8Array(64)) }),
		(_, right) => ({ ...right, confirmation: right.confirmation.slice(1) }),
		() => ({ kind: "proof" }),
		() => ({ kind: "members", box: "" }),
		() => ({ kind: "proof", share: "x".repeat(2_000) }),
	];
	const rig = await strangerNamed("rig");
	for (const make of instead) {
		await using desk = await openShower("desk");
		const code = utf8(desk.show());
		for (let tries = 1; tries <= 3; tries += 1) {
			using connection = await call(rig.identity, desk.port);
			const greeting = await greet(connection, "rig");
			connection.frames.write(make(greeting, proofOf(rig, desk, greeting, code).proof));
			expect(await reasonOf(connection)).toBe("wrong-code");
			await expect.poll(() => wrongCodes(desk)).toBe(tries);
			await new Promise((resolve) => connection.connection.socket.resume().once("close", resolve));
		}
		expect(desk.events.at(-1)).toEqual({ kind: "code-over", end: "wrong-too-often" });
		expect(desk.membership.view().members.size).toBe(1);
	}
});

test("a right proof that comes too late is not even judged", async () => {
	let nowMs = 0;
	await using desk = await openShower("desk", { clock: { nowMs: () => 0, monotonicMs: () => nowMs } });
	const rig = await strangerNamed("rig");
	const code = utf8(desk.show());
	using connection = await call(rig.identity, desk.port);
	const { proof } = proofOf(rig, desk, await greet(connection, "rig"), code);
	nowMs = 120_000;
	connection.frames.write(proof);
	expect(await reasonOf(connection)).toBe("closed");
	expect(desk.membership.view().members.size).toBe(1);
	expect(desk.events).toEqual([{ kind: "code-over", end: "expired" }]);
});

test("a right proof for a code that was taken back does not count for the one shown since", async () => {
	await using desk = await openShower("desk");
	const rig = await strangerNamed("rig");
	const code = utf8(desk.show());
	using connection = await call(rig.identity, desk.port);
	const { proof } = proofOf(rig, desk, await greet(connection, "rig"), code);
	desk.pairing.hide();
	desk.show();
	connection.frames.write(proof);
	expect(await reasonOf(connection)).toBe("closed");
	expect(wrongCodes(desk)).toBe(0);
	expect(desk.membership.view().members.size).toBe(1);
});

test("a name that the typer did not say itself spoils the proof", async () => {
	await using desk = await openShower("desk");
	const rig = await strangerNamed("rig");
	const code = utf8(desk.show());
	using connection = await call(rig.identity, desk.port);
	connection.frames.write(proofOf(rig, desk, await greet(connection, "your own laptop"), code).proof);
	expect(await reasonOf(connection)).toBe("wrong-code");
});

test("a wrong proof for a token does not take the token from its owner", async () => {
	await using desk = await openShower("desk");
	const [rig, mallory] = [await strangerNamed("rig"), await strangerNamed("mallory")];
	const text = desk.pairing.invite({ host: LOOPBACK, port: desk.port }, 60_000);
	const token = readToken(text.ok ? text.value : "");
	if (!token.ok || !text.ok) throw new Error("No token was made");
	const tokenId = tokenIdOf(token.value.secret);
	for (let tries = 0; tries < 5; tries += 1) {
		using connection = await call(mallory.identity, desk.port);
		const greeting = await greet(connection, "mallory", tokenId);
		connection.frames.write(proofOf(mallory, desk, greeting, randomBytes(16), "token").proof);
		expect(await reasonOf(connection)).toBe("wrong-code");
		await new Promise((resolve) => connection.connection.socket.resume().once("close", resolve));
	}
	// The secret of a token is no code, and the other way round.
	{
		using connection = await call(mallory.identity, desk.port);
		const greeting = await greet(connection, "mallory", tokenId);
		connection.frames.write(proofOf(mallory, desk, greeting, token.value.secret, "code").proof);
		expect(await reasonOf(connection)).toBe("wrong-code");
		await new Promise((resolve) => connection.connection.socket.resume().once("close", resolve));
	}
	expect(await joinByToken(rig, text.value)).toMatchObject({ ok: true });
	expect(desk.membership.isMember(mallory.identity.deviceId)).toBe(false);
});

test("a new member that does not tell whom it knows, or tells it under no key, is one all the same and adds nobody", async () => {
	const rig = await strangerNamed("rig");
	const ghost = await strangerNamed("ghost");
	const forge: ((agreement: Agreement) => object | null)[] = [
		() => null,
		() => ({ kind: "members", box: toBase64Url(utf8("in the clear")) }),
		(agreement) => ({
			kind: "members",
			box: boxOf(
				{ ...agreement, role: "shower" },
				signAdmit(rig.identity, { spki: ghost.identity.spki, name: "ghost" }).record,
				[],
			),
		}),
	];
	for (const make of forge) {
		await using desk = await openShower("desk");
		const code = utf8(desk.show());
		using connection = await call(rig.identity, desk.port);
		const { proof, agreement } = proofOf(rig, desk, await greet(connection, "rig"), code);
		connection.frames.write(proof);
		const accepted = await connection.frames.read(acceptedSchema, largeMessage);
		if (!accepted.ok) throw new Error(accepted.error.message);
		expect(checkConfirmation(agreement, fromBase64Url(accepted.value.confirmation))).toBe(true);
		const last = make(agreement);
		if (last === null) connection.connection.socket.end();
		else connection.frames.write(last);
		await expect.poll(() => desk.events.map(({ kind }) => kind)).toEqual(["code-over", "paired"]);
		expect(desk.membership.isMember(ghost.identity.deviceId)).toBe(false);
		expect(desk.membership.isMember(rig.identity.deviceId)).toBe(true);
	}
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
	for (const guess of [otherThan(code), code]) {
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
			// With the right guess it has the key, but signs that somebody else belongs to it.
			const record = signAdmit(mallory.identity, { spki: mallory.identity.spki, name: "desk" }).record;
			frames.write({
				kind: "accepted",
				confirmation: toBase64Url(confirm(agreement.value)),
				box: boxOf(agreement.value, record, []),
			});
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

test("nothing that a stranger says is looked at where no code is shown", async () => {
	await using desk = await openShower("desk");
	const mallory = await strangerNamed("mallory");
	await expect(call(mallory.identity, desk.port)).rejects.toThrow("not ready");
	expect(desk.events).toEqual([]);
});

async function listening(server: ReturnType<typeof createTcpServer>): Promise<number> {
	await new Promise<void>((resolve) => server.listen(0, LOOPBACK, resolve));
	const address = server.address();
	return typeof address === "object" ? (address?.port ?? 0) : 0;
}
