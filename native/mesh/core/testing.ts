/** A core in the hand of a test: it has a clock that stands still until told otherwise, and does nothing by itself. */
import { foldOperation } from "./batches.ts";
import {
	ALL_RULES,
	type Batch,
	type Boot,
	type CoreEvent,
	type CoreState,
	type Effect,
	type Epoch,
	type Fact,
	type Hello,
	type LineRanges,
	type Message,
	NOTHING,
	type Operation,
	startCore,
	step,
	TICK_MS,
	type Want,
} from "./core.ts";

/** Any event, whose moment the hand gives. */
export type Untimed = CoreEvent extends infer Event ? (Event extends CoreEvent ? Omit<Event, "at"> : never) : never;

/** See above. */
export interface Hand {
	readonly state: CoreState;
	/** Something happens now; answers what is to be done. */
	tell(event: Untimed): readonly Effect[];
	/** A frame of another machine arrives now. */
	hear(from: string, message: Message): readonly Effect[];
	/** Time passes with ticks; answers all that is to be done. `heartbeat`: what others say once a second. */
	wait(durationMs: number, heartbeat?: () => void): readonly Effect[];
	/** Time passes without anything, as in sleep. `isCounted`: the monotonic clock goes on. */
	stand(durationMs: number, isCounted: boolean): void;
	/** Appends to the own log, without it being on disk. */
	append(fact: Fact): Operation;
	/** All of its logs are on disk. */
	sync(): readonly Effect[];
	/** Answers each term to be saved as saved. */
	save(effects: readonly Effect[]): readonly Effect[];
}

/** What a core called `device` of a mesh of `members` starts from. */
export function bootOf(device: string, members: readonly string[], change: Partial<Boot> = {}): Boot {
	return {
		at: { monotonicMs: 1_000, wallMs: 1_700_000_000_000 },
		device,
		origin: `${device}/1`,
		incarnation: "first",
		rank: 0,
		mayHost: true,
		protection: "auto",
		publishAt: "available",
		rules: ALL_RULES,
		members: members.map((name) => ({ device: name, rank: 0, mayHost: true })),
		maxEpoch: null,
		ownTerm: 0,
		operations: [],
		...change,
	};
}

/** Takes a core in hand. */
export function takeInHand(boot: Boot): Hand {
	let state = startCore(boot);
	let at = boot.at;

	function pass(durationMs: number, isCounted: boolean): void {
		at = { monotonicMs: at.monotonicMs + (isCounted ? durationMs : 0), wallMs: at.wallMs + durationMs };
	}

	const hand: Hand = {
		get state() {
			return state;
		},
		tell(event) {
			const made = step(state, { ...event, at });
			state = made.state;
			return made.effects;
		},
		hear: (from, message) => hand.tell({ kind: "received", from, message }),
		wait(durationMs, heartbeat) {
			const effects: Effect[] = [];
			for (let passedMs = 0; passedMs < durationMs; passedMs += TICK_MS) {
				pass(TICK_MS, true);
				if (passedMs % 1_000 === 0) heartbeat?.();
				effects.push(...hand.tell({ kind: "tick" }));
			}
			return effects;
		},
		stand: pass,
		append(fact) {
			const log = state.logs.get(state.origin);
			const operation = operationOf(state.origin, (log?.sequence ?? 0) + 1, fact, log?.hash);
			hand.tell({ kind: "appended", operation });
			return operation;
		},
		sync() {
			const lengths = [...state.logs].map(([origin, { sequence }]) => [origin, sequence] as const);
			return hand.tell({ kind: "durable", durable: Object.fromEntries(lengths) });
		},
		save: (effects) =>
			ofKind(effects, "save-epoch").flatMap(({ ownTerm }) => hand.tell({ kind: "epoch-saved", ownTerm })),
	};
	return hand;
}

/** A host called `device`, which nobody else was in its way of becoming. */
export function hostInHand(device: string, members: readonly string[], change: Partial<Boot> = {}): Hand {
	const hand = takeInHand(bootOf(device, members, change));
	hand.save(hand.wait(9_000));
	return hand;
}

/** Operation `sequence` of a log; its hash is made of its place. */
export function operationOf(origin: string, sequence: number, fact: Fact, previous?: string): Operation {
	const before = previous ?? (sequence === 1 ? "" : `${origin}#${sequence - 1}`);
	return { origin, sequence, previous: before, hash: `${origin}#${sequence}`, fact };
}

/** A worker that has the model `m`, asks for the first time and does a line a second. */
export const WANT: Want = { kind: "want", models: ["m"], linesPerSecond: 1, holding: [], finished: [] };

/** Answers to these lines, made in the first round. */
export function answersTo(batchId: string, lines: LineRanges): Fact {
	return { kind: "segment", batchId, lines, errors: [], round: 0 };
}

/** A hello of somebody who knows nothing. */
export function helloOf(change: Partial<Hello> = {}): Hello {
	const nothing = {
		incarnation: "first",
		epoch: null,
		hosting: null,
		witnessed: null,
		durable: NOTHING,
		handicap: 0,
		slices: [],
	};
	return { kind: "hello", ...nothing, ...change };
}

/** An epoch of a machine that nobody prefers. */
export function epochOf(term: number, device: string): Epoch {
	return { term, rank: 0, device };
}

/** Those effects of one kind. */
export function ofKind<Kind extends Effect["kind"]>(
	effects: readonly Effect[],
	kind: Kind,
): readonly Extract<Effect, { kind: Kind }>[] {
	return effects.filter((effect): effect is Extract<Effect, { kind: Kind }> => effect.kind === kind);
}

/** Frames of one kind that are to be sent, with whom to. */
export function sent<Kind extends Message["kind"]>(
	effects: readonly Effect[],
	kind: Kind,
): readonly { readonly to: string; readonly message: Extract<Message, { kind: Kind }> }[] {
	return ofKind(effects, "send").flatMap(({ to, message }) => (isOf(message, kind) ? [{ to, message }] : []));
}

function isOf<Kind extends Message["kind"]>(message: Message, kind: Kind): message is Extract<Message, { kind: Kind }> {
	return message.kind === kind;
}

/** Batches as they stand after these facts of one log. */
export function foldForTest(facts: readonly Fact[]): ReadonlyMap<string, Batch> {
	return facts.reduce<ReadonlyMap<string, Batch>>(
		(batches, fact, at) => foldOperation(batches, operationOf("a/1", at + 1, fact)),
		new Map(),
	);
}
