import { beats } from "../../ledger/winner.ts";
import { type Fact, lengthIn, type Operation, type Place, type Retry, type VersionVector } from "../core/core.ts";

/**
 * One machine's ledger, as far as the mesh meets it: logs in memory, of which a crash leaves what was fsynced, and the winners
 * folded from them by the ledger's own rule.
 */
export interface VirtualLedger {
	readonly origin: string;
	/** Appends to this machine's log. */
	append(fact: Fact, content?: Content): SimulatedOperation;
	/** Takes operations of other machines, which follow what is here. */
	store(operations: readonly Operation[]): void;
	/** Operations `first` to `last` of a log. */
	read(origin: string, first: number, last: number): readonly SimulatedOperation[];
	at(place: Place): SimulatedOperation | null;
	/** Everything here is on disk now. */
	fsync(): void;
	readonly durable: VersionVector;
	/** Everything not on disk is gone. */
	crash(): void;
	/** Everything is gone. */
	destroy(): void;
	/** Drops all of its own log after `length`: what a database with one primary does to the side that lost. */
	truncateOwn(length: number): void;
	origins(): readonly string[];
	lengthOf(origin: string): number;
	operations(): Iterable<SimulatedOperation>;
	/** The winning result of each line of a batch that has one, ascending. */
	winners(batchId: string): readonly SimulatedResult[];
	winnerOf(batchId: string, line: number): SimulatedResult | null;
}

/** An operation with what the core does not look at. */
export interface SimulatedOperation extends Operation {
	readonly content: Content;
}

/** Results of a segment; lines of a sealed output. */
export type Content = readonly SimulatedResult[];

/** A result: two machines that run the same line get different ones, as language models do. */
export interface SimulatedResult {
	readonly line: number;
	readonly isError: boolean;
	readonly hash: Uint8Array;
}

/** A number for each operation ever appended, so that no two are alike. */
export type Stamps = () => number;

/** An empty ledger whose own log is called `origin`. Not `choosesWinners`: of two results the one that came first stays. */
export function createVirtualLedger(origin: string, stamp: Stamps, choosesWinners: boolean): VirtualLedger {
	const logs = new Map<string, SimulatedOperation[]>();
	let durable: VersionVector = {};
	let folded = new Map<string, FoldedBatch>();

	function logOf(name: string): SimulatedOperation[] {
		const log = logs.get(name) ?? [];
		logs.set(name, log);
		return log;
	}

	function put(operation: SimulatedOperation): void {
		logOf(operation.origin).push(operation);
		fold(folded, operation);
	}

	function cutTo(lengths: VersionVector): void {
		for (const [name, log] of logs) log.length = Math.min(log.length, lengthIn(lengths, name));
		folded = new Map();
		for (const log of logs.values()) for (const operation of log) fold(folded, operation);
	}

	function winnerOf(batchId: string, line: number): SimulatedResult | null {
		const batch = folded.get(batchId);
		return batch === undefined ? null : winnerIn(batch, line, choosesWinners);
	}

	return {
		origin,
		append(fact, content = []) {
			const log = logOf(origin);
			const sequence = log.length + 1;
			const hash = `${origin}/${sequence}#${stamp()}`;
			const operation = { origin, sequence, previous: log.at(-1)?.hash ?? "", hash, fact, content };
			put(operation);
			return operation;
		},
		store(operations) {
			for (const operation of operations) if (isSimulated(operation)) put(operation);
		},
		read: (name, first, last) => (logs.get(name) ?? []).slice(first - 1, last),
		at: (place) => logs.get(place.origin)?.[place.sequence - 1] ?? null,
		fsync() {
			durable = Object.fromEntries([...logs].map(([name, log]) => [name, log.length]));
		},
		get durable() {
			return durable;
		},
		crash: () => cutTo(durable),
		destroy() {
			cutTo({});
			durable = {};
		},
		truncateOwn(length) {
			const lengths = Object.fromEntries([...logs].map(([name, log]) => [name, log.length]));
			cutTo({ ...lengths, [origin]: length });
			durable = { ...durable, [origin]: Math.min(length, lengthIn(durable, origin)) };
		},
		origins: () => [...logs.keys()],
		lengthOf: (name) => logs.get(name)?.length ?? 0,
		*operations() {
			for (const log of logs.values()) yield* log;
		},
		winnerOf,
		winners(batchId) {
			const lines = [...(folded.get(batchId)?.contenders.keys() ?? [])].sort((left, right) => left - right);
			return lines.map((line) => winnerOf(batchId, line)).filter((winner) => winner !== null);
		},
	};
}

/** Bytes in hex, to compare and to print. */
export function resultName({ isError, hash }: SimulatedResult): string {
	return `${isError ? "error" : "ok"}-${hash.join(".")}`;
}

/** What decides about the lines of a batch. */
interface FoldedBatch {
	readonly contenders: Map<number, Contender[]>;
	readonly retries: Retry[];
}

interface Contender {
	readonly result: SimulatedResult;
	readonly round: number;
}

function fold(batches: Map<string, FoldedBatch>, { fact, content }: SimulatedOperation): void {
	if (fact.kind !== "segment" && fact.kind !== "retried") return;
	const batch: FoldedBatch = batches.get(fact.batchId) ?? { contenders: new Map(), retries: [] };
	batches.set(fact.batchId, batch);
	if (fact.kind === "retried") batch.retries.push(fact);
	else for (const result of content) addContender(batch, { result, round: fact.round });
}

function addContender({ contenders }: FoldedBatch, contender: Contender): void {
	const { line } = contender.result;
	const others = contenders.get(line);
	if (others === undefined) contenders.set(line, [contender]);
	else others.push(contender);
}

function winnerIn({ contenders, retries }: FoldedBatch, line: number, choosesWinners: boolean): SimulatedResult | null {
	let winner: Contender | null = null;
	for (const contender of contenders.get(line) ?? []) {
		const { result, round } = contender;
		if (result.isError && retries.some((retry) => retry.round > round && putsBack(retry, line))) continue;
		if (winner === null || (choosesWinners && beats({ ...result, round }, { ...winner.result, round: winner.round }))) {
			winner = contender;
		}
	}
	return winner?.result ?? null;
}

function putsBack({ lines }: Retry, line: number): boolean {
	return lines === null || lines.some(([first, count]) => line >= first && line < first + count);
}

function isSimulated(operation: Operation): operation is SimulatedOperation {
	return "content" in operation;
}
