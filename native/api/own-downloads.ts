/** `/api/models/downloads`: getting more models. */
import { type Context, Hono } from "hono";
import { assertNever, type Result } from "../base/base.ts";
import { type Download, type DownloadList, downloadCreateSchema, modelFetchSchema } from "../contract/contract.ts";
import type { ModelCopies } from "../mesh/share/model-copies.ts";
import type { DownloadFault, Downloads, NoSuchDownload } from "../models/downloads/downloads.ts";
import type { ApiEnv } from "./answer-headers.ts";
import { readJson } from "./body.ts";
import { type ApiFault, badRequest, conflict, diskFull, notFound, refuse } from "./errors.ts";
import type { ApiLimits } from "./limits.ts";

/** What the routes need. */
export interface OwnDownloadRoutesDeps {
	readonly downloads: Downloads;
	/** Copies models of other machines. */
	readonly modelCopies: Pick<ModelCopies, "copy">;
	readonly limits: ApiLimits;
}

/** Makes the routes. */
export function createOwnDownloadRoutes({ downloads, modelCopies, limits }: OwnDownloadRoutesDeps): Hono<ApiEnv> {
	const routes = new Hono<ApiEnv>();

	function answer(context: Context<ApiEnv>, id: string, done: Result<Download, NoSuchDownload>): Response {
		if (done.ok) return context.json(done.value);
		const { kind, message } = done.error;
		return refuse(context, kind === "not-found" ? notFound("Download", id) : conflict(message, "wrong_state"));
	}

	routes.get("/api/models/downloads", (context) =>
		context.json({ data: [...downloads.list()] } satisfies DownloadList),
	);

	routes.post("/api/models/downloads", async (context) => {
		const body = await readJson(context.req.raw, downloadCreateSchema, limits);
		if (!body.ok) return refuse(context, body.error);
		const added = await downloads.add(body.value.reference);
		return added.ok ? context.json(added.value) : refuse(context, faultOf(added.error));
	});

	routes.post("/api/models/fetch", async (context) => {
		const body = await readJson(context.req.raw, modelFetchSchema, limits);
		if (!body.ok) return refuse(context, body.error);
		const added = await modelCopies.copy(body.value.digest);
		return added.ok ? context.json(added.value) : refuse(context, faultOf(added.error, "digest"));
	});

	routes.post("/api/models/downloads/:id/pause", async (context) => {
		const id = context.req.param("id");
		return answer(context, id, await downloads.pause(id));
	});

	routes.post("/api/models/downloads/:id/resume", async (context) => {
		const id = context.req.param("id");
		return answer(context, id, await downloads.resume(id));
	});

	routes.delete("/api/models/downloads/:id", async (context) => {
		const id = context.req.param("id");
		return answer(context, id, await downloads.remove(id));
	});

	return routes;
}

function faultOf({ kind, message }: DownloadFault, param = "reference"): ApiFault {
	switch (kind) {
		case "reference":
			return badRequest(message, param, "invalid_reference");
		case "gated":
			return badRequest(message, param, "model_gated");
		case "name-taken":
			return conflict(message, "name_taken");
		case "queue-full":
			return conflict(message, "too_many_downloads");
		case "disk-full":
			return { ...diskFull, message };
		case "unreachable":
			return { status: 503, message, param: null, code: "unreachable" };
		default:
			return assertNever(kind);
	}
}
