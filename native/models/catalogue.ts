/** The short list of models worth having that came with the program. */
import { readFileSync } from "node:fs";
import { basename } from "node:path";
import { z } from "zod";
import type { Catalogue, CatalogueModel } from "../contract/contract.ts";
import { compareFits, fitOf, type MachineMemory } from "./fit.ts";
import { modelNameOf } from "./gguf-files.ts";
import type { ModelFile } from "./shelf.ts";

const entrySchema = z.strictObject({
	title: z.string().min(1).max(60),
	purpose: z.string().min(1).max(120),
	reference: z.string().min(4).max(512),
	size_bytes: z.int().min(1),
	license: z.string().min(1).max(60),
	is_embedding: z.boolean(),
	/** What a token takes in memory, two bytes a number; of layers that look at the whole text. */
	cache_bytes_per_token: z.int().min(1),
});

/** The file assets/catalogue/models.json. */
export const catalogueFileSchema = z.strictObject({
	/** Day on which the list was looked through. */
	as_of: z.iso.date(),
	models: z.array(entrySchema).min(1).max(100),
});
/** The file assets/catalogue/models.json. */
export type CatalogueFile = z.infer<typeof catalogueFileSchema>;

/** Reads the list. Throws where it is damaged: it came with the program, so the program is. */
export function readCatalogue(path: string): CatalogueFile {
	return catalogueFileSchema.parse(JSON.parse(readFileSync(path, "utf8")));
}

/** The list for a machine: what fits it best first, of those the largest, for larger ones answer better; vectors last. */
export function catalogueFor(
	{ models, as_of }: CatalogueFile,
	memory: MachineMemory,
	installed: readonly ModelFile[],
): Catalogue {
	const data = models.map((entry): CatalogueModel => {
		const { cache_bytes_per_token: bytesPerToken, ...shown } = entry;
		const cache = { bytesPerToken, windowBytesPerToken: 0, windowTokens: 0 };
		const fit = fitOf({ sizeBytes: entry.size_bytes, cache, trainedContextTokens: null }, memory);
		return { ...shown, fit, installed_as: installedAs(entry.reference, installed) };
	});
	return { data: data.sort(compareEntries), as_of };
}

function installedAs(reference: string, installed: readonly ModelFile[]): string | null {
	const name = modelNameOf(reference.split("/").at(-1) ?? "");
	return installed.find((model) => modelNameOf(basename(model.path)) === name)?.name ?? null;
}

function compareEntries(one: CatalogueModel, other: CatalogueModel): number {
	if (one.is_embedding !== other.is_embedding) return one.is_embedding ? 1 : -1;
	const byFit = compareFits(one.fit.kind, other.fit.kind);
	if (byFit !== 0) return byFit;
	// Of those that are slow or too big, the smallest is the least so.
	return one.fit.kind === "gpu" ? other.size_bytes - one.size_bytes : one.size_bytes - other.size_bytes;
}
