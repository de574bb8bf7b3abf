/** The epochs that must survive a crash, in a small file: a term used twice would make two hosts of one name (E1). */
import { readFileSync } from "node:fs";
import { z } from "zod";
import { err, errorCode, ok, parseJson, type Result } from "../../base/base.ts";
import { editFile } from "../../settings/edit-file.ts";
import type { Epoch } from "../core/core.ts";

/** What is kept. */
export interface SavedEpochs {
	readonly maxEpoch: Epoch | null;
	readonly ownTerm: number;
}

/** The file of epochs. */
export interface EpochFile {
	/** As it was at the start. */
	readonly saved: SavedEpochs;
	/** Keeps epochs, in the order asked; on disk when it resolves. The failure is a sentence. */
	save(epochs: SavedEpochs): Promise<Result<void, string>>;
}

const epochSchema = z.object({ term: z.int().min(0), rank: z.int(), device: z.string() });
const fileSchema = z.object({ maxEpoch: epochSchema.nullable(), ownTerm: z.int().min(0) });

const NOTHING_SAVED: SavedEpochs = { maxEpoch: null, ownTerm: 0 };

/** Opens the file; where there is none, nothing was ever saved. One that can't be read is a fault: guessing would be a term used twice. */
export function openEpochFile(path: string): Result<EpochFile, string> {
	const read = readSaved(path);
	if (!read.ok) return read;
	let tail: Promise<unknown> = Promise.resolve();
	return ok({
		saved: read.value,
		save(epochs) {
			const saving = tail.then(async (): Promise<Result<void, string>> => {
				const written = await editFile<{ readonly message: string }>(path, () => ok(`${JSON.stringify(epochs)}\n`));
				return written.ok ? ok(undefined) : err(written.error.message);
			});
			tail = saving;
			return saving;
		},
	});
}

function readSaved(path: string): Result<SavedEpochs, string> {
	let text: string;
	try {
		text = readFileSync(path, "utf8");
	} catch (error) {
		const code = errorCode(error);
		if (code === "ENOENT") return ok(NOTHING_SAVED);
		if (code === "") throw error;
		return err(`The file of host terms in the data folder can't be read (${code}).`);
	}
	const parsed = fileSchema.safeParse(parseJson(text));
	if (parsed.success) return ok(parsed.data);
	return err(
		"The file of host terms in the data folder is damaged. Delete mesh-epochs.json there, after every other machine of the mesh was seen without this one for a minute.",
	);
}
