/** `/v1/models`: the models that requests may name (reference batch-apis 1.8). */
import { Hono } from "hono";
import type { ModelList } from "../contract/contract.ts";
import type { ApiEnv } from "./answer-headers.ts";
import { notFound, refuse } from "./errors.ts";
import { renderModel } from "./render.ts";

/** The models there are now; the models room's `Models` fits. */
export interface ModelCatalog {
	list(): readonly { readonly name: string; readonly createdAtMs: number }[];
}

/** Makes the routes of `/v1/models`. */
export function createModelRoutes(models: ModelCatalog): Hono<ApiEnv> {
	const routes = new Hono<ApiEnv>();

	routes.get("/v1/models", (context) => {
		return context.json({ object: "list", data: models.list().map(renderModel) } satisfies ModelList);
	});

	// An id may have slashes in it, encoded by the SDKs and plain from people.
	routes.get("/v1/models/:id{.+}", (context) => {
		const id = context.req.param("id");
		const model = models.list().find((candidate) => candidate.name === id);
		if (model === undefined) return refuse(context, { ...notFound("Model", id, "model"), code: "model_not_found" });
		return context.json(renderModel(model));
	});

	return routes;
}
