/** Models that come from another machine of the owner's: told by the digest of their bytes, from whoever has them. */
import { err, ok, type Result } from "../../base/base.ts";
import { isSafeFileName } from "./reference.ts";
import { type Answer, BrokenConnection, type WebFault } from "./web.ts";

/** A file of another machine, opened somewhere in it. */
export interface MachineFile {
	/** Of all of it. */
	readonly sizeBytes: number;
	/** The bytes from there on, read as they are taken; ended early where the connection breaks. */
	readonly bytes: AsyncIterable<Uint8Array>;
	/** Must be called once the bytes are no longer needed. */
	end(): void;
}

/** Files on other machines. */
export interface MachineFiles {
	/** Opens the file of a digest from `start` on. The failure says why nobody gives it now; it may be tried again. */
	open(digest: string, start: number): Promise<Result<MachineFile, { readonly message: string }>>;
}

/** Machines are named when the bytes are asked for: another may have them by then. */
const ADDRESS = /^mesh:\/blobs\/([0-9a-f]{64})$/;
const DIGEST = /^[0-9a-f]{64}$/;

/** Digits of a digest that tell two files of one name apart. */
const TOLD_DIGITS = 8;

/** The address that a download keeps of a file on other machines. */
export function machineAddress(digest: string): string {
	return `mesh:/blobs/${digest}`;
}

/** The digest that such an address names; null: it is another address. */
export function digestIn(address: string): string | null {
	return ADDRESS.exec(address)?.[1] ?? null;
}

/**
 * The name under which the file of a model is kept here: its own, or one with a part of the digest where a model of this name is here
 * already (`taken`, without `.gguf`). Null: the name or digest, which another machine told, is none.
 */
export function fileNameFor(name: string, digest: string, taken: ReadonlySet<string>): string | null {
	if (!DIGEST.test(digest) || !isSafeFileName(`${name}.gguf`)) return null;
	const lower = new Set([...taken].map((one) => one.toLowerCase()));
	const names = [name, `${name}-${digest.slice(0, TOLD_DIGITS)}`, `${name}-${digest}`];
	const free = names
		.map((one) => `${one}.gguf`)
		.find((file) => !lower.has(file.slice(0, -".gguf".length).toLowerCase()));
	return free !== undefined && isSafeFileName(free) ? free : null;
}

/** Asks other machines as a server would be asked: the answer is the rest of the file from `start`. */
export async function askMachines(
	digest: string,
	start: number,
	machines: MachineFiles | undefined,
	signal: AbortSignal,
): Promise<Result<Answer, WebFault>> {
	if (machines === undefined) return err(later("Files of other machines can't be had by this program."));
	const opened = await machines.open(digest, start);
	if (!opened.ok) return err(later(opened.error.message));
	const { sizeBytes, bytes, end } = opened.value;
	const headers = { "content-range": `bytes ${start}-${sizeBytes - 1}/${sizeBytes}`, etag: `"${digest}"` };
	const response = new Response(streamOf(bytes, signal), { status: 206, headers });
	return ok({ response, end, alive() {} });
}

/** Breaks off as soon as it is told to, also while a machine says nothing. */
function streamOf(bytes: AsyncIterable<Uint8Array>, signal: AbortSignal): ReadableStream<Uint8Array<ArrayBuffer>> {
	const iterator = bytes[Symbol.asyncIterator]();
	return new ReadableStream(
		{
			start(controller) {
				signal.addEventListener("abort", () => controller.error(new BrokenConnection()), { once: true });
			},
			async pull(controller) {
				const next = await iterator.next();
				if (signal.aborted) return;
				if (next.done === true) controller.close();
				else controller.enqueue(new Uint8Array(next.value));
			},
		},
		{ highWaterMark: 0 },
	);
}

function later(message: string): WebFault {
	return { kind: "later", message, retryAfterMs: null };
}
