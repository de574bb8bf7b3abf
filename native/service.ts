/**
 * The composition root: builds every room in order, starts and stops them. Nothing else constructs a subsystem. Must never
 * hold logic of its own; and because starting is recovering, there is no other way to start.
 */
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { hostname } from "node:os";
import { pino } from "pino";
import { createApi } from "./api/api.ts";
import { type RunningServer, startServer } from "./api/server.ts";
import { err, type Log, ok, type Result, systemClock } from "./base/base.ts";
import { createEngine } from "./engine/create-engine.ts";
import type { Engine } from "./engine/engine.ts";
import { createJobs } from "./jobs/create-jobs.ts";
import type { Jobs } from "./jobs/jobs.ts";
import type { Ledger, OpenFailure } from "./ledger/ledger.ts";
import { openLedger } from "./ledger/open.ts";
import { type Locations, locate } from "./locations/locations.ts";
import { createModels, type ModelFile, type ModelNotFound, type Models } from "./models/models.ts";

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
	readonly logLevel: "debug" | "info" | "warn" | "error";
	/** False keeps the model off the GPU. */
	readonly gpu: boolean;
	readonly threads: number | null;
	readonly version: string;
}

/** Everything a command may need of the running service. */
export interface Service {
	readonly locations: Locations;
	readonly ledger: Ledger;
	readonly models: Models;
	readonly engine: Engine;
	readonly jobs: Jobs;
	readonly log: Log;
	/** The model that answers every line, when one was named. */
	readonly modelOverride: ModelFile | null;
	readonly server: RunningServer | null;
	/** Records what is finished, gives the GPU back, closes the ledger. */
	stop(): Promise<void>;
}

/** Why the service did not start. */
export type StartFailure = OpenFailure | ModelNotFound;

/** Files and uploads past their time are looked for this often. */
const SWEEP_MS = 10 * 60_000;

/** Builds and starts the service. */
export async function startService(options: ServiceOptions): Promise<Result<Service, StartFailure>> {
	const locations = locate(options.dataDir);
	mkdirSync(locations.dataDir, { recursive: true });
	const log = pino({ level: options.logLevel }, pino.destination({ dest: locations.logPath, sync: true }));
	const clock = systemClock;

	const models = createModels({ ...locations, log });
	const override = options.model === null ? ok(null) : models.find(options.model);
	if (!override.ok) return err(override.error);
	const opened = await openLedger({ dataDir: locations.dataDir, clock, log });
	if (!opened.ok) return err(opened.error);
	const ledger = opened.value;
	const engine = createEngine({ clock, log, native: { gpu: options.gpu ? "auto" : false } });
	const jobs = createJobs({
		ledger,
		engine,
		models,
		clock,
		log,
		machine: hostname(),
		load: { lanes: options.lanes, contextTokens: null, gpuLayers: null, threads: options.threads, interactiveLanes: 0 },
	});
	if (options.startJobs) jobs.start();
	const sweeping = setInterval(() => {
		ledger.sweep().catch((error: unknown) => log.error({ error: String(error) }, "old files could not be swept"));
	}, SWEEP_MS);
	const api = createApi({
		ledger,
		jobs,
		models,
		clock,
		log,
		modelOverride: override.value?.path ?? null,
		version: options.version,
		status: () => engine.state,
	});
	const server = options.port === null ? null : await startServer(api, { port: options.port, host: "127.0.0.1", log });
	if (server) writeFileSync(locations.serverPath, JSON.stringify({ port: server.port, pid: process.pid }));

	return ok({
		locations,
		ledger,
		models,
		engine,
		jobs,
		log,
		modelOverride: override.value,
		server,
		async stop() {
			clearInterval(sweeping);
			if (server) rmSync(locations.serverPath, { force: true });
			await server?.stop();
			await jobs.stop();
			await engine.stop();
			await ledger.close();
		},
	});
}
