/**
 * Helpers for tests of the API and of what runs behind it: a real ledger in a folder of its own, a real socket, the official
 * client. Must never be imported by the product.
 */
import { existsSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { type IncomingHttpHeaders, request } from "node:http";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Hono } from "hono";
import OpenAI from "openai";
import { err, type Log, ok, silentLog, systemClock } from "../base/base.ts";
import type { Jobs } from "../jobs/jobs.ts";
import { isEnded } from "../ledger/batch-status.ts";
import type { BatchRecord, Ledger } from "../ledger/ledger.ts";
import { openLedger } from "../ledger/open.ts";
import { sampleSnapshot } from "../machine/testing.ts";
import { createLoneMesh } from "../mesh/lone-mesh.ts";
import type { Mesh } from "../mesh/mesh.ts";
import type { Notifier } from "../notify/notify.ts";
import type { Reports } from "../reports/reports.ts";
import { mayRun } from "../scheduler/testing.ts";
import { type ApiKeys, createApiKeys } from "../settings/api-keys.ts";
import { createSettings, type Settings } from "../settings/settings.ts";
import { createThreads } from "../threads/threads.ts";
import type { ApiEnv } from "./answer-headers.ts";
import { type ApiDeps, createApi } from "./api.ts";
import type { EventStreamLimits } from "./event-stream.ts";
import { type ApiLimits, apiLimits } from "./limits.ts";
import { createLiveRooms, type LiveRooms } from "./live-testing.ts";
import { startServer } from "./server.ts";

/** What a test may choose; all of it has a sane default. */
export interface TestApiOptions {
	/** Runs the batches; by default `createClerk`, which runs none. */
	readonly jobs?: (ledger: Ledger) => Jobs;
	/** By default there are none. */
	readonly models?: Partial<ApiDeps["models"]>;
	/** By default nothing can be foretold. */
	readonly reports?: Partial<Reports>;
	/** By default nothing happens. */
	readonly notifier?: Notifier;
	/** By default nothing goes on, and work may run. */
	readonly machine?: ApiDeps["machine"];
	readonly scheduler?: ApiDeps["scheduler"];
	/** By default this machine works by itself. */
	readonly mesh?: (ledger: Ledger) => Mesh;
	/** By default nothing is ever downloaded. */
	readonly downloads?: ApiDeps["downloads"];
	/** By default there are none. */
	readonly gpuPacks?: ApiDeps["gpuPacks"];
	/** By default there is no page. */
	readonly pageDir?: string;
	readonly limits?: Partial<ApiLimits>;
	/** Answers live requests; by default with no model at all. */
	readonly rooms?: LiveRooms;
	readonly streamLimits?: EventStreamLimits;
	readonly log?: Log;
	readonly stopLimitMs?: number;
}

/** An API that listens on a free port. */
export interface TestApi {
	/** e.g. `http://127.0.0.1:40001`. */
	readonly url: string;
	readonly port: number;
	/** The official client, unmodified, pointed at the server. */
	readonly client: OpenAI;
	readonly app: Hono<ApiEnv>;
	readonly ledger: Ledger;
	readonly jobs: Jobs;
	/** Opens `/api`, as one of our own tools has it: `{ authorization: `Bearer ${token}` }`. */
	readonly token: string;
	readonly keys: ApiKeys;
	/** Where the keys lie. */
	readonly keysPath: string;
	readonly settings: Settings;
	/** Files below the ledger's folder that hold content: blobs, finished or being written. */
	contentFiles(): readonly string[];
	/** Stops the server, closes the ledger, removes the folder. */
	stop(): Promise<void>;
}

/** Starts an API over a new ledger. Close it with `stop`, or with `await using`. */
export async function startTestApi(options: TestApiOptions = {}): Promise<TestApi & AsyncDisposable> {
	const folder = mkdtempSync(join(tmpdir(), "nightshift-api-"));
	const log = options.log ?? silentLog;
	const opened = await openLedger({ dataDir: folder, clock: systemClock, log });
	if (!opened.ok) throw new Error(opened.error.message);
	const ledger = opened.value;
	const jobs = (options.jobs ?? createClerk)(ledger);
	const keysPath = join(folder, "api-keys.json");
	const keys = createApiKeys({ path: keysPath, clock: systemClock, log });
	const settings = createSettings({ path: join(folder, "settings.json"), log });
	const token = "7".repeat(64);
	const rooms = options.rooms ?? createLiveRooms();
	const stopping = new AbortController();
	const app = createApi({
		ledger,
		jobs,
		reports: { ...noReports, ...options.reports },
		notifier: options.notifier ?? silentNotifier,
		models: { ...noModels, ...options.models },
		clock: systemClock,
		log,
		access: { token, keys, settings },
		sessionsPath: join(folder, "sessions.json"),
		pageDir: options.pageDir ?? join(folder, "no-page"),
		machineName: "test-machine",
		machine: options.machine ?? idleMachine,
		scheduler: options.scheduler ?? idleScheduler,
		mesh: options.mesh?.(ledger) ?? createLoneMesh({ ledger, self: () => null }),
		threads: createThreads({ dir: join(folder, "threads"), clock: systemClock, log }),
		...(options.downloads ? { downloads: options.downloads } : {}),
		...(options.gpuPacks ? { gpuPacks: options.gpuPacks } : {}),
		modelOverride: null,
		version: "0.0.0-test",
		dataDir: folder,
		...rooms,
		limits: { ...apiLimits, ...options.limits },
		...(options.streamLimits ? { streamLimits: options.streamLimits } : {}),
		stopping: stopping.signal,
	});
	const { stopLimitMs = 500 } = options;
	const server = await startServer(app, { port: 0, host: "127.0.0.1", log, stopLimitMs });
	async function stop() {
		stopping.abort();
		await server.stop();
		settings.stop();
		await ledger.close();
		rmSync(folder, { recursive: true, force: true });
	}
	return {
		url: server.url,
		port: server.port,
		client: new OpenAI({ baseURL: `${server.url}/v1`, apiKey: "none" }),
		app,
		ledger,
		jobs,
		token,
		keys,
		keysPath,
		settings,
		contentFiles: () => listFiles(join(folder, "blobs")),
		stop,
		[Symbol.asyncDispose]: stop,
	};
}

