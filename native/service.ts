/**
 * The composition root: builds every room in order, starts and stops them. Nothing else constructs a subsystem. Must never
 * hold logic of its own; and because starting is recovering, there is no other way to start.
 */
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { homedir, hostname } from "node:os";
import { pino } from "pino";
import { createApi } from "./api/api.ts";
import { type RunningServer, startServer } from "./api/server.ts";
import { type Clock, err, errorCode, type Log, ok, type Result, systemClock } from "./base/base.ts";
import { createEngine } from "./engine/create-engine.ts";
import { createResidency } from "./engine/create-residency.ts";
import type { LoadOptions } from "./engine/engine.ts";
import type { GpuPacks } from "./engine/packs/packs.ts";
import type { Residency } from "./engine/residency.ts";
import { createJobs } from "./jobs/create-jobs.ts";
import type { Jobs } from "./jobs/jobs.ts";
import { alwaysPermitted, type WorkPermit } from "./jobs/work-permit.ts";
import type { Ledger, OpenFailure, Retention } from "./ledger/ledger.ts";
import { openLedger } from "./ledger/open.ts";
import { createLive } from "./live/create-live.ts";
import type { Live } from "./live/live.ts";
import { foreignModelLocations } from "./locations/foreign-models.ts";
import { type Locations, locate } from "./locations/locations.ts";
import type { Machine } from "./machine/machine.ts";
import { createWakefulness, type KeptAwakeBy } from "./machine/wakefulness.ts";
import type { RunningMesh } from "./mesh/create-mesh.ts";
import type { Mesh } from "./mesh/mesh.ts";
import { createModelCopies } from "./mesh/share/model-copies.ts";
import { readCatalogue } from "./models/catalogue.ts";
import { createDownloads } from "./models/downloads/create-downloads.ts";
import { hubSettings } from "./models/downloads/hub-settings.ts";
import { createModelFacts } from "./models/model-facts.ts";
import { createModels, type ModelFile, type ModelNotFound, type Models } from "./models/models.ts";
import { createNotifier } from "./notify/create-notifier.ts";
import type { Notifier } from "./notify/notify.ts";
import { createReports } from "./reports/create-reports.ts";
import { createPrices } from "./reports/prices.ts";
import type { Reports } from "./reports/reports.ts";
import type { Scheduler, StepAside } from "./scheduler/scheduler.ts";
import { createOthers, createPacks, createPower, createScheduling, createThisMachine } from "./service-rooms.ts";
import { createApiKeys } from "./settings/api-keys.ts";
import { writeServerToken } from "./settings/server-token.ts";
import { createSettings, type Settings } from "./settings/settings.ts";
import { createThreads } from "./threads/threads.ts";

/** How to run the service. */
export interface ServiceOptions {
	readonly dataDir: string;
	/** Name or path of the model that answers every line, whatever model it names; null: each line's own. */
	readonly model: string | null;
	/** Batch lanes; null: measured for this machine. */
	readonly lanes: number | null;
	/** Port of the loopback server; null: no server. */
	readonly port: number | null;
	/** True takes up every open batch at once; false leaves it to the caller to call `jobs.start`. */
	readonly startJobs: boolean;
	/** `scheduled`: batch work runs when the machine is free; `here-and-now`: whoever asked waits for it, so it runs. */
	readonly conduct: "scheduled" | "here-and-now";
	readonly logLevel: "debug" | "info" | "warn" | "error";
	/** False keeps the model off the GPU. */
	readonly gpu: boolean;
	readonly threads: number | null;
	readonly version: string;
	/** Who keeps the computer from falling asleep; by default the service itself. */
	readonly keptAwakeBy?: KeptAwakeBy;
}

/** A server that listens, and the key to it. */
export interface ServiceServer extends RunningServer {
	/** Opens `/api` to our own tools, as `Authorization: Bearer …`. Never to be printed or logged. */
	readonly token: string;
}

/** Everything a command may need of the running service. */
export interface Service {
	readonly locations: Locations;
	readonly settings: Settings;
	readonly ledger: Ledger;
	readonly models: Models;
	readonly residency: Residency;
	readonly gpuPacks: GpuPacks;
	readonly jobs: Jobs;
	readonly stepAside: StepAside;
	readonly machine: Machine;
	readonly scheduler: Scheduler;
	readonly mesh: Mesh;
	readonly live: Live;
	readonly reports: Reports;
	readonly notifier: Notifier;
	readonly clock: Clock;
	readonly log: Log;
	/** The model that answers every request, when one was named. */
	readonly modelOverride: ModelFile | null;
	readonly server: ServiceServer | null;
	/** Records what is finished, gives the GPU back, closes the ledger. */
	stop(): Promise<void>;
}

