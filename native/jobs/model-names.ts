import type { Models, ModelUse } from "../models/models.ts";

/** Names that are not models' own, kept with what they lead to. Asking costs a look at the disk; no sound file has more. */
const MOST_NAMES = 1_000;

/** Which of the owner's defaults stands in for a name in lines of an endpoint that is not here. */
export function modelUseFor(endpoint: string): ModelUse {
	return endpoint === "/v1/embeddings" ? "embedding" : "batch";
}

/** Resolves the names in a file to models' own names, by what is here when the file is begun. Cheap for a million lines. */
export function createNameResolver(
	models: Pick<Models, "list" | "resolve">,
	use: ModelUse,
): (name: string | null) => string | null {
	const own = new Set(models.list().map(({ name }) => name));
	const others = new Map<string | null, string | null>();
	return (name) => {
		if (name !== null && own.has(name)) return name;
		const known = others.get(name);
		if (known !== undefined) return known;
		if (others.size >= MOST_NAMES) others.clear();
		const resolved = models.resolve(name, use)?.name ?? null;
		others.set(name, resolved);
		return resolved;
	};
}
