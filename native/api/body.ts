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

/** The types a page of any site may send without asking first (Fetch standard, "CORS-safelisted request-header"). */
const unaskedTypes: ReadonlySet<string> = new Set([
	"text/plain",
	"application/x-www-form-urlencoded",
	"multipart/form-data",
]);

/**
 * Refuses JSON under the name of a form or of plain text: no program has to, and only a page that wants to get around the
 * preflight gains by it. No type at all is fine; such a page still can't hide its Origin.
 */
export function checkType(request: Request): ApiFault | null {
	const header = request.headers.get("content-type");
	const type = header?.split(/[;,]/, 1)[0]?.trim().toLowerCase() ?? "";
	if (!unaskedTypes.has(type)) return null;
	return {
		status: 415,
		message: `The body has to be JSON, but is called ${type}. Send the header 'Content-Type: application/json'; curl -d needs -H 'Content-Type: application/json'.`,
		param: null,
		code: "unsupported_media_type",
	};
}

async function readText(
	request: Request,
	limitBytes: number,
	{ bodyIdleMs }: ApiLimits,
): Promise<Result<string, ApiFault>> {
	if ((announcedBytes(request) ?? 0) > limitBytes) return err(tooLong(limitBytes));
	const chunks: Uint8Array[] = [];
	let sizeBytes = 0;
	try {
		for await (const chunk of bodyChunks(request, bodyIdleMs)) {
			sizeBytes += chunk.byteLength;
			if (sizeBytes > limitBytes) return err(tooLong(limitBytes));
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

/** Reads a JSON body of at most `limitBytes` and leaves what is in it to the caller: for bodies with a check of their own. */
export async function readJsonValue(
	request: Request,
	limits: ApiLimits,
	limitBytes = limits.jsonBytes,
): Promise<Result<unknown, ApiFault>> {
	const wrongType = checkType(request);
	if (wrongType !== null) return err(wrongType);
	const text = await readText(request, limitBytes, limits);
	return text.ok ? parseJson(text.value) : text;
}

function parseJson(text: string): Result<unknown, ApiFault> {
	if (text.trim() === "") return err(badRequest("The body is empty; send a JSON object.", null, "invalid_json"));
	try {
		const value: unknown = JSON.parse(text);
		return ok(value);
	} catch (error) {
		if (!(error instanceof SyntaxError)) throw error;
		return err(badRequest(`The body is not valid JSON: ${error.message}`, null, "invalid_json"));
	}
}

/** Reads a JSON body of at most `limitBytes` and checks it. The first thing wrong is answered, with the field it is in. */
export async function readJson<T>(
	request: Request,
	schema: ZodType<T>,
	limits: ApiLimits,
	limitBytes = limits.jsonBytes,
): Promise<Result<T, ApiFault>> {
	const value = await readJsonValue(request, limits, limitBytes);
	return value.ok ? check(value.value, schema) : value;
}

/** As `readJson`, for bodies that may be left out: nothing counts as an empty object. */
export async function readOptionalJson<T>(
	request: Request,
	schema: ZodType<T>,
	limits: ApiLimits,
): Promise<Result<T, ApiFault>> {
	const wrongType = checkType(request);
	if (wrongType !== null) return err(wrongType);
	const text = await readText(request, limits.jsonBytes, limits);
	if (!text.ok) return text;
	const value = text.value === "" ? ok({}) : parseJson(text.value);
	return value.ok ? check(value.value, schema) : value;
}

function check<T>(value: unknown, schema: ZodType<T>): Result<T, ApiFault> {
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