/** Why the service did not start. */
export type StartFailure =
	| OpenFailure
	| ModelNotFound
	| { readonly kind: "token-not-written"; readonly message: string };

/** Files and uploads past their time are looked for this often. */
const SWEEP_MS = 10 * 60_000;
const DAY_MS = 24 * 3_600_000;
/** Files uploaded for batches that no batch ever read are kept as long as OpenAI keeps them. */
const KEEP_UNUSED_MS = 30 * DAY_MS;
/** The data folder is its owner's alone: batch files are nobody else's business. */
const OWNER_ONLY = 0o700;

/** Builds and starts the service. */
export async function startService(options: ServiceOptions): Promise<Result<Service, StartFailure>> {
	const locations = locate(options.dataDir);
	const prepared = prepareFolder(locations, options.logLevel);
	if (!prepared.ok) return err(prepared.error);
	const log = prepared.value;
	const clock = systemClock;

	const settings = createSettings({ path: locations.settingsPath, log });
	const names = () => settings.current.models;
	const foreign = foreignModelLocations(process.env, homedir(), process.platform);
	const models = createModels({ ...locations, names, foreign, clock, log });
	const override = options.model === null ? ok(null) : models.find(options.model);
	if (!override.ok) return err(override.error);
	const modelOverride = override.value;
	const opened = await openLedger({ ...locations, clock, log, fetchBlob: (...blob) => mesh.fetchBlob(...blob) });
	if (!opened.ok) return err(opened.error);
	const ledger = opened.value;
	const native = () => ({ gpu: options.gpu ? ("auto" as const) : (false as const), packs: gpuPacks.forLoading() });
	const residency = createResidency({
		createEngine: () => createEngine({ clock, log, native: native() }),
		load: chooseLoad(options, settings),
		mostModels: settings.current.endpoint.mostModels,
		settleFor: () => settings.current.outOfMemory.settleFor,
		clock,
		log,
	});
	const machine = createThisMachine({ residency, settings, clock, log });
	const gpuPacks = createPacks({ machine, residency, locations, clock, log });
	const power = createPower({ machine, residency, settings, clock, log });
	const nightBudget = () => settings.current.batches;
	const permit = () => (options.conduct === "scheduled" ? scheduler.permit() : alwaysPermitted);
	const mesh = createOthers({ ledger, models, settings, locations, permit, clock, log, ...options }, () => ({
		jobs,
		machine,
	}));
	const worker = { ledger, residency, models, power, nightBudget, permit, sharing: mesh.sharing, clock, log };
	const jobs = createJobs({ ...worker, machine: () => mesh.ownName });
	const wakefulness = createWakefulness({
		platform: process.platform,
		log,
		keptAwakeBy: options.keptAwakeBy ?? "self",
	});
	const scheduling = { machine, residency, jobs, settings, locations, wakefulness, usesGpu: options.gpu, clock, log };
	const { stepAside, scheduler } = createScheduling(scheduling);
	const live = createLive({ residency, models, modelOverride, log });
	const prices = createPrices({ ...locations, log });
	const reports = createReports({ ledger, jobs, power, stepAside, settings, prices, clock });
	const secretPath = locations.webhookSecretPath;
	const notifier = createNotifier({ ledger, reports, settings, secretPath, clock, log, version: options.version });
	const work = { ledger, jobs, models, residency, gpuPacks, stepAside, machine, scheduler, live, reports, notifier };
	const rooms = { ...work, mesh, settings, clock, log };

	const open = () => listen({ ...rooms, permit }, modelOverride, locations, options);
	const listening = options.port === null ? ok(null) : await open();
	if (options.conduct === "scheduled") scheduler.start();
	if (options.startJobs && listening.ok) jobs.start();
	if (options.conduct === "scheduled" && listening.ok) mesh.start();
	notifier.start();
	const sweeping = startSweeping({ ledger, settings, log });
	async function stop(): Promise<void> {
		clearInterval(sweeping);
		if (listening.ok) await listening.value?.stop();
		await mesh.stop();
		await scheduler.stop();
		await stepAside.stop();
		await jobs.stop();
		power.stop();
		await machine.stop();
		await notifier.stop();
		await residency.stop();
		settings.stop();
		await ledger.close();
	}
	if (!listening.ok) {
		await stop();
		return err(listening.error);
	}
	return ok({ ...rooms, locations, modelOverride, server: listening.value, stop });
}

