/**
 * The loopback HTTP API: OpenAI's Files, Uploads, Batches and Models, our own view of batches, and live requests in every
 * dialect. Owns routes, wire errors and limits; must never run a line, touch SQL or hold a file in memory, and listens nowhere
 * but on loopback.
 */
import { Hono } from "hono";
import { methodNotAllowed } from "hono/method-not-allowed";
import type { Clock, Log } from "../base/base.ts";
import type { GpuPacks } from "../engine/packs/packs.ts";
import type { Residency } from "../engine/residency.ts";
import type { Jobs } from "../jobs/jobs.ts";
import type { DraftDeps } from "../jobs/new-batch.ts";
import { LedgerInputElsewhereError, LedgerWriteError } from "../ledger/errors.ts";
import type { Ledger } from "../ledger/ledger.ts";
import type { Live } from "../live/live.ts";
import type { Machine } from "../machine/machine.ts";
import type { Mesh } from "../mesh/mesh.ts";
import type { Notifier } from "../notify/notify.ts";
import type { Reports } from "../reports/reports.ts";
import type { Scheduler, StepAside } from "../scheduler/scheduler.ts";
import type { Threads } from "../threads/threads.ts";
import { type ApiEnv, answerHeaders } from "./answer-headers.ts";
import { createAnthropicBatchRoutes } from "./anthropic-batches.ts";
import { type Access, keyHolders, ownerOnly } from "./auth.ts";
import { createBatchFormats } from "./batch-formats.ts";
import { createBatchLinesRoutes } from "./batch-lines.ts";
import { createBatchRoutes } from "./batches.ts";
import { cors } from "./cors.ts";
import { diskFull, internalError, quote, refuse } from "./errors.ts";
import type { EventStreamLimits } from "./event-stream.ts";
import { createEventRoutes } from "./events.ts";
import { createFileRoutes } from "./files.ts";
import { createFilesByPathRoute } from "./files-by-path.ts";
import { createGpuPackRoutes } from "./gpu-packs.ts";
import { guard } from "./guard.ts";
import { type ApiLimits, apiLimits } from "./limits.ts";
import { createLiveRoutes } from "./live-routes.ts";
import type { DownloadList } from "./live-view.ts";
import { createMachineRoutes } from "./machine.ts";
import { createMeshRoutes } from "./mesh-routes.ts";
import { createMetricsRoute } from "./metrics.ts";
import { createModelRoutes, type ModelCatalog } from "./models.ts";
import { createOwnBatchMachinesRoute } from "./own-batch-machines.ts";
import { createOwnBatchRoutes } from "./own-batches.ts";
import { createOwnModelRoutes, type OwnModelRoutesDeps } from "./own-models.ts";
import { createOwnRehearsalRoutes } from "./own-rehearsals.ts";
import { createOwnResultRoutes } from "./own-results.ts";
import { createOwnerRoutes } from "./owner-routes.ts";
import { createPageRoutes } from "./page.ts";
import { createPairingRoutes } from "./pairing-routes.ts";
import { createReportRoutes } from "./reports.ts";
import { createSessions } from "./sessions.ts";
import { createStatusRoute } from "./status.ts";
import { createThreadsRoutes } from "./threads-routes.ts";
import { createUploadRoutes } from "./uploads.ts";

/** What the API is made from. */
export interface ApiDeps {
	readonly ledger: Ledger;
	readonly jobs: Jobs;
	/** Says what batches cost and what was done. */
	readonly reports: Reports;
	/** Says what happened to batches. */
	readonly notifier: Notifier;
	readonly models: ModelCatalog & DraftDeps["models"];
	readonly clock: Clock;
	readonly log: Log;
	/** Who may call, and what the owner chose about it. */
	readonly access: Access;
	/** Path of the model that answers every batch made here; null: the one each file names. */
	readonly modelOverride: string | null;
	/** Version of the product. */
	readonly version: string;
	/** Folder of everything this machine keeps, for `/api/status`. */
	readonly dataDir: string;
	/** The models in memory, for `/api/status`. */
	readonly residency: Pick<Residency, "models">;
	/** Answers live requests. */
	readonly live: Live;
	/** Freezes batch work while it does. */
	readonly stepAside: StepAside;
	/** Where it is kept who is signed in. */
	readonly sessionsPath: string;
	/** Folder of the built page; it need not be there. */
	readonly pageDir: string;
	/** What this computer is called. */
	readonly machineName: string;
	/** Looks at this computer. */
	readonly machine: Pick<Machine, "snapshot" | "look" | "reportPresence" | "watch">;
	/** The other machines. */
	readonly mesh: Mesh;
	/** Decides whether batch work may run. */
	readonly scheduler: Pick<Scheduler, "verdict" | "rest" | "setRest" | "watch">;
	/** Keeps the chat window's conversations. */
	readonly threads: Threads;
	/** Models on their way here; none where nothing is ever downloaded. */
	readonly downloads?: DownloadList;
	/** Backends that are fetched on demand; without them there is no `/api/gpu-packs`. */
	readonly gpuPacks?: GpuPacks;
	/** What there is to know of models and where more are had; without it there is no `/api/models`. */
	readonly modelShelf?: ModelShelf;
	/** Smaller in tests. */
	readonly limits?: ApiLimits;
	/** Smaller in tests. */
	readonly streamLimits?: EventStreamLimits;
	/** Aborted when the service stops: streams of events end with it, and nobody waits for them. */
	readonly stopping?: AbortSignal;
}

