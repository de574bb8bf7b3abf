import { publishedFileId } from "../../ledger/ids.ts";
import { type Batch, canonicalSeal } from "../core/core.ts";
import type { Figures } from "./figures.ts";
import { Violation } from "./violation.ts";
import { type Content, resultName } from "./virtual-ledger.ts";

/** A file that a client has seen. */
export interface SeenFile {
	readonly batchId: string;
	readonly fileId: string;
	readonly digest: string;
}

/** I5, whole outputs, and I6, files that never change. */
export interface OutputCheck {
	readonly seen: readonly SeenFile[];
	/** A worker made a result, in a round of the batch. */
	made(batchId: string, round: number, line: number, name: string): void;
	/** A host built an output. */
	built(digest: string, content: Content): void;
	contentOf(digest: string): Content;
	/** Each line at most once, if `isWhole` exactly once, with a result that somebody made. */
	checkContent(batch: Pick<Batch, "batchId" | "total">, digest: string, isWhole: boolean): void;
	/** A client sees what a machine shows of a batch. */
	shown(batch: Batch): void;
}

/** Has seen nothing yet. */
export function createOutputCheck(figures: Figures, namesFilesByDigest: boolean): OutputCheck {
	const results = new Map<string, Set<string>>();
	const runs = new Set<string>();
	const outputs = new Map<string, Content>();
	const digests = new Map<string, string>();
	const files = new Map<string, number>();
	const seen: SeenFile[] = [];

	function checkLine(batchId: string, line: number, name: string): void {
		if (results.get(`${batchId}/${line}`)?.has(name) === true) return;
		throw new Violation(`I5: nobody made the result of line ${line} of ${batchId}`);
	}

	return {
		seen,
		made(batchId, round, line, name) {
			const key = `${batchId}/${line}`;
			results.set(key, (results.get(key) ?? new Set()).add(name));
			const run = `${key}/${round}`;
			if (runs.has(run)) figures.duplicates += 1;
			else figures.lines += 1;
			runs.add(run);
		},
		built: (digest, content) => outputs.set(digest, content),
		contentOf: (digest) => outputs.get(digest) ?? [],
		checkContent({ batchId, total }, digest, isWhole) {
			const lines = new Set<number>();
			for (const result of outputs.get(digest) ?? []) {
				const { line } = result;
				const isStrange = lines.has(line) || line < 0 || line >= (total ?? 0);
				if (isStrange) throw new Violation(`I5: line ${line} of ${batchId} is there twice, or should not be`);
				lines.add(line);
				checkLine(batchId, line, resultName(result));
			}
			if (!isWhole || lines.size === total) return;
			throw new Violation(`I5: the output of ${batchId} has ${lines.size} of ${total} lines`);
		},
		shown(batch) {
			const seal = canonicalSeal(batch);
			if (seal === null || !batch.published.includes(seal.digest)) return;
			const { batchId } = batch;
			const { digest } = seal;
			const fileId = namesFilesByDigest ? publishedFileId(batchId, "output", digest) : `file-${batchId}`;
			const before = digests.get(fileId);
			if (before === digest) return;
			if (before !== undefined) throw new Violation(`I6: ${fileId} of ${batchId} has changed`);
			digests.set(fileId, digest);
			seen.push({ batchId, fileId, digest });
			const name = `${batchId}/${batch.round}`;
			const count = (files.get(name) ?? 0) + 1;
			files.set(name, count);
			if (count === 1) figures.batches += 1;
			if (count === 2) figures.batchesWithTwoFiles += 1;
		},
	};
}
