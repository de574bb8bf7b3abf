import { createHash } from "node:crypto";
import type { LoadedModel } from "../engine/engine.ts";

/** Enough that two models of one machine never share one. */
const HEX_DIGITS = 12;

/**
 * Tells clients whether two answers came from the same thing: engine and model file, the latter by name and size, since
 * reading gigabytes for a digest would hold up the first request. OpenAI's `system_fingerprint`, e.g. `fp_0123456789ab`.
 */
export function fingerprint({ engineVersion, source, sizeBytes }: LoadedModel): string {
	const facts = JSON.stringify([engineVersion, source.name, sizeBytes]);
	return `fp_${createHash("sha256").update(facts).digest("hex").slice(0, HEX_DIGITS)}`;
}
