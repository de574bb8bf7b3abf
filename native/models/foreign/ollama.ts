/** Ollama: manifests in JSON name blobs by their digest; the blob of the model's layer is a GGUF file without an ending. */
import { readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { beginsAsGguf, isFile, listFolder } from "../gguf-files.ts";
import type { ForeignModel, LookDeps } from "./foreign.ts";

/** Manifests are below a kilobyte. What is larger than this is none. */
const MOST_MANIFEST_BYTES = 1 << 20;

const manifestSchema = z.object({
	layers: z.array(z.object({ mediaType: z.string(), digest: z.string().regex(/^sha256:[0-9a-f]{64}$/) })).max(1_000),
});

/** Models of a folder with `manifests` and `blobs`: `ollama/name:tag`, or `ollama/owner/name:tag`. */
export function findOllamaModels(folder: string, deps: LookDeps): readonly ForeignModel[] {
	const manifests = join(folder, "manifests");
	const names = (path: string) => listFolder(path, deps.budget, deps.onFault).map((entry) => entry.name);
	return names(manifests).flatMap((registry) =>
		names(join(manifests, registry)).flatMap((owner) =>
			names(join(manifests, registry, owner)).flatMap((model) =>
				names(join(manifests, registry, owner, model)).flatMap((tag) => {
					const path = modelBlob(folder, join(manifests, registry, owner, model, tag), deps);
					if (path === null) return [];
					const usual = registry === "registry.ollama.ai" ? "" : `${registry}/`;
					const shortOwner = owner === "library" && usual === "" ? "" : `${owner}/`;
					return [{ path, place: "ollama" as const, names: [`ollama/${usual}${shortOwner}${model}:${tag}`] }];
				}),
			),
		),
	);
}

/** Path of the GGUF file that a manifest names; null: it names none that is here. */
function modelBlob(folder: string, manifestPath: string, { onFault }: LookDeps): string | null {
	try {
		const facts = statSync(manifestPath);
		if (!facts.isFile() || facts.size > MOST_MANIFEST_BYTES) return null;
		const manifest = manifestSchema.parse(JSON.parse(readFileSync(manifestPath, "utf8")));
		const layer = manifest.layers.find(({ mediaType }) => mediaType === "application/vnd.ollama.image.model");
		if (layer === undefined) return null;
		const path = join(folder, "blobs", layer.digest.replace(":", "-"));
		return isFile(path) && beginsAsGguf(path) ? path : null;
	} catch (error) {
		onFault(manifestPath, error);
		return null;
	}
}
