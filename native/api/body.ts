/** Reads request bodies as they come: bounded in size, bounded in silence, never whole when they can be large. */
import { type ZodType, z } from "zod";
import { err, ok, type Result } from "../base/base.ts";
import { type ApiFault, badRequest } from "./errors.ts";
import { type ApiLimits, describeBytes } from "./limits.ts";

/** Ends a stream of body bytes that can't go on. Thrown, since an AsyncIterable has no other way to fail. */
export class BodyBroken extends Error {
	/** What to answer, if anybody still listens. */
	readonly fault: ApiFault;

	constructor(fault: ApiFault) {
		super(fault.message);
		this.name = "BodyBroken";
		this.fault = fault;
	}
}

const clientGone = badRequest("The connection ended before the body was complete.", null, "body_incomplete");

function stalled(idleMs: number): ApiFault {
	return {
		status: 408,
		message: `No byte of the body came for ${idleMs / 1000} seconds; the request was given up.`,
		param: null,
		code: "body_timeout",
	};
}

/**
 * The bytes of a request's body in the pieces they come in. Throws `BodyBroken` when the client goes away or stays silent for
 * `idleMs`; time that the consumer takes does not count. `stop` ends the waiting early. What is left unread stays unread:
 * cancelling would tear down the connection before the answer is out.
 */
export async function* bodyChunks(
	request: Request,
	idleMs: number,
	stop?: AbortSignal,
): AsyncGenerator<Uint8Array, void, undefined> {
	if (request.body === null) return;
	const reader = request.body.getReader();
	try {
		for (;;) {
			const { done, value } = await readWithin(reader, idleMs, stop);
			if (done) return;
			yield value;
		}
	} finally {
		reader.releaseLock();
	}
}

type ReadBytes = Awaited<ReturnType<ReadableStreamDefaultReader<Uint8Array>["read"]>>;

function readWithin(
	reader: ReadableStreamDefaultReader<Uint8Array>,
	idleMs: number,
	stop: AbortSignal | undefined,
): Promise<ReadBytes> {
	const { promise, resolve, reject } = Promise.withResolvers<ReadBytes>();
	const timer = setTimeout(() => reject(new BodyBroken(stalled(idleMs))), idleMs);
	const onStop = () => reject(new BodyBroken(clientGone));
	stop?.addEventListener("abort", onStop, { once: true });
	if (stop?.aborted === true) onStop();
	reader.read().then(resolve, () => reject(new BodyBroken(clientGone)));
	return promise.finally(() => {
		clearTimeout(timer);
		stop?.removeEventListener("abort", onStop);
	});
}

/** The size a request says its body has; null where it doesn't say (chunked). */
export function announcedBytes(request: Request): number | null {
	const header = request.headers.get("content-length");
	return header === null || !/^\d+$/.test(header) ? null : Number(header);
}

function tooLong(limitBytes: number): ApiFault {
	return {
		status: 413,
		message: `The JSON body is larger than ${describeBytes(limitBytes)}. Batch lines belong into a file: POST /v1/files.`,
		param: null,
		code: "body_too_large",
	};
}

async function readText(request: Request, limits: ApiLimits): Promise<Result<string, ApiFault>> {
	if ((announcedBytes(request) ?? 0) > limits.jsonBytes) return err(tooLong(limits.jsonBytes));
	const chunks: Uint8Array[] = [];
	let sizeBytes = 0;
	try {
		for await (const chunk of bodyChunks(request, limits.bodyIdleMs)) {
			sizeBytes += chunk.byteLength;
			if (sizeBytes > limits.jsonBytes) return err(tooLong(limits.jsonBytes));
			chunks.push(chunk);
		}
	} catch (error) {
		if (error instanceof BodyBroken) return err(error.fault);
		throw error;
	}
	try {
		return ok(new TextDecoder("utf-8", { fatal: true }).decode(Buffer.concat(chunks)));
	} catch (error) {
		if (error instanceof TypeError) return err(badRequest("The body is not valid UTF-8.", null, "invalid_json"));
		throw error;
	}
}

/**
 * Reads a JSON body and checks it. The first thing wrong is answered, with the field it is in. Any Content-Type will do: a
 * foreign page is kept out by its Origin, and plain `curl -d` should work.
 */
export async function readJson<T>(
	request: Request,
	schema: ZodType<T>,
	limits: ApiLimits,
): Promise<Result<T, ApiFault>> {
	const text = await readText(request, limits);
	if (!text.ok) return text;
	if (text.value.trim() === "") return err(badRequest("The body is empty; send a JSON object.", null, "invalid_json"));
	let value: unknown;
	try {
		value = JSON.parse(text.value);
	} catch (error) {
		if (!(error instanceof SyntaxError)) throw error;
		return err(badRequest(`The body is not valid JSON: ${error.message}`, null, "invalid_json"));
	}
	const parsed = schema.safeParse(value);
	return parsed.success ? ok(parsed.data) : err(describeIssues(parsed.error, value));
}

/** Makes the first thing a schema found wrong with `value` into a fault that names the field. */
export function describeIssues(error: z.ZodError, value: unknown): ApiFault {
	const issue = error.issues[0];
	if (issue === undefined) return badRequest("The request is not as it should be.");
	if (issue.path.length === 0) return badRequest(`The request is not valid: ${issue.message}`, null, "invalid_value");
	const param = z.core.toDotPath(issue.path);
	if (valueAt(value, issue.path) === undefined) {
		return badRequest(`Missing required parameter: '${param}'.`, param, "missing_required_parameter");
	}
	return badRequest(`Invalid value for '${param}': ${issue.message}`, param, "invalid_value");
}

function valueAt(value: unknown, path: readonly PropertyKey[]): unknown {
	let current = value;
	for (const key of path) {
		if (typeof current !== "object" || current === null) return undefined;
		current = Reflect.get(current, key);
	}
	return current;
}
