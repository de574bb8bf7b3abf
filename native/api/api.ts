/**
 * The loopback HTTP API: OpenAI's Files, Uploads, Batches and Models. Owns routes, wire errors and limits; must never run a
 * line, touch SQL or hold a file in memory, and listens nowhere but on loopback.
 */
import { Hono } from "hono";
import { methodNotAllowed } from "hono/method-not-allowed";
import type { Clock, Log } from "../base/base.ts";
import type { Jobs } from "../jobs/jobs.ts";
import { LedgerWriteError } from "../ledger/errors.ts";
import type { Ledger } from "../ledger/ledger.ts";
import { type ApiEnv, answerHeaders } from "./answer-headers.ts";
import { createBatchRoutes } from "./batches.ts";
import { diskFull, refuse } from "./errors.ts";
import { createFileRoutes } from "./files.ts";
import { guard } from "./guard.ts";
import { type ApiLimits, apiLimits } from "./limits.ts";
import { createModelRoutes, type ModelCatalog } from "./models.ts";
import { createStatusRoute } from "./status.ts";
import { createUploadRoutes } from "./uploads.ts";

/** What the API is made from. */
export interface ApiDeps {
	readonly ledger: Ledger;
	readonly jobs: Jobs;
	readonly models: ModelCatalog;
	readonly clock: Clock;
	readonly log: Log;
	/** Path of the model that answers every batch made here; null: the one each file names. */
	readonly modelOverride: string | null;
	/** Version of the product. */
	readonly version: string;
	/** How the engine does, for `/api/status`. */
	status(): object | null;
	/** Smaller in tests. */
	readonly limits?: ApiLimits;
}

/** Makes the API. It listens nowhere yet: give it to `startServer`, or call `request`. */
export function createApi(deps: ApiDeps): Hono<ApiEnv> {
	const { ledger, jobs, models, clock, log, modelOverride, version, limits = apiLimits } = deps;
	const app = new Hono<ApiEnv>();

	app.use(answerHeaders());
	app.use(guard());
	app.use(
		methodNotAllowed({
			app,
			onMethodNotAllowed: (context, methods) =>
				refuse(context, {
					status: 405,
					message: `${context.req.method} is not possible on ${context.req.path}; use ${methods.join(" or ")}.`,
					param: null,
					code: "method_not_allowed",
					headers: { allow: methods.join(", ") },
				}),
		}),
	);

	app.route("/", createFileRoutes({ ledger, clock, log, limits }));
	app.route("/", createUploadRoutes({ ledger, clock, limits }));
	app.route("/", createBatchRoutes({ ledger, jobs, modelOverride, limits }));
	app.route("/", createModelRoutes(models));
	app.route("/", createStatusRoute({ clock, version, status: () => deps.status() }));

	app.notFound((context) =>
		refuse(context, {
			status: 404,
			message: `There is nothing at ${context.req.method} ${context.req.path}.`,
			param: null,
			code: "unknown_url",
		}),
	);
	app.onError((error, context) => {
		if (error instanceof LedgerWriteError && error.fault === "disk-full") return refuse(context, diskFull);
		const requestId = context.get("requestId");
		log.error({ error, requestId, method: context.req.method, path: context.req.path }, "a request failed");
		return refuse(context, {
			status: 500,
			message: `Something went wrong in the server. Its log tells more under the request id ${requestId}.`,
			param: null,
			code: "internal_error",
		});
	});
	return app;
}
