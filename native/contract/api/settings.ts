/** `GET` and `PATCH /api/settings`: what the owner of this machine chose. The file settings.json has the same shape. */
import { z } from "zod";
import type { Wire } from "../openai/shared.ts";

/** Most origins that may be allowed: more pages than anybody uses with a local model; bounds what each request looks through. */
const MOST_ORIGINS = 64;

/**
 * An origin exactly as browsers write it: scheme, host, and the port where it isn't the scheme's own. Other schemes than http
 * are those of desktop programs, e.g. `app://obsidian.md`. No wildcards: one typed in passing would open this port to every
 * page there is.
 */
export const originSchema = z
	.string()
	.max(256)
	.regex(/^[a-z][a-z0-9+.-]*:\/\/(?:[a-z0-9._-]+|\[[0-9a-f:.]+\])(?::[1-9]\d{0,4})?$/, {
		error:
			"An origin is written as browsers send it, e.g. https://example.com or http://localhost:3000: lower case, no path, no *.",
	})
	.refine((origin) => !/^(?:http:.*:80|https:.*:443)$/.test(origin), {
		error: "Browsers leave out the port that belongs to the scheme: write the origin without :80 or :443.",
	});

const endpointShape = {
	/** Origins whose pages may call `/v1` from a browser, e.g. `http://localhost:3000`. */
	allowedOrigins: z.array(originSchema).max(MOST_ORIGINS),
	/** Lanes of a model kept for live requests: so many are answered at the same time. */
	interactiveLanes: z.int().min(1).max(8),
	/** Context of each of those lanes in tokens; null: what the model and the memory allow. */
	interactiveContextTokens: z.int().min(512).nullable(),
	/**
	 * Models in memory at once: the batch's, and beside it one for live requests. Each further process pays for its own runtime
	 * and scratch memory, and what is left would only make all of them slower.
	 */
	mostModels: z.int().min(1).max(2),
};

const stepAsideShape = {
	/** How long after a live request's last token batch work rests. */
	quietMs: z.int().min(0).max(60_000),
	/** What that grows to while requests keep coming. At least `quietMs`. */
	longestQuietMs: z.int().min(0).max(600_000),
};

/** Everything that can be chosen, with what holds where nothing was. */
export const settingsSchema = z.object({
	endpoint: z
		.object({
			allowedOrigins: endpointShape.allowedOrigins.default([]),
			interactiveLanes: endpointShape.interactiveLanes.default(2),
			interactiveContextTokens: endpointShape.interactiveContextTokens.default(null),
			mostModels: endpointShape.mostModels.default(2),
		})
		.prefault({}),
	stepAside: z
		.object({
			quietMs: stepAsideShape.quietMs.default(2_000),
			longestQuietMs: stepAsideShape.longestQuietMs.default(30_000),
		})
		.prefault({})
		.refine((chosen) => chosen.longestQuietMs >= chosen.quietMs, {
			path: ["longestQuietMs"],
			error: "It has to be at least quietMs: raise it, or lower quietMs.",
		}),
});
/** Everything that can be chosen, each with a value. */
export type SettingsValues = Wire<typeof settingsSchema>;

/** `PATCH /api/settings`: what to change; the rest stays. A name that is no setting is refused, for it is a typing error. */
export const settingsPatchSchema = z.strictObject({
	endpoint: z.strictObject(endpointShape).partial().optional(),
	stepAside: z.strictObject(stepAsideShape).partial().optional(),
});
/** `PATCH /api/settings`: what to change. */
export type SettingsPatch = Wire<typeof settingsPatchSchema>;
