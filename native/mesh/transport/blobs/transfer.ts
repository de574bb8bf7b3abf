/** One blob, from whoever has it: the bytes as they come, wherever they come from, checked before the last is handed on. */
import { createHash } from "node:crypto";
import type { IncomingMessage } from "node:http";
import type { DeviceId } from "../../identity/identity.ts";
import type { TransportLimits } from "../limits.ts";
import type { HolderAnswer, Holders } from "./holders.ts";
import { isRestFrom } from "./range.ts";

/** Breaks of a transfer without a byte in between before a holder is given up: twelve seconds, in which a service restarts. */
const MOST_BREAKS = 6;
/** Why a stream of bytes ended before its end. Whoever was writing them keeps nothing. */
export class TransferBroken extends Error {
	readonly kind: "no-holder" | "wrong-bytes" | "stopped";

	constructor(kind: TransferBroken["kind"]) {
		super(`The bytes of a blob ended: ${kind}.`);
		this.kind = kind;
	}
}

/** What a transfer is made of. */
export interface TransferDeps {
	readonly holders: Holders;
	readonly limits: Pick<TransportLimits, "stallMs" | "breakPauseMs" | "lastRetryMs">;
	/** Aborted when everything stops. */
	readonly signal: AbortSignal;
	/** Nobody is asked who is no member any more. */
	isMember(deviceId: DeviceId): boolean;
}

/** A transfer and who took part in it. */
export interface Transfer {
	/** The bytes. Throws `TransferBroken` where they don't come or are not those meant; the last bytes come only if all were right. */
	readonly bytes: AsyncIterable<Uint8Array>;
	/** Who gave some of them. */
	readonly givers: ReadonlySet<DeviceId>;
}

/** Begins when the bytes are asked for. More holders may be added to the array meanwhile. */
export function createTransfer(
	{ digest, sizeBytes }: { readonly digest: string; readonly sizeBytes: number },
	from: readonly DeviceId[],
	deps: TransferDeps,
): Transfer {
	const givers = new Set<DeviceId>();
	/** Breaks of each since it last gave something; infinite: it does not have the blob. */
	const breaks = new Map<DeviceId, number>();

	/** The one with the fewest breaks, the earlier named first. */
	function nextHolder(): DeviceId | null {
		let best: DeviceId | null = null;
		for (const holder of from) {
			if (!deps.isMember(holder) || breaksOf(holder) >= MOST_BREAKS) continue;
			if (best === null || breaksOf(holder) < breaksOf(best)) best = holder;
		}
		return best;
	}

	function breaksOf(holder: DeviceId): number {
		return breaks.get(holder) ?? 0;
	}

	async function* bytes(): AsyncGenerator<Uint8Array> {
		const hash = createHash("sha256");
		/** One piece behind, so that the last is held back until all are checked. */
		let held: Uint8Array | null = null;
		let atBytes = 0;
		while (atBytes < sizeBytes) {
			const holder = nextHolder();
			if (holder === null) throw new TransferBroken("no-holder");
			if (breaksOf(holder) > 0) await pause(breaksOf(holder), deps);
			if (deps.signal.aborted) throw new TransferBroken("stopped");
			const answer = await deps.holders.ask(holder, digest, atBytes);
			const refusal = answer === null ? 1 : refusalOf(answer.response, atBytes, sizeBytes);
			breaks.set(holder, breaksOf(holder) + (refusal || 1));
			if (answer === null || refusal > 0) {
				answer?.end();
				continue;
			}
			try {
				for await (const piece of piecesOf(answer, deps)) {
					if (atBytes + piece.length > sizeBytes) break;
					givers.add(holder);
					breaks.set(holder, 0);
					hash.update(piece);
					atBytes += piece.length;
					if (held !== null) yield held;
					held = piece;
				}
			} finally {
				answer.end();
			}
			// Not at its end: something broke.
			if (atBytes < sizeBytes) breaks.set(holder, breaksOf(holder) + 1);
		}
		if (hash.digest("hex") !== digest) throw new TransferBroken("wrong-bytes");
		if (held !== null) yield held;
	}

	return { bytes: bytes(), givers };
}

/** 0: it gives the bytes. Else as how many breaks it counts. */
function refusalOf(response: IncomingMessage, start: number, sizeBytes: number): number {
	const { statusCode, headers } = response;
	if (statusCode === 206 && isRestFrom(headers["content-range"], start, sizeBytes)) return 0;
	return statusCode === 503 ? 1 : Number.POSITIVE_INFINITY;
}

/** Pieces until the end, a break, or a stall; whoever reads counts what came. A reader that takes its time is no stall. */
export async function* piecesOf(
	{ response }: HolderAnswer,
	deps: Pick<TransferDeps, "limits" | "signal">,
): AsyncGenerator<Uint8Array> {
	const stop = () => response.destroy();
	deps.signal.addEventListener("abort", stop);
	const source: AsyncIterator<unknown> = response[Symbol.asyncIterator]();
	try {
		for (;;) {
			const timer = setTimeout(stop, deps.limits.stallMs);
			const next = await source.next().catch(() => null);
			clearTimeout(timer);
			if (next === null || next.done === true) return;
			if (next.value instanceof Uint8Array) yield next.value;
		}
	} finally {
		deps.signal.removeEventListener("abort", stop);
	}
}

function pause(breaksSoFar: number, { limits, signal }: TransferDeps): Promise<void> {
	return new Promise((resolve) => {
		const end = (): void => {
			clearTimeout(timer);
			signal.removeEventListener("abort", end);
			resolve();
		};
		const timer = setTimeout(end, Math.min(limits.lastRetryMs, limits.breakPauseMs * 2 ** breaksSoFar));
		signal.addEventListener("abort", end);
	});
}
