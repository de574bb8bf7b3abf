/**
 * Talks to the service, which also served this page: same origin, same version, so answers are taken at their word. Owns paths' errors
 * and the session; must never hold state of a screen.
 */

/** Why the service gave no answer that can be used. */
export interface ApiFailure {
	/** `offline`: nobody answers. `signed-out`: the session is over. `refused`: it said no, and why. */
	readonly kind: "offline" | "signed-out" | "refused";
	/** A sentence for people. */
	readonly message: string;
	/** Field the refusal is about. */
	readonly param: string | null;
	readonly code: string | null;
	/** HTTP status; null: there was no answer. */
	readonly status: number | null;
}

/** An answer or why there is none. */
export type Answer<Value> =
	| { readonly ok: true; readonly value: Value }
	| { readonly ok: false; readonly error: ApiFailure };

/** How to ask. */
export interface CallOptions {
	/** POST by default where there is a body. */
	readonly method?: "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
	readonly body?: object;
	readonly signal?: AbortSignal;
}

/** Said where nobody answers. */
export const offline: ApiFailure = {
	kind: "offline",
	message: "Nightshift's service does not answer. It is started again by itself, or with 'nightshift serve'.",
	param: null,
	code: null,
	status: null,
};

/** Calls a path of the service and reads its JSON. An aborted call rejects, as fetch does. */
export async function call<Value>(path: string, options: CallOptions = {}): Promise<Answer<Value>> {
	const { body, signal, method = body === undefined ? "GET" : "POST" } = options;
	const asked = await ask(path, {
		method,
		...(body === undefined ? {} : { body: JSON.stringify(body), headers: { "content-type": "application/json" } }),
		...(signal === undefined ? {} : { signal }),
	});
	if (!asked.ok) return asked;
	const text = await asked.value.text();
	return { ok: true, value: text === "" ? undefined : JSON.parse(text) };
}

/** Asks for something whose answer is read by the caller, such as a stream. */
export async function ask(path: string, init: RequestInit): Promise<Answer<Response>> {
	let response: Response;
	try {
		response = await fetch(path, init);
	} catch (error) {
		if (init.signal?.aborted) throw error;
		return { ok: false, error: offline };
	}
	return response.ok ? { ok: true, value: response } : { ok: false, error: await readFailure(response) };
}

/** Reads the refusal of an answer with a status of 400 or more. */
export async function readFailure(response: Response): Promise<ApiFailure> {
	return failureOf(response.status, await response.text());
}

/** Reads the refusal out of a body, which is OpenAI's or Anthropic's envelope or none of ours. */
export function failureOf(status: number, text: string): ApiFailure {
	const error = errorIn(text);
	return {
		kind: status === 401 ? "signed-out" : "refused",
		message: error?.message ?? `The service refused with status ${status}.`,
		param: error?.param ?? null,
		code: error?.code ?? null,
		status,
	};
}

interface WireError {
	readonly message?: string;
	readonly param?: string | null;
	readonly code?: string | null;
}

function errorIn(text: string): WireError | null {
	try {
		const body: { readonly error?: WireError } | null = JSON.parse(text);
		return body?.error ?? null;
	} catch {
		// What is no JSON is no answer of ours; the status says what there is to say.
		return null;
	}
}

/** Trades the one-time code in the address, if there is one, for the session's cookie, and takes it out of the address. */
export async function signIn(): Promise<Answer<void> | null> {
	const code = /^#code=([^&]+)/.exec(location.hash)?.[1];
	if (code === undefined) return null;
	history.replaceState(null, "", location.pathname + location.search);
	return call<void>("/api/session", { body: { code: decodeURIComponent(code) } });
}
