/** Asks the service over HTTP, with its token, within limits of time and size. Must never throw for what a service may do. */
import type { z } from "zod";
import { errorEnvelopeSchema, sessionCodeSchema } from "../../native/contract/contract.ts";
import { parseJson } from "../base/base.ts";
import { serviceWords } from "../words/service.ts";
import type { Answer, Call, CallFailure } from "./link.ts";

/** Where the service answers, and the key to it. */
export interface Connection {
	/** e.g. `http://127.0.0.1:22007` */
	readonly url: string;
	readonly token: string;
}

/** What the client needs. */
export interface ClientDeps {
	/** Null: the service is not up. */
	readonly connection: () => Connection | null;
	/** By default the global one. */
	readonly fetch?: typeof fetch;
	/** Smaller in tests. */
	readonly limits?: ClientLimits;
}

/** Bounds of a question. */
export interface ClientLimits {
	/** A service that does not answer within this time hangs: it answers out of its memory. Calls that wait for a disk say so themselves. */
	readonly answerMs: number;
	/** The largest answer the shell asks for is a page of a hundred batches, less than a megabyte. */
	readonly answerBytes: number;
}

const clientLimits: ClientLimits = { answerMs: 10_000, answerBytes: 8 * 1024 * 1024 };

/** Asks the service. */
export interface Client {
	call<Value>(call: Call<Value>): Promise<Answer<Value>>;
	/** An address that opens the page and lets whoever opens it in, once, within a minute. */
	pageAddress(): Promise<Answer<string>>;
}

/** Makes it. */
export function createClient(deps: ClientDeps): Client {
	const { connection, limits = clientLimits } = deps;

	async function call<Value>(question: Call<Value>): Promise<Answer<Value>> {
		const there = connection();
		if (there === null) return failure("down", serviceWords.isDown);
		const limitMs = question.limitMs ?? limits.answerMs;
		const limit = AbortSignal.timeout(limitMs);
		let answer: { readonly status: number; readonly text: string | null };
		try {
			answer = await ask(deps.fetch ?? fetch, there, question, { signal: limit, mostBytes: limits.answerBytes });
		} catch (error) {
			// What fetch throws when nobody listens or the connection breaks, and at the end of the time; the rest are bugs.
			if (limit.aborted) return failure("down", serviceWords.noAnswer(limitMs / 1_000));
			if (error instanceof TypeError) return failure("down", serviceWords.isDown);
			throw error;
		}
		return read(answer, question.answers);
	}

	return {
		call,
		async pageAddress() {
			const there = connection();
			const made = await call({ method: "POST", path: "/api/session/codes", answers: sessionCodeSchema });
			if (!made.ok) return made;
			if (there === null) return failure("down", serviceWords.isDown);
			return { ok: true, value: `${there.url}/#code=${encodeURIComponent(made.value.code)}` };
		},
	};
}

async function ask(
	fetchWith: typeof fetch,
	{ url, token }: Connection,
	{ method, path, body }: Pick<Call<unknown>, "method" | "path" | "body">,
	{ signal, mostBytes }: { readonly signal: AbortSignal; readonly mostBytes: number },
): Promise<{ readonly status: number; readonly text: string | null }> {
	const answer = await fetchWith(`${url}${path}`, {
		method,
		headers: {
			authorization: `Bearer ${token}`,
			...(body === undefined ? {} : { "content-type": "application/json" }),
		},
		...(body === undefined ? {} : { body: JSON.stringify(body) }),
		// The token is for this address and no other.
		redirect: "error",
		signal,
	});
	return { status: answer.status, text: await textWithin(answer, mostBytes) };
}

/** The body; null: it is too long. */
async function textWithin(answer: Response, mostBytes: number): Promise<string | null> {
	const pieces: Uint8Array[] = [];
	let sizeBytes = 0;
	for await (const piece of answer.body ?? []) {
		sizeBytes += piece.byteLength;
		// Leaving the loop lets go of the connection.
		if (sizeBytes > mostBytes) return null;
		pieces.push(piece);
	}
	return Buffer.concat(pieces).toString("utf8");
}

function read<Value>(
	{ status, text }: { readonly status: number; readonly text: string | null },
	answers: z.ZodType<Value>,
): Answer<Value> {
	if (text === null) return failure("unreadable", serviceWords.tooLong, status);
	const body = parseJson(text);
	if (status >= 400) {
		const envelope = errorEnvelopeSchema.safeParse(body);
		return failure("refused", envelope.data?.error.message ?? serviceWords.refused(status), status);
	}
	const parsed = answers.safeParse(body);
	return parsed.success ? { ok: true, value: parsed.data } : failure("unreadable", serviceWords.unreadable, status);
}

function failure(
	kind: CallFailure["kind"],
	message: string,
	status: CallFailure["status"] = null,
): { readonly ok: false; readonly error: CallFailure } {
	return { ok: false, error: { kind, message, status } };
}
