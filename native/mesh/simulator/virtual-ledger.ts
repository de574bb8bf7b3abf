import { beats } from "../../ledger/winner.ts";
import { type Fact, lengthIn, type Operation, type Place, type VersionVector } from "../core/core.ts";

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
	/** The winning result of each line of a batch. */
	winners(batchId: string): ReadonlyMap<number, SimulatedResult>;
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
	let winners = new Map<string, Map<number, SimulatedResult>>();

	function logOf(name: string): SimulatedOperation[] {
		const log = logs.get(name) ?? [];
		logs.set(name, log);
		return log;
	}

	function put(operation: SimulatedOperation): void {
		logOf(operation.origin).push(operation);
		if (operation.fact.kind === "segment") fold(operation.fact.batchId, operation.content);
	}

	function fold(batchId: string, results: readonly SimulatedResult[]): void {
		const lines = winners.get(batchId) ?? new Map<number, SimulatedResult>();
		winners.set(batchId, lines);
		for (const result of results) {
			const holder = lines.get(result.line);
			if (holder === undefined || (choosesWinners && beats(result, holder))) lines.set(result.line, result);
		}
	}

	function cutTo(lengths: VersionVector): void {
		for (const [name, log] of logs) log.length = Math.min(log.length, lengthIn(lengths, name));
		winners = new Map();
		for (const log of logs.values()) {
			for (const { fact, content } of log) if (fact.kind === "segment") fold(fact.batchId, content);
		}
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
		winners: (batchId) => winners.get(batchId) ?? new Map(),
	};
}

/** Bytes in hex, to compare and to print. */
export function resultName({ isError, hash }: SimulatedResult): string {
	return `${isError ? "error" : "ok"}-${hash.join(".")}`;
}

function isSimulated(operation: Operation): operation is SimulatedOperation {
	return "content" in operation;
}
