import type { BatchRecord, ModelIdentity } from "../ledger/ledger.ts";
import type { Models, ModelUse } from "../models/models.ts";
import type { Sharing } from "./sharing.ts";

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

/** What `namesAnsweredBy` needs. */
export interface NamesDeps {
	readonly models: Pick<Models, "list" | "resolve" | "named" | "knownDigest">;
	readonly sharing: Pick<Sharing, "isOwn">;
}

/**
 * Which names in lines the model of a batch answers for. Only where lines may fail alone can there be any of another model:
 * validation refuses such files else. What its maker calls the model by is for the maker to know: on other machines only a name
 * under which another model is listed tells a line apart.
 */
export function namesAnsweredBy(
	{ name, digest }: ModelIdentity,
	batch: BatchRecord,
	{ models, sharing }: NamesDeps,
): (name: string) => boolean {
	const { badLines, modelOverride, endpoint } = batch.manifest;
	if (badLines === "refuse-file" || modelOverride !== null) return () => true;
	if (sharing.isOwn(batch)) {
		const resolve = createNameResolver(models, modelUseFor(endpoint));
		return (asked) => resolve(asked) === name;
	}
	return (asked) => {
		const listed = models.named(asked);
		return listed === null || models.knownDigest(listed) === digest;
	};
}
