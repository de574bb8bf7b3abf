/**
 * One lane: a context sequence, what it holds, and the answer it is working on. Owns the calls into node-llama-cpp that move
 * a lane forward. Must never choose what to run; the loop does.
 */
import type { EvaluationPriority, LlamaContextSequence, Token } from "node-llama-cpp";
import type { TokenLogprob } from "../request.ts";
import { type AdmissionLane, commonLength } from "./admission.ts";
import type { Priority } from "./turns.ts";

/** One sampled token. */
export interface Drawn {
	readonly token: Token;
	readonly logprob: TokenLogprob | null;
}

/** Draws an answer's tokens in one sequence. */
export interface Drawer {
	/** Evaluates `tokens` (the end of the prompt, then each drawn token) and draws the next one. */
	draw(tokens: readonly Token[]): Promise<Drawn>;
	/** Frees what the native side holds for this answer. */
	close(): void;
}

/** What the loop runs in a lane: one answer to one request. */
export interface Strand {
	readonly priority: Priority;
	readonly prompt: readonly Token[];
	/** True when nobody waits for it any more. */
	readonly cancelled: boolean;
	/** Called once, when it enters a lane; `cached` prompt tokens are there already. */
	start(cached: number): void;
	createDrawer(sequence: LlamaContextSequence, priority: EvaluationPriority): Drawer;
	/** Takes a drawn token; true when the answer is complete. */
	accept(drawn: Drawn): boolean;
	/** Called when a cancelled strand has left its lane or the queue. */
	drop(): void;
}

/** A lane and its work. */
export interface Lane extends AdmissionLane {
	/** Work in it, or null while it is free. */
	readonly strand: Strand | null;
	/** Tokens to evaluate before the next one can be drawn: more than 1 while the prompt is read. */
	readonly pendingCount: number;
	/** Tokens llama.cpp holds for it. */
	readonly position: number;
	/** Takes work: keeps the shared prefix of its own or of the state in the file, forgets the rest. */
	enter(strand: Strand, statePath: string | null): Promise<void>;
	/** Evaluates up to `count` pending tokens; draws when none is left. True when the answer is complete. */
	advance(count: number): Promise<boolean>;
	/** Ends the work and keeps what was computed. */
	leave(): void;
	/** Writes what it has computed to a file; false when that failed. */
	save(path: string): Promise<boolean>;
}

/**
 * The lane's number in a place made for priorities, which go up to 5: the only reader is our own order of items
 * (`inLaneOrder`), and node-llama-cpp passes it through unchanged.
 */
function isPriority(_value: number): _value is EvaluationPriority {
	return true;
}

/** Makes a lane of a sequence. Its index must be the sequence's in its context: lower ones are handed to llama.cpp first. */
export function createLane(sequence: LlamaContextSequence, index: number): Lane {
	const priority = index + 1;
	if (!isPriority(priority)) throw new Error("unreachable");
	let strand: Strand | null = null;
	let drawer: Drawer | null = null;
	let pending: readonly Token[] = [];
	let held: readonly Token[] = [];
	let isReading = false;

	return {
		index,
		get strand() {
			return strand;
		},
		get isFree() {
			return strand === null;
		},
		get tokens() {
			return strand?.prompt ?? held;
		},
		get computed() {
			return strand === null ? held.length : strand.prompt.length - (isReading ? pending.length : 0);
		},
		get pendingCount() {
			return pending.length;
		},
		get position() {
			return sequence.nextTokenIndex;
		},
		async enter(next, statePath) {
			strand = next;
			isReading = true;
			if (statePath !== null) held = await loadState(sequence, statePath);
			// The last token of a prompt is always evaluated: its logits give the first token of the answer.
			const keep = Math.min(commonLength(held, next.prompt), next.prompt.length - 1);
			await sequence.adaptStateToTokens(next.prompt.slice(0, keep), false);
			const cached = sequence.nextTokenIndex;
			pending = next.prompt.slice(cached);
			drawer = next.createDrawer(sequence, priority);
			next.start(cached);
		},
		async advance(count) {
			if (strand === null || drawer === null) throw new Error(`Lane ${index} has nothing to advance`);
			if (count < pending.length) {
				const chunk = pending.slice(0, count);
				pending = pending.slice(count);
				await sequence.evaluateWithoutGeneratingNewTokens(chunk, { evaluationPriority: priority });
				return false;
			}
			const drawn = await drawer.draw(pending);
			pending = [drawn.token];
			isReading = false;
			return strand.accept(drawn);
		},
		leave() {
			drawer?.close();
			drawer = null;
			strand = null;
			pending = [];
			held = sequence.contextTokens;
		},
		async save(path) {
			try {
				await sequence.saveStateToFile(path);
				return true;
			} catch {
				// A full or missing folder: the tokens are computed instead, and the caller stops trying.
				return false;
			}
		},
	};
}

/** Takes over another lane's state; what it holds after. The risk is a file of another model: these are ours, just written. */
async function loadState(sequence: LlamaContextSequence, path: string): Promise<readonly Token[]> {
	await sequence.loadStateFromFile(path, { acceptRisk: true });
	return sequence.contextTokens;
}
