import { randomBytes } from "node:crypto";
import { beforeEach, expect, test } from "vitest";
import { LOOPBACK } from "../door/testing.ts";
import { fromBase64Url, toBase64Url, utf8 } from "../identity/octets.ts";
import { forgetMachines } from "../identity/testing.ts";
import { signAdmit } from "../membership/membership.ts";
import { type Agreement, checkConfirmation } from "./agreement.ts";
import { boxOf } from "./exchange.ts";
import { callAgain, type Greeting, greet, proofOf, reasonOf, wrongCodes } from "./hostile-testing.ts";
import { acceptedSchema, largeMessage, type Proof } from "./messages.ts";
import { joinByToken, readToken } from "./pairing.ts";
import { call, openShower, strangerNamed } from "./testing.ts";
import { tokenIdOf } from "./tokens.ts";

beforeEach(forgetMachines);

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

test("nothing that a stranger says is looked at where no code is shown", async () => {
	await using desk = await openShower("desk");
	const mallory = await strangerNamed("mallory");
	await expect(call(mallory.identity, desk.port)).rejects.toThrow("not ready");
	expect(desk.events).toEqual([]);
});
