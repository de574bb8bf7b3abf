/** Having a second machine keep an input, and keeping one for others. */
import type { Log, Result } from "../../base/base.ts";
import type { Frame } from "../transport/transport.ts";
import type { BlobFiles } from "./blob-files.ts";
import type { BlobName } from "./messages.ts";

/** How it went. */
export type KeepOutcome = "kept" | "no-room" | "nobody";

/** Copies of inputs. */
export interface Keeping {
	/** Asks these machines, one after the other, to keep blobs. */
	askFor(blobs: readonly BlobName[], machines: readonly string[]): Promise<KeepOutcome>;
	/** A frame came. */
	receive(from: string, frame: Extract<Frame, { readonly kind: "keep" | "kept" }>): void;
	stop(): void;
}

/** What keeping is made of. */
export interface KeepingDeps {
	readonly log: Log;
	readonly files: Pick<BlobFiles, "hasRoomFor" | "has">;
	send(to: string, frame: Frame): boolean;
	fetch(blob: BlobName, from: readonly string[]): Promise<Result<void, { readonly message: string }>>;
	/** Whether a machine is still there. */
	isThere(deviceId: string): boolean;
}

/** Blobs named in one frame: 4,096 would be some 400 KB of a frame's 1 MiB. */
const BLOBS_A_FRAME = 2_048;

/** A machine that keeps is asked after every so long whether it is still there; a large input takes minutes. */
const LOOK_MS = 1_000;

/** Inputs kept for others at once: each is many fetches. */
const MOST_AT_ONCE = 4;

/** Nothing asked, nothing kept. */
export function createKeeping(deps: KeepingDeps): Keeping {
	const { log, files } = deps;
	const asked = new Map<string, { readonly to: string; settle(result: "kept" | "no-room" | "failed"): void }>();
	let count = 0;
	let keeping = 0;

	function ask(to: string, digests: readonly BlobName[]): Promise<"kept" | "no-room" | "failed"> {
		count += 1;
		const id = String(count);
		return new Promise((resolve) => {
			const looking = setInterval(() => {
				if (!deps.isThere(to)) settle("failed");
			}, LOOK_MS);
			function settle(result: "kept" | "no-room" | "failed"): void {
				clearInterval(looking);
				asked.delete(id);
				resolve(result);
			}
			asked.set(id, { to, settle });
			if (!deps.send(to, { kind: "keep", id, digests })) settle("failed");
		});
	}

	async function askOne(to: string, blobs: readonly BlobName[]): Promise<"kept" | "no-room" | "failed"> {
		for (let first = 0; first < blobs.length; first += BLOBS_A_FRAME) {
			const result = await ask(to, blobs.slice(first, first + BLOBS_A_FRAME));
			if (result !== "kept") return result;
		}
		return "kept";
	}

	async function keep(from: string, blobs: readonly BlobName[]): Promise<"kept" | "no-room" | "failed"> {
		if (keeping >= MOST_AT_ONCE) return "failed";
		keeping += 1;
		try {
			if (!(await files.hasRoomFor(blobs))) return "no-room";
			for (const blob of blobs) {
				if (files.has(blob.digest)) continue;
				const fetched = await deps.fetch(blob, [from]);
				if (fetched.ok) continue;
				log.warn({ from, trouble: fetched.error.message }, "an input could not be kept for another machine");
				return "failed";
			}
			return "kept";
		} finally {
			keeping -= 1;
		}
	}

	return {
		async askFor(blobs, machines) {
			let outcome: KeepOutcome = "nobody";
			for (const machine of machines) {
				const result = await askOne(machine, blobs);
				if (result === "kept") return "kept";
				if (result === "no-room") outcome = "no-room";
			}
			return outcome;
		},
		receive(from, frame) {
			if (frame.kind === "kept") {
				const question = asked.get(frame.id);
				// Only whom it was asked of can answer it.
				if (question?.to === from) question.settle(frame.result);
				return;
			}
			void keep(from, frame.digests).then((result) => void deps.send(from, { kind: "kept", id: frame.id, result }));
		},
		stop() {
			for (const { settle } of [...asked.values()]) settle("failed");
		},
	};
}
