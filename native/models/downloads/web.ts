/** Asks servers for files, and trusts none of them: where they may send us, what they may see, how long they may be silent. */
import { err, ok, type Result } from "../../base/base.ts";
import type { MachineFiles } from "./machine-files.ts";
import { isAllowedAddress } from "./reference.ts";

/** Why there is no answer to use. */
export interface WebFault {
	/** `later`: trying again may help. */
	readonly kind: "not-found" | "gated" | "refused" | "later";
	readonly message: string;
	/** How long the other side asks to wait; null: it does not say. */
	readonly retryAfterMs: number | null;
}

/** What asking needs. */
export interface WebDeps {
	readonly hubAddress: string;
	readonly hubToken: string | null;
	/** What to say where the other side wants consent or a token; by default what holds for models. */
	readonly gatedWords?: string;
	/** Without an answer for so long the other side counts as gone. */
	readonly idleMs: number;
	/** Other machines of the owner's, for files that are theirs; absent: there are none. */
	readonly machines?: MachineFiles;
}

/** An answer whose body is not read yet. */
export interface Answer {
	readonly response: Response;
	/** Must be called when the body is no longer needed. */
	end(): void;
	/** Says that something has come, so that the other side is not given up. */
	alive(): void;
}

/** Redirects that are followed: the Hub needs two. */
const MOST_REDIRECTS = 8;
/** The longest wait a server may ask for: more is a way to say no. */
const LONGEST_ASKED_WAIT_MS = 10 * 60_000;
/** A listing of a repository's files: a thousand take half a megabyte. */
const MOST_JSON_BYTES = 16 << 20;

/** Asks for a file. The answer is 200, 206 or 416; all else is a fault. `signal` ends it, then `later` is answered. */
export async function ask(
	address: string,
	headers: Readonly<Record<string, string>>,
	deps: WebDeps,
	signal: AbortSignal,
): Promise<Result<Answer, WebFault>> {
	const silence = new AbortController();
	const timer = setTimeout(() => silence.abort(), deps.idleMs);
	const end = () => {
		clearTimeout(timer);
		silence.abort();
	};
	let url = new URL(address);
	for (let redirects = 0; redirects <= MOST_REDIRECTS; redirects++) {
		if (!isAllowedAddress(url, deps.hubAddress)) {
			end();
			return err(fault("refused", `${url.host} would be asked without encryption. Only https is used.`));
		}
		const response = await tryFetch(url, headers, deps, AbortSignal.any([signal, silence.signal]));
		if (response === null) {
			end();
			return err(fault("later", `${url.host} does not answer. Check the network connection.`));
		}
		const next = redirectOf(response, url);
		if (next === null) {
			const problem = faultOf(response, url, deps);
			if (problem === null) return ok({ response, end, alive: () => void timer.refresh() });
			end();
			return err(problem);
		}
		await response.body?.cancel();
		url = next;
	}
	end();
	return err(fault("refused", `${url.host} sends from one address to the next without end.`));
}

/** Asks for JSON and reads it whole. */
export async function askJson(
	address: string,
	deps: WebDeps,
	signal: AbortSignal,
): Promise<Result<{ readonly value: unknown; readonly headers: Headers }, WebFault>> {
	const asked = await ask(address, { accept: "application/json" }, deps, signal);
	if (!asked.ok) return asked;
	const { response, end } = asked.value;
	const strange = fault("later", `${new URL(address).host} gave an answer that can't be read.`);
	try {
		const chunks: Uint8Array[] = [];
		let length = 0;
		for await (const chunk of response.body ?? []) {
			length += chunk.byteLength;
			if (length > MOST_JSON_BYTES) return err(strange);
			chunks.push(chunk);
		}
		return ok({ value: JSON.parse(Buffer.concat(chunks).toString("utf8")), headers: response.headers });
	} catch (error) {
		if (isBrokenConnection(error) || error instanceof SyntaxError) return err(strange);
		throw error;
	} finally {
		end();
	}
}

/** The bytes of an answer don't come any more. */
export class BrokenConnection extends Error {
	override readonly name = "BrokenConnection";
}

/** Whether an error of fetch or of reading its body means that the connection broke or was ended. */
export function isBrokenConnection(error: unknown): boolean {
	if (error instanceof BrokenConnection) return true;
	if (error instanceof DOMException) return error.name === "AbortError";
	return error instanceof TypeError && (error.message === "terminated" || error.cause instanceof Error);
}

async function tryFetch(
	url: URL,
	headers: Readonly<Record<string, string>>,
	{ hubAddress, hubToken }: WebDeps,
	signal: AbortSignal,
): Promise<Response | null> {
	const isHub = url.origin === new URL(hubAddress).origin;
	const secret: Record<string, string> = isHub && hubToken !== null ? { authorization: `Bearer ${hubToken}` } : {};
	try {
		// Compressed bytes could not be counted, nor gone on with.
		const all = { "accept-encoding": "identity", ...headers, ...secret };
		return await fetch(url.href, { headers: all, redirect: "manual", signal });
	} catch (error) {
		if (isBrokenConnection(error)) return null;
		throw error;
	}
}

function redirectOf(response: Response, url: URL): URL | null {
	const location = response.headers.get("location");
	const isRedirect = [301, 302, 303, 307, 308].includes(response.status);
	return isRedirect && location !== null && URL.canParse(location, url.href) ? new URL(location, url.href) : null;
}

function faultOf({ status, headers }: Response, url: URL, { hubToken, gatedWords }: WebDeps): WebFault | null {
	if (status === 200 || status === 206 || status === 416) return null;
	const code = headers.get("x-error-code");
	if (status === 404 || status === 410 || code === "RepoNotFound") {
		const hint = hubToken === null && status === 401 ? ", or it is private: set HF_TOKEN then" : "";
		return fault("not-found", `${url.host} has nothing there${hint}. Check the spelling.`);
	}
	if (status === 401 || status === 403) {
		if (gatedWords !== undefined) return fault("gated", gatedWords);
		const mend =
			hubToken === null
				? "set the environment variable HF_TOKEN to a token of yours, and start Nightshift again"
				: "check that the token in HF_TOKEN may read it";
		return fault("gated", `This model needs acceptance of its licence, or a token: accept it on its page, ${mend}.`);
	}
	if (status === 408 || status === 425 || status === 429 || status >= 500) {
		const asked = Number(headers.get("retry-after") ?? Number.NaN) * 1_000;
		const retryAfterMs = Number.isFinite(asked) && asked >= 0 ? Math.min(asked, LONGEST_ASKED_WAIT_MS) : null;
		return { kind: "later", message: `${url.host} can't answer now (${status}).`, retryAfterMs };
	}
	return fault("refused", `${url.host} refuses to send it (${status}).`);
}

function fault(kind: WebFault["kind"], message: string): WebFault {
	return { kind, message, retryAfterMs: null };
}
