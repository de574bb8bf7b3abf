/** `/api/models`: the models of this machine, where each comes from, whether it fits, how fast it is; and getting more of them. */
import { z } from "zod";
import { unixSecondsSchema, type Wire } from "../openai/shared.ts";

/** Where a model's file lies. Files of other programs are used in place and never changed. */
export const modelPlaceSchema = z.enum(["nightshift", "bundled", "lm-studio", "ollama", "hugging-face", "elsewhere"]);
/** Where a model's file lies. */
export type ModelPlace = z.infer<typeof modelPlaceSchema>;

/** Whether a model fits this machine. */
export const modelFitSchema = z.strictObject({
	/** `gpu`: all of it on the GPU; `partly`: some layers; `processor`: main memory; `too-big`: neither; `unknown`: can't be told. */
	kind: z.enum(["gpu", "partly", "processor", "too-big", "unknown"]),
	/** e.g. `needs about 9.1 GB; 24 GB of GPU memory`. */
	words: z.string(),
});
/** Whether a model fits this machine. */
export type ModelFit = Wire<typeof modelFitSchema>;

/** A model of this machine. */
export const machineModelSchema = z.strictObject({
	/** As requests name it. */
	name: z.string(),
	path: z.string(),
	place: modelPlaceSchema,
	size_bytes: z.int().min(0),
	/** From the file's own header; null: it does not tell, or can't be read (then `problem` says why). */
	architecture: z.string().nullable(),
	/** e.g. `7.6B`. */
	parameters: z.string().nullable(),
	/** e.g. `Q4_K_M`. */
	quantization: z.string().nullable(),
	trained_context_tokens: z.int().nullable(),
	/** Makes vectors, no text. */
	is_embedding: z.boolean(),
	problem: z.string().nullable(),
	fit: modelFitSchema,
	/** Measured in batch work on this machine, tokens a second over all lanes; null: it has not worked yet. */
	measured_tokens_per_second: z.number().nullable(),
	/** Part of the owner's defaults: `default`, or a key of the map. */
	roles: z.array(z.enum(["default", "chat", "batch", "embedding"])),
	/** May be deleted here: it lies in Nightshift's own folder. */
	can_delete: z.boolean(),
});
/** A model of this machine. */
export type MachineModel = Wire<typeof machineModelSchema>;

/** Reply of `GET /api/models`. */
export const machineModelListSchema = z.strictObject({
	data: z.array(machineModelSchema),
	/** Folders that were looked through. */
	folders: z.array(z.strictObject({ place: modelPlaceSchema, path: z.string(), exists: z.boolean() })),
	/** On the disk that downloads go to. */
	free_bytes: z.int().min(0),
});
/** Reply of `GET /api/models`. */
export type MachineModelList = Wire<typeof machineModelListSchema>;

/** A model worth having, out of a short list that came with the program. */
export const catalogueModelSchema = z.strictObject({
	/** e.g. `Qwen3 8B`. */
	title: z.string(),
	/** What it is good for, in one sentence. */
	purpose: z.string(),
	/** As `POST /api/models/downloads` takes it. */
	reference: z.string(),
	size_bytes: z.int().min(0),
	license: z.string(),
	is_embedding: z.boolean(),
	fit: modelFitSchema,
	/** Name under which it is here already; null: it is not. */
	installed_as: z.string().nullable(),
});
/** A model worth having. */
export type CatalogueModel = Wire<typeof catalogueModelSchema>;

/** Reply of `GET /api/models/catalogue`: those that fit best first. */
export const catalogueSchema = z.strictObject({ data: z.array(catalogueModelSchema), as_of: z.string() });
/** Reply of `GET /api/models/catalogue`. */
export type Catalogue = Wire<typeof catalogueSchema>;

/** `POST /api/models/downloads`. */
export const downloadCreateSchema = z.strictObject({
	/** `hf:owner/repository:quantization`, `hf:owner/repository/file.gguf`, or the https address of a GGUF file. */
	reference: z.string().min(4).max(2_048),
});
/** `POST /api/models/downloads`. */
export type DownloadCreate = Wire<typeof downloadCreateSchema>;

/** A model on its way here. */
export const downloadSchema = z.strictObject({
	id: z.string(),
	reference: z.string(),
	/** Name it will have. */
	name: z.string(),
	state: z.enum(["queued", "running", "paused", "checking", "done", "failed"]),
	received_bytes: z.int().min(0),
	/** Null until the other side says. */
	total_bytes: z.int().min(0).nullable(),
	bytes_per_second: z.number().min(0).nullable(),
	/** Why it failed and what to do; null: it has not. */
	problem: z.string().nullable(),
	created_at: unixSecondsSchema,
});
/** A model on its way here. */
export type Download = Wire<typeof downloadSchema>;

/** Body of `POST /api/models/fetch`: a model that another machine has is copied here. The reply is the download. */
export const modelFetchSchema = z.strictObject({
	/** SHA-256 as the machine told it (`machines[].about.models`), hex. */
	digest: z.string().regex(/^[0-9a-f]{64}$/, { error: "A digest has 64 digits of 0-9 and a-f." }),
});
/** Body of `POST /api/models/fetch`. */
export type ModelFetch = Wire<typeof modelFetchSchema>;

/** Reply of `GET /api/models/downloads`. `POST …/{id}/pause`, `…/resume` and `DELETE …/{id}` answer the download. */
export const downloadListSchema = z.strictObject({ data: z.array(downloadSchema) });
/** Reply of `GET /api/models/downloads`. */
export type DownloadList = Wire<typeof downloadListSchema>;
