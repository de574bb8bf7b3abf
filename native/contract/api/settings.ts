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

/** A time of day, local time. */
const timeOfDaySchema = z
	.string()
	.regex(/^(?:[01]\d|2[0-3]):[0-5]\d$/, { error: "A time of day is written as 23:00." });
/** From a time of day to another; over midnight where the second is not after the first. */
const windowSchema = z.strictObject({ from: timeOfDaySchema, to: timeOfDaySchema });
/** Windows that begin on one weekday: more than four would be an hour's list of exceptions. */
const windowsSchema = z.array(windowSchema).max(4);
/** Days of the week as `Date` counts them, from Sunday. */
export const weekdays = ["sunday", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday"] as const;
/** A day of the week. */
export type Weekday = (typeof weekdays)[number];
const nightShape = {
	monday: windowsSchema,
	tuesday: windowsSchema,
	wednesday: windowsSchema,
	thursday: windowsSchema,
	friday: windowsSchema,
	saturday: windowsSchema,
	sunday: windowsSchema,
};
/** When most people sleep, with an hour to spare before they sit down again. */
const usualNight = [{ from: "23:00", to: "07:00" }];

const scheduleShape = {
	/**
	 * `always`: whatever the hour and whoever is there. `when-idle`: inside the night window, and at other times while the user is
	 * away. `away`: only while the user is away, at night too. `night`: only inside the night window. Games, other programs,
	 * battery and heat stop work in all of them.
	 */
	mode: z.enum(["always", "when-idle", "away", "night"]),
	/** Without a key or click for so long the user is away. */
	awayMinutes: z.int().min(1).max(1_440),
};

/** Names of programs: as many as anybody lists by hand. */
const programsSchema = z.array(z.string().min(1).max(128)).max(128);

const limitsShape = {
	/** Others may use so much of a GPU's time; null: as much as they like. */
	othersGpuPercent: z.int().min(1).max(100).nullable(),
	/** Others may use so much of a GPU's memory; null: as much as they like. */
	othersGpuMemoryPercent: z.int().min(1).max(100).nullable(),
	/** So much of a GPU's memory stays free for others while we work; null: none. */
	leastFreeGpuMegabytes: z.int().min(0).max(1_000_000).nullable(),
	/** Others may use so much of the processor while a model runs on it; null: as much as they like. */
	othersCpuPercent: z.int().min(1).max(100).nullable(),
	/** So much of the main memory stays available; null: none. */
	leastFreeMemoryPercent: z.int().min(0).max(90).nullable(),
	/** A GPU or processor hotter than this is left to cool; null: the hardware looks after itself. */
	temperatureCelsius: z.int().min(40).max(120).nullable(),
	/** Work goes on on battery, down to `leastBatteryPercent`. */
	onBattery: z.boolean(),
	leastBatteryPercent: z.int().min(5).max(100),
	/** Programs that stop batch work while they run, by the name of their file: `obs`, `davinci-resolve`. */
	stopFor: programsSchema,
	/** Programs whose use of the machine never stops batch work. */
	ignore: programsSchema,
	/** Another program must have been gone for so long before work comes back. */
	coolDownMinutes: z.int().min(1).max(1_440),
	/** The same after a game: people stop playing for a while before they stop. */
	gameCoolDownMinutes: z.int().min(1).max(1_440),
};

const dayShape = {
	/** Outside the night window batch work takes at most so much of the GPU's time. */
	gpuPercent: z.int().min(5).max(100),
	/** Outside the night window batch work slows down until the GPU draws no more than this; null: no limit. */
	gpuWatts: z.int().min(10).max(2_000).nullable(),
};

const outOfMemoryShape = {
	/**
	 * What to try when a model does not fit for the moment: only `wait`; load it with `fewer-lanes`; or, when that is not enough
	 * either, with `fewer-layers` on the GPU, which is slower.
	 */
	settleFor: z.enum(["wait", "fewer-lanes", "fewer-layers"]),
};

const sleepShape = {
	/** On mains the computer does not fall asleep while there is batch work it may do. */
	keepAwake: z.boolean(),
	/** The computer is woken for the night window while there is batch work, where the system allows that. */
	wakeForNight: z.boolean(),
};

const desktopShape = {
	/** The desktop program starts with the user's session, in the tray: a machine that restarted in the night goes on working. */
	startAtLogin: z.boolean(),
	/** A file that is opened with Nightshift: `ask` rehearses it and waits for a word, `queue` queues it at once. */
	openedFiles: z.enum(["ask", "queue"]),
};

/** What the desktop program shows notifications of. */
const notificationsShape = {
	/** Batches that are done, and rehearsals. */
	done: z.boolean(),
	/** Batches that failed or ran out of time. */
	failed: z.boolean(),
	/** Batches that paused themselves, or may not be done in time. */
	attention: z.boolean(),
	/** The morning report. */
	morning: z.boolean(),
};

const updatesShape = {
	/** `beta` also gets versions that are still being tried. */
	channel: z.enum(["latest", "beta"]),
	/** A new version is downloaded once it is found; false: only when somebody says so. It is never installed unasked. */
	download: z.boolean(),
};

/** Name of a model on this machine. */
const modelNameSchema = z.string().min(1).max(512).nullable();

const modelsShape = {
	/** Answers requests that name no model, or one that is neither here nor in the map; null: those are refused. */
	default: modelNameSchema,
	/** Stands before `default` where somebody waits for the answer; null: `default` does. */
	chat: modelNameSchema,
	/** Stands before `default` for lines of batches; null: `default` does. */
	batch: modelNameSchema,
	/** Stands before `default` where vectors are wanted; null: `default` does. */
	embedding: modelNameSchema,
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

/** Most characters of a machine's name; longer ones break every list they are shown in. */
const MOST_NAME_CHARACTERS = 64;

/** Other machines; what is chosen here holds for this one. */
const meshShape = {
	/** This machine looks for others that it was paired with, and can be found by them. */
	isOn: z.boolean(),
	/** What others show this machine as; null: the computer's own name. */
	name: z
		.string()
		.max(MOST_NAME_CHARACTERS)
		.regex(/^\S(?:.*\S)?$/, { error: "A name is one line that begins and ends with something visible." })
		.nullable(),
	/** On which paired machines reach this one; a free port is taken where another program has it. */
	port: z.int().min(1_024).max(65_535),
	/** Whether this machine hands out the work for all: `never`, like others, or before others. */
	hosting: z.enum(["never", "allowed", "preferred"]),
	/**
	 * When a new batch is answered for: `protect` waits until it is safe on two machines; `auto` does that while another is heard, and
	 * says so when it stands on this one alone.
	 */
	acknowledge: z.enum(["auto", "protect"]),
	/** When results are shown: as soon as they are `available`, or once they are safe on `two` machines. */
	publish: z.enum(["available", "two"]),
	/** Models may be copied from this machine to others, and from others to it. */
	shareModels: z.boolean(),
};

/** Everything that can be chosen, with what holds where nothing was. */
export const settingsSchema = z.object({
	models: z
		.object({
			default: modelsShape.default.default(null),
			chat: modelsShape.chat.default(null),
			batch: modelsShape.batch.default(null),
			embedding: modelsShape.embedding.default(null),
			map: modelsShape.map.default({}),
		})
		.prefault({}),
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
	schedule: z
		.object({
			mode: scheduleShape.mode.default("when-idle"),
			awayMinutes: scheduleShape.awayMinutes.default(10),
		})
		.prefault({}),
	/** The night window: by the weekday it begins on. */
	night: z
		.object({
			monday: nightShape.monday.default(usualNight),
			tuesday: nightShape.tuesday.default(usualNight),
			wednesday: nightShape.wednesday.default(usualNight),
			thursday: nightShape.thursday.default(usualNight),
			friday: nightShape.friday.default(usualNight),
			saturday: nightShape.saturday.default(usualNight),
			sunday: nightShape.sunday.default(usualNight),
		})
		.prefault({}),
	limits: z
		.object({
			othersGpuPercent: limitsShape.othersGpuPercent.default(20),
			othersGpuMemoryPercent: limitsShape.othersGpuMemoryPercent.default(50),
			leastFreeGpuMegabytes: limitsShape.leastFreeGpuMegabytes.default(256),
			othersCpuPercent: limitsShape.othersCpuPercent.default(50),
			leastFreeMemoryPercent: limitsShape.leastFreeMemoryPercent.default(4),
			temperatureCelsius: limitsShape.temperatureCelsius.default(87),
			onBattery: limitsShape.onBattery.default(false),
			leastBatteryPercent: limitsShape.leastBatteryPercent.default(50),
			stopFor: limitsShape.stopFor.default([]),
			ignore: limitsShape.ignore.default([]),
			coolDownMinutes: limitsShape.coolDownMinutes.default(5),
			gameCoolDownMinutes: limitsShape.gameCoolDownMinutes.default(30),
		})
		.prefault({}),
	day: z
		.object({ gpuPercent: dayShape.gpuPercent.default(100), gpuWatts: dayShape.gpuWatts.default(null) })
		.prefault({}),
	outOfMemory: z.object({ settleFor: outOfMemoryShape.settleFor.default("fewer-layers") }).prefault({}),
	sleep: z
		.object({
			keepAwake: sleepShape.keepAwake.default(true),
			wakeForNight: sleepShape.wakeForNight.default(false),
		})
		.prefault({}),
	desktop: z
		.object({
			startAtLogin: desktopShape.startAtLogin.default(true),
			openedFiles: desktopShape.openedFiles.default("ask"),
		})
		.prefault({}),
	notifications: z
		.object({
			done: notificationsShape.done.default(true),
			failed: notificationsShape.failed.default(true),
			attention: notificationsShape.attention.default(true),
			morning: notificationsShape.morning.default(true),
		})
		.prefault({}),
	updates: z
		.object({ channel: updatesShape.channel.default("latest"), download: updatesShape.download.default(true) })
		.prefault({}),
	mesh: z
		.object({
			isOn: meshShape.isOn.default(false),
			name: meshShape.name.default(null),
			port: meshShape.port.default(22_008),
			hosting: meshShape.hosting.default("allowed"),
			acknowledge: meshShape.acknowledge.default("auto"),
			publish: meshShape.publish.default("available"),
			shareModels: meshShape.shareModels.default(false),
		})
		.prefault({}),
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
	schedule: z.strictObject(scheduleShape).partial().optional(),
	night: z.strictObject(nightShape).partial().optional(),
	limits: z.strictObject(limitsShape).partial().optional(),
	day: z.strictObject(dayShape).partial().optional(),
	outOfMemory: z.strictObject(outOfMemoryShape).partial().optional(),
	sleep: z.strictObject(sleepShape).partial().optional(),
	desktop: z.strictObject(desktopShape).partial().optional(),
	notifications: z.strictObject(notificationsShape).partial().optional(),
	updates: z.strictObject(updatesShape).partial().optional(),
	mesh: z.strictObject(meshShape).partial().optional(),
});
/** `PATCH /api/settings`: what to change. */
export type SettingsPatch = Wire<typeof settingsPatchSchema>;
