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

/** Names in the map: more models than anybody's scripts use; bounds what each line looks through. */
const MOST_MAPPED_NAMES = 256;

const modelsShape = {
	/** Answers requests that name no model, or one that is neither here nor in the map; null: those are refused. */
	default: z.string().min(1).max(512).nullable(),
	/** Names of hosted models and the local models that answer for them, e.g. `{"gpt-4o-mini": "qwen2.5-7b-instruct-q4_k_m"}`. */
	map: z
		.record(z.string().min(1).max(512), z.string().min(1).max(512))
		.refine((map) => Object.keys(map).length <= MOST_MAPPED_NAMES, { error: `At most ${MOST_MAPPED_NAMES} names.` }),
};

const batchesShape = {
	/** Input, output and error files of a batch go this many days after its results were collected; before, never. */
	keepCollectedDays: z.int().min(1).max(3_650),
	/** Most output tokens from noon to noon, over all batches; null: no limit. Work goes on at the next noon. */
	nightTokens: z.int().min(1).nullable(),
	/** Most minutes of batch work from noon to noon; null: no limit. */
	nightMinutes: z.int().min(1).nullable(),
};

const energyShape = {
	/** Price of a kilowatt-hour; null: energy is shown without money. */
	pricePerKilowattHour: z.number().min(0).max(1_000).nullable(),
	/** Of that price, e.g. `EUR`. */
	currency: z.string().regex(/^[A-Z]{3}$/, { error: "Three capital letters, e.g. EUR." }),
	/** What this computer draws under batch work, where no GPU tells it; null: a stated estimate. */
	estimatedWatts: z.number().min(1).max(5_000).nullable(),
};

/** Events a webhook can be told of, by their type after `batch.`. */
const webhookEvents = ["completed", "failed", "expired", "cancelled", "needs_attention"] as const;

/** A host with or without port, as it stands in a URL: `example.com`, `10.0.0.7:8080`. */
const hostSchema = z
	.string()
	.max(260)
	.regex(/^(?:[a-z0-9._-]+|\[[0-9a-f:.]+\])(?::[1-9]\d{0,4})?$/, {
		error: "A host is written as in a URL, lower case, with its port if it has one: example.com or 10.0.0.7:8080.",
	});

const webhooksShape = {
	/** The only hosts webhooks are sent to. Empty: none at all. */
	allowedHosts: z.array(hostSchema).max(64),
	/** Who is told of every batch. */
	endpoints: z
		.array(
			z.strictObject({
				url: z.url({ protocol: /^https?$/ }).max(2_048),
				events: z.array(z.enum(webhookEvents)).default([...webhookEvents]),
			}),
		)
		.max(16),
};

/** Everything that can be chosen, with what holds where nothing was. */
export const settingsSchema = z.object({
	models: z.object({ default: modelsShape.default.default(null), map: modelsShape.map.default({}) }).prefault({}),
	batches: z
		.object({
			keepCollectedDays: batchesShape.keepCollectedDays.default(30),
			nightTokens: batchesShape.nightTokens.default(null),
			nightMinutes: batchesShape.nightMinutes.default(null),
		})
		.prefault({}),
	energy: z
		.object({
			pricePerKilowattHour: energyShape.pricePerKilowattHour.default(null),
			currency: energyShape.currency.default("EUR"),
			estimatedWatts: energyShape.estimatedWatts.default(null),
		})
		.prefault({}),
	webhooks: z
		.object({
			allowedHosts: webhooksShape.allowedHosts.default([]),
			endpoints: webhooksShape.endpoints.default([]),
		})
		.prefault({}),
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
	models: z.strictObject(modelsShape).partial().optional(),
	batches: z.strictObject(batchesShape).partial().optional(),
	energy: z.strictObject(energyShape).partial().optional(),
	webhooks: z.strictObject(webhooksShape).partial().optional(),
});
/** `PATCH /api/settings`: what to change. */
export type SettingsPatch = Wire<typeof settingsPatchSchema>;
