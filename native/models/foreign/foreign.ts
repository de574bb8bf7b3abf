/**
 * Models that other programs downloaded, found where these keep them. Owns knowledge of other programs' folders; must never
 * write, move or copy anything there.
 */
import type { ModelPlace } from "../../contract/contract.ts";
import type { LookBudget } from "../gguf-files.ts";

/** A model file of another program. */
export interface ForeignModel {
	readonly path: string;
	readonly place: ModelPlace;
	/** Names it may have, the best first; the first one that is free is taken. */
	readonly names: readonly string[];
}

/** A folder that is looked through. */
export interface ForeignFolder {
	readonly place: ModelPlace;
	readonly path: string;
}

/** What looking for models needs. */
export interface LookDeps {
	readonly budget: LookBudget;
	/** Hears of what can't be read; may hear of the same again. */
	readonly onFault: (path: string, error: unknown) => void;
}
