import { readFileSync } from "node:fs";
import { z } from "zod";
import { err, errorCode, ok, parseJson, type Result } from "../base/base.ts";
import { errorEnvelopeSchema } from "../contract/contract.ts";
import type { Locations } from "../locations/locations.ts";
import { readServerToken } from "../settings/server-token.ts";

/** Why the service gave no answer that can be used; `message` is a sentence that says what to do. */
export interface ClientFailure {
	readonly kind: "not-running" | "not-answering" | "foreign" | "refused";
	readonly message: string;
	/** HTTP status of a refusal; null: there was no answer. */
	readonly status: number | null;
	/** Field that a refusal is about; null: none. */
	readonly param: string | null;
}

/** How to ask. */
export interface CallOptions {
	/** Sent as JSON with POST; absent: a GET. A form is sent as it is. */
	readonly body?: object | FormData;
	readonly method?: "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
	readonly headers?: Readonly<Record<string, string>>;
	readonly signal?: AbortSignal;
	/** For answers that wait for work on purpose; usual ones come out of the service's memory. */
	readonly limitMs?: number;
}

/** Asks the service that runs on a data folder. */
export interface ServiceClient {
	/** e.g. `http://127.0.0.1:22007`. */
	readonly url: string;
	/** Calls a path and reads the answer by its schema. */
	call<Schema extends z.ZodType>(
		path: string,
		schema: Schema,
		options?: CallOptions,
	): Promise<Result<z.output<Schema>, ClientFailure>>;
	/** Calls a path whose answer is a stream to be read by the caller. */
	open(path: string, options?: CallOptions): Promise<Result<Response, ClientFailure>>;
}

/** A service that does not answer within this time hangs: it answers out of its memory. */
const ANSWER_LIMIT_MS = 10_000;

/**
 * For new batches, which are answered for once they are safe on two machines, where there are two: some gigabytes over a slow radio
 * take that long.
 */
export const SAFE_LIMIT_MS = 15 * 60_000;

const serverSchema = z.object({ port: z.int() });

/** Finds the service that runs on a data folder; null: none has left its address there. */
export function findService({ dataDir, serverPath, tokenPath }: Locations): ServiceClient | null {
	const port = readPort(serverPath);
	if (port === null) return null;
	const url = `http://127.0.0.1:${port}`;

	async function open(path: string, options: CallOptions = {}): Promise<Result<Response, ClientFailure>> {
		const { body, headers, signal, limitMs = ANSWER_LIMIT_MS } = options;
		const isForm = body instanceof FormData;
		const limit = AbortSignal.timeout(limitMs);
		let answer: Response;
		try {
			answer = await fetch(`${url}${path}`, {
				method: options.method ?? (body === undefined ? "GET" : "POST"),
				headers: {
					authorization: `Bearer ${readServerToken(tokenPath) ?? ""}`,
					...(body === undefined || isForm ? {} : { "content-type": "application/json" }),
					...headers,
				},
				...(body === undefined ? {} : { body: isForm ? body : JSON.stringify(body) }),
				signal: signal ? AbortSignal.any([signal, limit]) : limit,
			});
		} catch (error) {
			if (signal?.aborted) throw error;
			// What undici throws when nobody listens; a service that was killed leaves its file behind.
			if (error instanceof TypeError) return err(notRunning(dataDir));
			if (!limit.aborted) throw error;
			const message = `The service on port ${port} does not answer. Stop it and start it again.`;
			return err({ kind: "not-answering", message, status: null, param: null });
		}
		return answer.ok ? ok(answer) : err(await describeRefusal(answer, port ?? 0, dataDir));
	}

	return {
		url,
		open,
		async call(path, schema, options) {
			const opened = await open(path, options);
			if (!opened.ok) return opened;
			const parsed = schema.safeParse(parseJson(await opened.value.text()));
			if (parsed.success) return ok(parsed.data);
			const message = `What answers on port ${port} is no Nightshift of this version. Start 'nightshift serve' again.`;
			return err({ kind: "foreign", message, status: null, param: null });
		},
	};
}

/** Says that no service runs and how to start one. */
export function notRunning(dataDir: string): ClientFailure {
	const message = `No service runs on ${dataDir}. Start it with 'nightshift serve'.`;
	return { kind: "not-running", message, status: null, param: null };
}

async function describeRefusal(answer: Response, port: number, dataDir: string): Promise<ClientFailure> {
	const envelope = errorEnvelopeSchema.safeParse(parseJson(await answer.text()));
	if (answer.status === 401 || answer.status === 403) {
		const message = `What answers on port ${port} is not the service of ${dataDir}, or belongs to another user.`;
		return { kind: "foreign", message, status: answer.status, param: null };
	}
	const message = envelope.success ? envelope.data.error.message : `The service refused with status ${answer.status}.`;
	return { kind: "refused", message, status: answer.status, param: envelope.data?.error.param ?? null };
}

function readPort(serverPath: string): number | null {
	let text: string;
	try {
		text = readFileSync(serverPath, "utf8");
	} catch (error) {
		if (errorCode(error) === "") throw error;
		return null;
	}
	return serverSchema.safeParse(parseJson(text)).data?.port ?? null;
}
