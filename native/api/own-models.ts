/** `/api/models`: the models of this machine and the catalogue. Downloads are in own-downloads.ts. */
import { Hono } from "hono";
import type { MachineModel, MachineModelList } from "../contract/contract.ts";
import type { Residency } from "../engine/residency.ts";
import type { Ledger } from "../ledger/ledger.ts";
import type { Machine } from "../machine/machine.ts";
import type { ModelCopies } from "../mesh/share/model-copies.ts";
import { type CatalogueFile, catalogueFor } from "../models/catalogue.ts";
import type { Downloads } from "../models/downloads/downloads.ts";
import { fitOf, type MachineMemory, memoryOf } from "../models/fit.ts";
import { modelNameOf } from "../models/gguf-files.ts";
import type { ModelFactsReader } from "../models/model-facts.ts";
import type { ModelFile, Models } from "../models/models.ts";
import { bytesFree, deleteModel } from "../models/own-folder.ts";
import type { Settings } from "../settings/settings.ts";
import type { ApiEnv } from "./answer-headers.ts";
import { type ApiFault, conflict, notFound, refuse } from "./errors.ts";
import type { ApiLimits } from "./limits.ts";
import { createOwnDownloadRoutes } from "./own-downloads.ts";

/** What the routes need. */
export interface OwnModelRoutesDeps {
	readonly models: Pick<Models, "list" | "folders" | "named" | "knownDigest">;
	readonly modelFacts: ModelFactsReader;
	readonly downloads: Downloads;
	readonly modelCopies: Pick<ModelCopies, "copy">;
	readonly catalogue: CatalogueFile;
	readonly modelsDir: string;
	readonly machine: Pick<Machine, "snapshot">;
	readonly ledger: Pick<Ledger, "modelSpeed" | "openBatches">;
	readonly residency: Pick<Residency, "models">;
	readonly settings: Pick<Settings, "current">;
	readonly limits: ApiLimits;
}

/** Headers read at the same time: enough for a quick disk, few enough for a slow one. */
const READ_AT_ONCE = 8;

/** Makes the routes of `/api/models`, downloads among them. */
export function createOwnModelRoutes(deps: OwnModelRoutesDeps): Hono<ApiEnv> {
	const { models, machine } = deps;
	const routes = new Hono<ApiEnv>();

	routes.get("/api/models", async (context) => {
		const listed = models.list();
		const memory = memoryOf(machine.snapshot);
		const data: MachineModel[] = [];
		for (let from = 0; from < listed.length; from += READ_AT_ONCE) {
			const some = listed.slice(from, from + READ_AT_ONCE);
			data.push(...(await Promise.all(some.map((model) => describe(model, memory, deps)))));
		}
		const folders = [...models.folders()];
		return context.json({ data, folders, free_bytes: await bytesFree(deps.modelsDir) } satisfies MachineModelList);
	});

	routes.get("/api/models/catalogue", (context) =>
		context.json(catalogueFor(deps.catalogue, memoryOf(machine.snapshot), models.list())),
	);

	routes.route("/", createOwnDownloadRoutes(deps));

	// A name may have slashes in it.
	routes.delete("/api/models/:name{.+}", async (context) => {
		const name = context.req.param("name");
		const model = models.named(name);
		if (model === null) return refuse(context, notFound("Model", name, "name"));
		const used = inUse(model, deps);
		if (used !== null) return refuse(context, used);
		const deleted = await deleteModel(model);
		if (deleted.ok) return context.body(null, 204);
		return refuse(context, { status: 503, message: deleted.error.message, param: null, code: "not_deleted" });
	});

	return routes;
}

async function describe(model: ModelFile, memory: MachineMemory, deps: OwnModelRoutesDeps): Promise<MachineModel> {
	const read = await deps.modelFacts.facts(model);
	const facts = read.ok ? read.value : null;
	const digest = deps.models.knownDigest(model);
	const { cache = null, trainedContextTokens = null } = facts ?? {};
	return {
		name: model.name,
		path: model.path,
		place: model.place,
		size_bytes: model.sizeBytes,
		architecture: facts?.architecture ?? null,
		parameters: facts?.parameters ?? null,
		quantization: facts?.quantization ?? null,
		trained_context_tokens: trainedContextTokens,
		is_embedding: facts?.isEmbedding ?? false,
		problem: read.ok ? null : read.error.message,
		fit: read.ok
			? fitOf({ sizeBytes: model.sizeBytes, cache, trainedContextTokens }, memory)
			: { kind: "unknown", words: "can't be told" },
		measured_tokens_per_second: digest === null ? null : (deps.ledger.modelSpeed(digest)?.tokensPerSecond ?? null),
		roles: rolesOf(model, deps.settings),
		can_delete: model.place === "nightshift",
	};
}

function rolesOf({ name }: ModelFile, { current }: Pick<Settings, "current">): MachineModel["roles"] {
	const roles = ["default", "chat", "batch", "embedding"] as const;
	return roles.filter((role) => {
		const chosen = current.models[role];
		return chosen !== null && (chosen === name || modelNameOf(chosen) === name);
	});
}

/** Why a model may not be deleted; null: it may. */
function inUse(model: ModelFile, { residency, ledger }: OwnModelRoutesDeps): ApiFault | null {
	if (model.place === "bundled") return conflict("The demo model is part of Nightshift and stays.", "model_not_ours");
	if (model.place !== "nightshift") {
		return conflict("This file belongs to another program: delete it there.", "model_not_ours");
	}
	if (residency.models.some(({ source }) => source.path === model.path)) {
		return conflict(
			"The model is in memory. Pause batch work, or wait until it has left, then delete it.",
			"model_in_use",
		);
	}
	const batch = ledger.openBatches().find((open) => {
		const names = [open.model?.name, open.manifest.modelOverride];
		return names.includes(model.name) || names.includes(model.path);
	});
	if (batch === undefined) return null;
	return conflict(`Batch ${batch.id} needs the model. Cancel it, or wait until it is done.`, "model_in_use");
}
