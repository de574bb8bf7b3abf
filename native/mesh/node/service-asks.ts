/** What the node asks of the service and waits for: storing operations, and reading them. */
import { err, ok, type Result } from "../../base/base.ts";
import type { StoredOp } from "../../ledger/log.ts";
import type { VersionVector } from "../core/core.ts";
import type { FromNode, ToNode } from "./messages.ts";

/** Questions under way. */
export interface ServiceAsks {
	/** Puts operations into the ledger; on disk when it resolves, with what is there then. `gone`: blobs that nobody has any more. */
	store(operations: readonly StoredOp[], gone: ReadonlySet<string>): Promise<Result<VersionVector, string>>;
	read(origin: string, first: number, last: number): Promise<readonly StoredOp[]>;
	receive(answer: Extract<ToNode, { readonly kind: "stored" | "not-stored" | "read" }>): void;
}

/** Nothing asked yet. A service that ends takes the thread with it, so that no question is left for long. */
export function createServiceAsks(post: (message: FromNode) => void): ServiceAsks {
	const storing = new Map<number, (result: Result<VersionVector, string>) => void>();
	const reading = new Map<number, (operations: readonly StoredOp[]) => void>();
	let count = 0;

	return {
		store(operations, gone) {
			count += 1;
			const id = count;
			return new Promise((resolve) => {
				storing.set(id, resolve);
				post({ kind: "store", id, operations, gone: [...gone] });
			});
		},
		read(origin, first, last) {
			count += 1;
			const id = count;
			return new Promise((resolve) => {
				reading.set(id, resolve);
				post({ kind: "read", id, origin, first, last });
			});
		},
		receive(answer) {
			if (answer.kind === "read") {
				reading.get(answer.id)?.(answer.operations);
				reading.delete(answer.id);
				return;
			}
			storing.get(answer.id)?.(answer.kind === "stored" ? ok(answer.durable) : err(answer.message));
			storing.delete(answer.id);
		},
	};
}
