/** One model a file, and one that is here. */
import type { BatchFaultCode } from "../../contract/contract.ts";
import type { FaultList } from "./fault-list.ts";
import { willFail } from "./refusals.ts";
import type { ValidationOptions } from "./validation-options.ts";

/** Names offered in a message where a model is unknown: as many as a person reads. */
const OFFERED_NAMES = 5;
/** Longest name quoted in a message, in characters. */
const QUOTE_LENGTH = 60;

/** Checks the models that lines name. */
export interface ModelCheck {
	/** Checks a line's model; answers its own name, or "" where it has none. What is no name at all is the schema's to refuse. */
	check(line: number, name: unknown): string;
	/** Tells once that lines name no model and none stands in for them. */
	end(): void;
	/** The file's model, as far as seen; null: none that is here. */
	model(): string | null;
}

type Options = Pick<ValidationOptions, "format" | "badLines" | "modelOverride" | "modelNames" | "resolveModel">;

/** A check that has seen no line yet. With an override, what lines name does not matter. */
export function createModelCheck(options: Options, faults: FaultList): ModelCheck {
	const { format, modelOverride } = options;
	let model: string | null = null;
	let firstLine = 0;
	let firstName = "";
	/** What the last line named; undefined: there was none. */
	let lastName: string | null | undefined;
	let lastResolved: string | null = null;
	let nameless = 0;

	function resolve(name: string | null): string | null {
		// Neighbours mostly name the same model.
		if (name !== lastName) {
			lastName = name;
			lastResolved = options.resolveModel(name);
		}
		return lastResolved;
	}

	/** Where lines may fail alone, one whose model is not that of the batch does. */
	function complain(code: BatchFaultCode, line: number, message: string): void {
		if (options.badLines === "fail-line") faults.notice(line, willFail(message));
		else faults.add(code, line, format.paramOf("model"), message);
	}

	function check(line: number, name: unknown): string {
		if (modelOverride !== null) return modelOverride;
		if (!format.namesModel && (name === undefined || name === null)) return checkNameless(line);
		if (typeof name !== "string" || name === "") return "";
		const resolved = resolve(name);
		if (resolved === null) {
			const message = `The model '${name.slice(0, QUOTE_LENGTH)}' is not here. ${offer()} Or let one answer for that name: --model, or the settings models.map and models.default.`;
			complain("model_not_found", line, message);
			return "";
		}
		return compare(line, `'${name}'`, resolved);
	}

	/** A line of a dialect that leaves the model to the batch. */
	function checkNameless(line: number): string {
		const resolved = resolve(null);
		if (resolved !== null) return compare(line, `the default '${resolved}'`, resolved);
		nameless += 1;
		return "";
	}

	function compare(line: number, name: string, resolved: string): string {
		if (model === null) {
			model = resolved;
			firstLine = line;
			firstName = name;
		} else if (model !== resolved) {
			const message = `The model ${name} is not ${firstName} of line ${firstLine}. A file has one model: split it by model.`;
			complain("model_mismatch", line, message);
		}
		return resolved;
	}

	function end(): void {
		if (nameless === 0) return;
		const lines = format.extension === "jsonl" ? "lines" : "rows";
		const message = `The ${lines} of this file name no model. Name one for the batch (the option model, --model in commands), or let one answer for all with the setting models.default. ${offer()}`;
		faults.add("model_not_found", null, "model", message);
	}

	function offer(): string {
		if (options.modelNames.length === 0) return "There are no models yet; add one.";
		const names = options.modelNames.slice(0, OFFERED_NAMES).map((name) => `'${name}'`);
		return `Use one of: ${names.join(", ")}${options.modelNames.length > OFFERED_NAMES ? ", …" : ""}.`;
	}

	return { check, end, model: () => modelOverride ?? model };
}
