import { type FoldingDeps, foldAnew } from "./folding.ts";
import type { Journal } from "./journal.ts";
import type { Leases } from "./leases.ts";
import type { Ledger } from "./ledger.ts";
import type { Lines } from "./lines.ts";

interface BatchPlace {
	readonly number: number;
	readonly id: string;
	readonly isEnded: 0 | 1;
}

/** Makes all tables but the log anew, in one transaction: it happens whole or not at all. */
export function createRebuild(
	deps: FoldingDeps & { journal: Journal; lines: Lines; leases: Leases },
): Pick<Ledger, "rebuild"> {
	const { database, journal, lines, leases } = deps;
	const batches = database.prepare<[], BatchPlace>(
		"SELECT number, id, sealed IS NOT NULL OR failed_at_ms IS NOT NULL AS isEnded FROM batch",
	);

	/**
	 * The index of an open batch is found anew by its validation, which may be what the rebuild is for. An ended one is not
	 * validated any more: without its index nobody could read its results by line, nor take them over.
	 */
	function dropIndexes(before: readonly BatchPlace[]): void {
		const ended = new Map(batches.all().flatMap(({ number, id, isEnded }) => (isEnded === 1 ? [[number, id]] : [])));
		for (const { number, id } of before) if (ended.get(number) !== id) lines.clear(number);
	}

	return {
		rebuild: () =>
			journal.exclusive(async () => {
				journal.derive(() => {
					const before = batches.all();
					foldAnew(deps);
					dropIndexes(before);
				});
				leases.forgetAll();
			}),
	};
}
