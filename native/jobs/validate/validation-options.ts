import type { Dialect } from "../../engine/dialects/dialect.ts";
import type { Engine } from "../../engine/engine.ts";
import type { BatchManifest } from "../../ledger/ledger.ts";
import type { LineFormat } from "../formats/formats.ts";

/** What a file is checked against. */
export interface ValidationOptions {
	/** How the file is written. */
	readonly format: LineFormat;
	/** Whether a body that breaks its schema is a fault of the file, or only means that its line will be answered with a 400. */
	readonly badLines: BatchManifest["badLines"];
	/** Url every line must have; null: the first line's url, if requests can be sent there. Dialects with one url have that. */
	readonly endpoint: string | null;
	/** Answers every line, whatever model it names, if any; null: each line names its model. */
	readonly modelOverride: string | null;
	/** The own name of the model that answers for a name, or (null) where none is named; null: there is no such model. */
	readonly resolveModel: (name: string | null) => string | null;
	/** Names to offer where a model is unknown. */
	readonly modelNames: readonly string[];
	/** Tokens one request may hold; null: prompts are not measured. */
	readonly contextTokens: number | null;
	/** Most tokens the chat template adds around a message. */
	readonly templateOverheadTokens: number;
	/** Counts prompts exactly; asked only of those whose bytes alone could be too many. */
	readonly countPromptTokens: Engine["countPromptTokens"];
	/** The dialect spoken at a url; null: none. */
	readonly dialectFor: (url: string) => Dialect | null;
	/** Most requests the file may have; `MAX_LINES` unless told otherwise. */
	readonly maxLines?: number;
	/** Most faults listed with all they say; `MAX_FAULTS` unless told otherwise. */
	readonly maxFaults?: number;
	/** Ends the reading; the promise then rejects with the signal's reason. */
	readonly signal?: AbortSignal;
}
