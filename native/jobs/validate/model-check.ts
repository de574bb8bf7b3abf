/** One model a file, and one that is here. */
import type { FaultList } from "./fault-list.ts";
import type { ValidationOptions } from "./validation-options.ts";

/** Names offered in a message where a model is unknown: as many as a person reads. */
const OFFERED_NAMES = 5;
/** Longest name quoted in a message, in characters. */
const QUOTE_LENGTH = 60;

/** Checks the models that lines name. */
export interface ModelCheck {
	/** Checks a line's model; answers its own name, or "" where it has none. What is no name at all is the schema's to refuse. */
	check(line: number, name: unknown): string;
	/** The file's model, as far as seen; null: none that is here. */
	model(): string | null;
}

type Options = Pick<ValidationOptions, "modelOverride" | "modelNames" | "resolveModel">;

/** A check that has seen no line yet. With an override, what lines name does not matter. */
export function createModelCheck(options: Options, faults: FaultList): ModelCheck {
	const { modelOverride } = options;
	let model: string | null = null;
	let firstLine = 0;
	let firstName = "";
	let lastName = "";
	let lastResolved: string | null = null;

	function resolve(name: string): string | null {
		// Neighbours mostly name the same model.
		if (name !== lastName) {
			lastName = name;
			lastResolved = options.resolveModel(name);
		}
		return lastResolved;
	}

	function check(line: number, name: unknown): string {
		if (modelOverride !== null) return modelOverride;
		if (typeof name !== "string" || name === "") return "";
		const resolved = resolve(name);
		if (resolved === null) {
			faults.add(
				"model_not_found",
				line,
				"body.model",
				`The model '${name.slice(0, QUOTE_LENGTH)}' is not here. ${offer()}`,
			);
			return "";
		}
		if (model === null) {
			model = resolved;
			firstLine = line;
			firstName = name;
		} else if (model !== resolved) {
			const message = `The model '${name}' is not '${firstName}' of line ${firstLine}. A file has one model: split it by model.`;
			faults.add("model_mismatch", line, "body.model", message);
		}
		return resolved;
	}

	function offer(): string {
		if (options.modelNames.length === 0) return "There are no models yet; add one.";
		const names = options.modelNames.slice(0, OFFERED_NAMES).map((name) => `'${name}'`);
		return `Use one of: ${names.join(", ")}${options.modelNames.length > OFFERED_NAMES ? ", …" : ""}.`;
	}

	return { check, model: () => modelOverride ?? model };
}
