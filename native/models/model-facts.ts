/** Facts of the models on this machine, read out of their files once and again when these change. */
import { statSync } from "node:fs";
import { err, ok, type Result } from "../base/base.ts";
import { type GgufFault, readGgufHeader } from "./gguf.ts";
import { factsOf, type ModelFacts } from "./gguf-facts.ts";
import { isFile, modelPartPaths } from "./gguf-files.ts";
import type { ModelFile } from "./shelf.ts";

/** Tells what model files say of themselves. */
export interface ModelFactsReader {
	/** What a file's header tells, or why it can't be used. Reads some megabytes at most, and only the first time. */
	facts(model: ModelFile): Promise<Result<ModelFacts, Pick<GgufFault, "message">>>;
}

type Answer = Awaited<ReturnType<ModelFactsReader["facts"]>>;

/** Files whose facts are kept: more models than anybody has on one machine. */
const MOST_KEPT = 1_000;

/** Makes a reader that has read nothing yet. */
export function createModelFacts(): ModelFactsReader {
	const kept = new Map<string, { readonly version: string; readonly answer: Promise<Answer> }>();

	return {
		facts(model) {
			const facts = statSync(model.path, { throwIfNoEntry: false });
			const version = `${facts?.size} ${facts?.mtimeMs} ${model.sizeBytes}`;
			const known = kept.get(model.path);
			if (known?.version === version) return known.answer;
			kept.delete(model.path);
			const answer = read(model.path);
			kept.set(model.path, { version, answer });
			for (const oldest of [...kept.keys()].slice(0, Math.max(0, kept.size - MOST_KEPT))) kept.delete(oldest);
			return answer;
		},
	};
}

async function read(path: string): Promise<Answer> {
	const parts = modelPartPaths(path);
	const missing = parts.findIndex((part) => !isFile(part));
	if (missing >= 0) {
		return err({ message: `Part ${missing + 1} of ${parts.length} is missing: put it beside the others.` });
	}
	const header = await readGgufHeader(path);
	return header.ok ? ok(factsOf(header.value)) : err({ message: `${header.error.message} ${mend(header.error.kind)}` });
}

function mend(kind: GgufFault["kind"]): string {
	return kind === "unreadable" ? "Check who may read it." : "Download it again.";
}
