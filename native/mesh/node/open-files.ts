/** Large files of other machines while the service reads them, a piece at a time: no more is in memory than was asked for. */
import { err, ok, type Result } from "../../base/base.ts";
import type { MeshFault } from "../mesh.ts";
import type { OpenedBlob, OpenRequest } from "../transport/transport.ts";
import type { OpenedFile } from "./messages.ts";

/** Files that are being read. */
export interface OpenFiles {
	/** The failure: nobody gives it now, or too many are open. */
	open(request: OpenRequest): Promise<Result<OpenedFile, MeshFault>>;
	/** The next piece; null: there is no more, it broke, or it is not open. */
	read(id: number): Promise<Uint8Array | null>;
	close(id: number): void;
	/** Closes all. */
	stop(): void;
}

/** One is read at a time; another may be asked for its size meanwhile. */
const MOST_OPEN = 4;

/** Bytes of a piece, the last of it apart: some two hundred messages a second on a gigabit. */
const PIECE_BYTES = 512 * 1_024;

interface Entry {
	readonly opened: OpenedBlob;
	readonly bytes: AsyncIterator<Uint8Array>;
}

/** Nothing open. */
export function createOpenFiles(openBlob: (request: OpenRequest) => Promise<OpenedBlob | null>): OpenFiles {
	const entries = new Map<number, Entry>();
	let count = 0;
	let opening = 0;

	function close(id: number): void {
		const entry = entries.get(id);
		entries.delete(id);
		entry?.opened.end();
	}

	return {
		async open(request) {
			if (entries.size + opening >= MOST_OPEN) return err(tooMany);
			opening += 1;
			const opened = await openBlob(request).finally(() => {
				opening -= 1;
			});
			if (opened === null) return err(nobody);
			count += 1;
			entries.set(count, { opened, bytes: opened.bytes[Symbol.asyncIterator]() });
			return ok({ id: count, sizeBytes: opened.sizeBytes });
		},
		async read(id) {
			const entry = entries.get(id);
			const pieces: Uint8Array[] = [];
			let sizeBytes = 0;
			while (entry !== undefined && sizeBytes < PIECE_BYTES) {
				const next = await entry.bytes.next();
				if (next.done === true) break;
				pieces.push(next.value);
				sizeBytes += next.value.length;
			}
			return pieces.length === 0 ? null : Buffer.concat(pieces);
		},
		close,
		stop() {
			for (const id of [...entries.keys()]) close(id);
		},
	};
}

const nobody: MeshFault = { kind: "unreachable", message: "No other machine could give it." };
const tooMany: MeshFault = { kind: "full", message: "Too many files of other machines are being read already." };