/** What there is to know of models and where more are had. */
export type ModelShelf = Pick<
	OwnModelRoutesDeps,
	"models" | "modelFacts" | "downloads" | "modelCopies" | "catalogue" | "modelsDir"
>;

/** Makes the API. It listens nowhere yet: give it to `startServer`, or call `request`. */
export function createApi(deps: ApiDeps): Hono<ApiEnv> {
	const { ledger, models, clock, log, access, limits = apiLimits } = deps;
	const app = new Hono<ApiEnv>();

	app.use(answerHeaders());
	const allowedOrigins = () => access.settings.current.endpoint.allowedOrigins;
	const auth = { access, sessions: createSessions({ path: deps.sessionsPath, clock, log }), clock, log };
	app.use(guard(allowedOrigins));
	app.use(cors(allowedOrigins));
	app.use("/api/*", ownerOnly(auth));
	app.use("/v1/*", keyHolders(auth));
	app.use("/metrics", keyHolders(auth));
	app.use(
		methodNotAllowed({
			app,
			onMethodNotAllowed: (context, methods) =>
				refuse(context, {
					status: 405,
					message: `${context.req.method} is not possible on ${quote(context.req.path)}; use ${methods.join(" or ")}.`,
					param: null,
					code: "method_not_allowed",
					headers: { allow: methods.join(", ") },
				}),
		}),
	);

	app.route("/", createFileRoutes({ ledger, clock, log, limits }));
	app.route("/", createFilesByPathRoute({ ledger, limits }));
	app.route("/", createUploadRoutes({ ledger, clock, limits }));
	const allowedHosts = () => access.settings.current.webhooks.allowedHosts;
	const batches = { ...deps, limits, allowedHosts, formats: createBatchFormats(ledger) };
	app.route("/", createBatchRoutes(batches));
	app.route("/", createAnthropicBatchRoutes(batches));
	app.route("/", createOwnBatchRoutes(batches));
	app.route("/", createOwnBatchMachinesRoute(batches));
	app.route("/", createOwnRehearsalRoutes(batches));
	app.route("/", createOwnResultRoutes(batches));
	app.route("/", createBatchLinesRoutes(batches));
	app.route("/", createModelRoutes(models));
	const { modelShelf } = deps;
	if (modelShelf) app.route("/", createOwnModelRoutes({ ...deps, ...modelShelf, settings: access.settings, limits }));
	if (deps.gpuPacks) app.route("/", createGpuPackRoutes(deps.gpuPacks));
	app.route("/", createOwnerRoutes({ ...auth, limits }));
	app.route("/", createLiveRoutes({ ...deps, limits }));
	app.route("/", createStatusRoute(deps));
	app.route("/", createMachineRoutes({ ...deps, limits }));
	app.route("/", createMeshRoutes({ ...deps, limits }));
	app.route("/", createPairingRoutes({ ...deps, limits }));
	app.route("/", createPageRoutes(deps));
	app.route("/", createThreadsRoutes({ ...deps, limits }));
	app.route("/", createReportRoutes(deps));
	app.route("/", createEventRoutes({ ...deps, settings: access.settings }));
	app.route("/", createMetricsRoute(deps));

	app.notFound((context) =>
		refuse(context, {
			status: 404,
			message: `There is nothing at ${context.req.method} ${quote(context.req.path)}.`,
			param: null,
			code: "unknown_url",
		}),
	);
	app.onError((error, context) => {
		if (error instanceof LedgerWriteError && error.fault === "disk-full") return refuse(context, diskFull);
		if (error instanceof LedgerInputElsewhereError) {
			return refuse(context, { status: 503, message: error.message, param: null, code: "bytes_elsewhere" });
		}
		const requestId = context.get("requestId");
		log.error({ error, requestId, method: context.req.method, path: context.req.path }, "a request failed");
		return refuse(context, internalError(requestId));
	});
	return app;
}
