/** Helpers for tests of pairing with those who mean no good. Must never be imported by the product. */
import type { Server } from "node:net";
import { z } from "zod";
import { LOOPBACK } from "../door/testing.ts";
import type { DeviceIdentity } from "../identity/identity.ts";
import { fromBase64Url, toBase64Url } from "../identity/octets.ts";
import { agree, begin, confirm } from "./agreement.ts";
import { draw, exportedKey } from "./exchange.ts";
import { challengeSchema, type Hello, type Proof, refusedSchema, smallMessage } from "./messages.ts";
import { call, type TestCall, type TestMachine, type TestShower } from "./testing.ts";

/** Says hello as the typer does, and waits for the challenge. */
export async function greet({ frames, connection }: TestCall, name: string, tokenId: string | null = null) {
	const { nonce, scalar } = draw();
	frames.write({ kind: "hello", name, nonce: toBase64Url(nonce), tokenId, canExport: true } satisfies Hello);
	const challenge = await frames.read(challengeSchema, smallMessage);
	if (!challenge.ok) throw new Error(challenge.error.message);
	return { challenge: challenge.value, nonce, scalar, exported: exportedKey(connection.socket) };
}

/** What is known after the challenge. */
export type Greeting = Awaited<ReturnType<typeof greet>>;

/** Calls, says hello and hears a challenge, as soon as the shower has noticed that the call before is over. */
export async function callAgain(identity: DeviceIdentity, port: number, hello: Hello): Promise<TestCall> {
	for (;;) {
		const again = await call(identity, port);
		again.frames.write(hello);
		const said = await again.frames.read(z.union([challengeSchema, refusedSchema]), smallMessage);
		if (said.ok && said.value.kind === "challenge") return again;
		if (!said.ok || said.value.kind !== "refused" || said.value.reason !== "busy")
			throw new Error("The shower does not listen any more");
		again[Symbol.dispose]();
	}
}

/** The right proof for a secret, as the typer makes it. */
export function proofOf(
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

/** Why the shower refused, or why nothing came. */
export const reasonOf = async ({ frames }: TestCall) => {
	const said = await frames.read(refusedSchema, smallMessage);
	return said.ok ? said.value.reason : said.error.kind;
};
/** How often the owner of a shower was shown a wrong code. */
export const wrongCodes = ({ events }: TestShower) => events.filter(({ kind }) => kind === "wrong-code").length;

/** Opens a server on any port. */
export async function listening(server: Server): Promise<number> {
	await new Promise<void>((resolve) => server.listen(0, LOOPBACK, resolve));
	const address = server.address();
	return typeof address === "object" ? (address?.port ?? 0) : 0;
}
