/** `/v1/models`: the models that requests may name (reference batch-apis 1.8). */
import { Hono } from "hono";
import type { ModelInfo, ModelInfoList, ModelList } from "../contract/contract.ts";
import { type ApiEnv, speaksAnthropic } from "./answer-headers.ts";
import { notFound, refuse } from "./errors.ts";
import { renderModel } from "./render.ts";

/** What is told of a model. */
interface CatalogEntry {
	readonly name: string;
	readonly createdAtMs: number;
}

/** The models there are now; the models room's `Models` fits. */
export interface ModelCatalog {
	list(): readonly CatalogEntry[];
}

/** Makes the routes of `/v1/models`, which OpenAI's clients and Anthropic's share: each hears its own words. */
export function createModelRoutes(models: ModelCatalog): Hono<ApiEnv> {
	const routes = new Hono<ApiEnv>();

	routes.get("/v1/models", (context) => {
		if (speaksAnthropic(context)) return context.json(renderInfoList(models.list()));
		return context.json({ object: "list", data: models.list().map(renderModel) } satisfies ModelList);
	});

	// An id may have slashes in it, encoded by the SDKs and plain from people.
	routes.get("/v1/models/:id{.+}", (context) => {
		const id = context.req.param("id");
		const model = models.list().find((candidate) => candidate.name === id);
		if (model === undefined) return refuse(context, { ...notFound("Model", id, "model"), code: "model_not_found" });
		return context.json(speaksAnthropic(context) ? renderInfo(model) : renderModel(model));
	});

	return routes;
}

/** One page, whatever `limit` is asked for: a machine has tens of models, not thousands. */
function renderInfoList(models: readonly CatalogEntry[]): ModelInfoList {
	const data = models.map(renderInfo);
	return { data, has_more: false, first_id: data[0]?.id ?? null, last_id: data.at(-1)?.id ?? null };
}

function renderInfo({ name, createdAtMs }: CatalogEntry): ModelInfo {
	return {
		type: "model",
		id: name,
		display_name: name,
		created_at: new Date(createdAtMs).toISOString(),
		max_input_tokens: null,
		max_tokens: null,
		capabilities: null,
		lifecycle: "active",
		line: null,
		deprecated_at: null,
		retires_at: null,
	};
}