/** Makes the data folder and opens the log in it. */
function prepareFolder(
	{ dataDir, logPath }: Locations,
	level: ServiceOptions["logLevel"],
): Result<pino.Logger, StartFailure> {
	try {
		mkdirSync(dataDir, { recursive: true, mode: OWNER_ONLY });
		return ok(
			pino({ level, serializers: { error: pino.stdSerializers.err } }, pino.destination({ dest: logPath, sync: true })),
		);
	} catch (error) {
		const code = errorCode(error);
		if (code === "") throw error;
		const message = `Nightshift can't write to its data folder ${dataDir} (${code}). Give it the right to, or choose another folder with --data-dir.`;
		return err({ kind: "unwritable", message });
	}
}

/** Looks for what is past its time, again and again. */
function startSweeping({ ledger, settings, log }: Pick<Service, "ledger" | "settings" | "log">): NodeJS.Timeout {
	return setInterval(() => {
		ledger
			.sweep(retentionOf(settings))
			.catch((error: unknown) => log.error({ error: String(error) }, "old files could not be swept"));
	}, SWEEP_MS);
}

function retentionOf({ current }: Settings): Retention {
	return { keepCollectedMs: current.batches.keepCollectedDays * DAY_MS, keepUnusedMs: KEEP_UNUSED_MS };
}

/** How models are loaded that have the memory to themselves. Without a server nobody asks for anything live. */
function chooseLoad({ lanes, threads, port }: ServiceOptions, { current }: Settings): LoadOptions {
	const { interactiveLanes, interactiveContextTokens } = current.endpoint;
	return {
		lanes,
		contextTokens: null,
		gpuLayers: null,
		threads,
		interactiveLanes: port === null ? 0 : interactiveLanes,
		interactiveContextTokens,
		beside: false,
	};
}

/** What the door leads to; what only the door needs is built with it. */
type ServedRooms = Omit<Service, "locations" | "modelOverride" | "server" | "stop" | "mesh"> & {
	readonly mesh: RunningMesh;
	readonly permit: () => WorkPermit;
};

/** Opens the door on loopback; our own tools find it and its key in the data folder while it is open. */
async function listen(
	rooms: ServedRooms,
	modelOverride: ModelFile | null,
	locations: Locations,
	{ port, version }: ServiceOptions,
): Promise<Result<ServiceServer, StartFailure>> {
	const { clock, log, settings, models, mesh, gpuPacks } = rooms;
	const { serverPath } = locations;
	const token = await writeServerToken(locations.tokenPath);
	if (!token.ok) return err({ kind: "token-not-written", message: token.error.message });
	const keys = createApiKeys({ path: locations.apiKeysPath, clock, log });
	const access = { token: token.value.value, keys, settings };
	const downloads = createDownloads({
		...{ ...locations, ...hubSettings(process.env, log), clock, log },
		onDigest: models.rememberDigest,
		machines: mesh.machineFiles,
	});
	const modelCopies = createModelCopies({ ...rooms, downloads });
	const catalogue = readCatalogue(locations.modelCataloguePath);
	const stopping = new AbortController();
	const api = createApi({
		...rooms,
		...{ access, version, downloads, stopping: stopping.signal },
		threads: createThreads({ dir: locations.threadsDir, clock, log }),
		modelShelf: {
			models,
			modelFacts: createModelFacts(),
			downloads,
			modelCopies,
			catalogue,
			modelsDir: locations.modelsDir,
		},
		dataDir: locations.dataDir,
		pageDir: locations.pageDir,
		sessionsPath: locations.sessionsPath,
		machineName: hostname(),
		modelOverride: modelOverride?.path ?? null,
	});
	await downloads.start();
	modelCopies.start();
	await gpuPacks.start();
	const server = await startServer(api, { port: port ?? 0, host: "127.0.0.1", log });
	writeFileSync(serverPath, JSON.stringify({ port: server.port, pid: process.pid }));
	return ok({
		...server,
		token: token.value.value,
		async stop() {
			rmSync(serverPath, { force: true });
			stopping.abort();
			modelCopies.stop();
			await server.stop();
			await downloads.stop();
			await gpuPacks.stop();
			token.value.remove();
		},
	});
}