function listFiles(folder: string): string[] {
	if (!existsSync(folder)) return [];
	const entries = readdirSync(folder, { recursive: true, withFileTypes: true });
	return entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
}

const idleMachine: ApiDeps["machine"] = {
	snapshot: sampleSnapshot(),
	look: async () => sampleSnapshot(),
	watch: () => () => {},
	reportPresence() {},
};

const idleScheduler: ApiDeps["scheduler"] = {
	verdict: mayRun,
	rest: { isPaused: false, snoozedUntilMs: null },
	setRest: async () => ok({ isPaused: false, snoozedUntilMs: null }),
	watch: () => () => {},
};

const noModels: ApiDeps["models"] = {
	list: () => [],
	choose: (name) => err({ kind: "model-not-found", message: `There is no model "${name}".` }),
};

const noReports: Reports = {
	forecast: () => null,
	lastNight() {
		throw new Error("This test asks for a report without bringing one");
	},
};

const silentNotifier: Notifier = {
	notices: () => [],
	watch: () => () => {},
	secret: () => Promise.reject(new Error("This test asks for a secret without bringing one")),
	start() {},
	async stop() {},
};

/** The least that is a `Jobs`: books batches in and out of the ledger, and runs nothing. */
export function createClerk(ledger: Ledger): Jobs {
	/** Does something to a batch that has ended, or has not, as it takes. */
	async function act(batchId: string, wanted: "open" | "ended", action: () => Promise<BatchRecord>) {
		const batch = ledger.batch(batchId);
		if (batch === null) return err({ kind: "not-found" } as const);
		if (isEnded(batch.status) === (wanted === "ended")) return ok(await action());
		return err({ kind: "wrong-state", batch, message: `It is ${batch.status}.` } as const);
	}

	return {
		async create(manifest, idempotencyKey) {
			const file = ledger.file(manifest.inputFileId);
			const param = "input_file_id";
			if (file === null) return err({ kind: "file-not-found", message: "There is no such file.", param });
			if (file.purpose !== "batch") return err({ kind: "wrong-purpose", message: "Not a batch file.", param });
			return ok((await ledger.createBatch(manifest, idempotencyKey)).batch);
		},
		cancel: (id) => act(id, "open", () => ledger.cancel(id)),
		queue: (id, windowMs) => act(id, "open", () => ledger.queue(id, windowMs)),
		pause: (id) => act(id, "open", () => ledger.pause(id, "user", "Paused by hand.")),
		resume: (id) => act(id, "open", () => ledger.resume(id)),
		retry: (id, _which, windowMs) => act(id, "ended", () => ledger.retry(id, "all", windowMs)),
		progress: () => null,
		forecast: () => null,
		health: (id) => (ledger.batch(id) === null ? null : { state: "waiting", words: "waiting for a clerk" }),
		attend() {},
		wantsToRehearse: () => false,
		hasWork: () => false,
		start() {},
		async stop() {},
	};
}

/** A form with one file, as a browser or an SDK makes it. */
export function fileForm(
	content: string | Uint8Array<ArrayBuffer>,
	fields: Readonly<Record<string, string>> = { purpose: "batch" },
): FormData {
	const form = new FormData();
	form.set("file", new Blob([content]), "tickets.jsonl");
	for (const [name, value] of Object.entries(fields)) form.set(name, value);
	return form;
}

/** Sends bytes over a bare socket and answers all that comes back until the server closes. */
export function exchange(port: number, ...pieces: readonly (string | Uint8Array)[]): Promise<string> {
	const { promise, resolve, reject } = Promise.withResolvers<string>();
	const socket = connect(port, "127.0.0.1", async () => {
		for (const piece of pieces) await new Promise((sent) => socket.write(piece, sent));
	});
	const received: Buffer[] = [];
	socket.on("data", (data) => received.push(data));
	socket.on("close", () => resolve(Buffer.concat(received).toString()));
	socket.on("error", (error) => (received.length > 0 ? resolve(Buffer.concat(received).toString()) : reject(error)));
	return promise;
}

/** What came back. */
export interface Answer {
	readonly status: number;
	readonly headers: IncomingHttpHeaders;
	readonly text: string;
}

/**
 * Sends one request exactly as it is told to: unlike `fetch`, it tidies no path and adds no header but Host, Connection and
 * the body's length.
 */
export function ask(
	port: number,
	method: string,
	path: string,
	headers: Readonly<Record<string, string>> = {},
	body: string | null = null,
): Promise<Answer> {
	const { promise, resolve, reject } = Promise.withResolvers<Answer>();
	const length: Record<string, string> = body === null ? {} : { "content-length": String(Buffer.byteLength(body)) };
	const asking = request({ port, host: "127.0.0.1", method, path, headers: { ...length, ...headers }, agent: false });
	asking.on("error", reject);
	asking.on("response", async (response) => {
		const chunks: Buffer[] = [];
		for await (const chunk of response) chunks.push(chunk);
		resolve({
			status: response.statusCode ?? 0,
			headers: response.headers,
			text: Buffer.concat(chunks).toString(),
		});
	});
	asking.end(body ?? undefined);
	return promise;
}
