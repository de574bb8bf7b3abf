/**
 * `/api/gpu-packs`: backends that are not part of the program and are fetched when the owner wants them. `POST …/{name}/fetch` begins or
 * goes on, `…/pause` and `…/cancel` stop, `DELETE …/{name}` takes one away; each answers the pack.
 */
import { z } from "zod";
import type { Wire } from "../openai/shared.ts";

/** How it stands with a pack. */
export const gpuPackStateSchema = z.discriminatedUnion("kind", [
	/** It would be of no use here; `words` say why. */
	z.strictObject({ kind: z.literal("not-needed"), words: z.string() }),
	/** It fits this computer and may be fetched. */
	z.strictObject({ kind: z.literal("available") }),
	z.strictObject({
		kind: z.literal("downloading"),
		received_bytes: z.int().min(0),
		/** Null: too early to say. */
		bytes_per_second: z.number().min(0).nullable(),
	}),
	/** What has come is kept, across restarts. */
	z.strictObject({ kind: z.literal("paused"), received_bytes: z.int().min(0) }),
	/** Its checksum is compared, then it is unpacked. */
	z.strictObject({ kind: z.literal("verifying") }),
	z.strictObject({
		kind: z.literal("installed"),
		/** Null: not tried yet. */
		works: z.boolean().nullable(),
		/** What it computes on, or why it does not work and how to mend it. */
		words: z.string(),
	}),
	/** `words` say why, and how to mend it; fetching it again goes on where it stopped. */
	z.strictObject({ kind: z.literal("failed"), words: z.string(), received_bytes: z.int().min(0) }),
]);
/** How it stands with a pack. */
export type GpuPackState = Wire<typeof gpuPackStateSchema>;

/** A backend that is not part of the program. */
export const gpuPackSchema = z.strictObject({
	/** As requests name it. */
	name: z.enum(["cuda"]),
	/** For people: `CUDA for NVIDIA`. */
	title: z.string(),
	/** Of the engine it belongs to. */
	version: z.string(),
	/** What is fetched. */
	download_bytes: z.int().min(0),
	/** What it takes on the disk. */
	disk_bytes: z.int().min(0),
	/** The GPUs of this computer that it is for, by name. */
	gpus: z.array(z.string()),
	/** What else it needs that seems not to be here, and how to get it; null: nothing. */
	needs: z.string().nullable(),
	/** Version of an earlier one that is here and of no use any more; null: none. */
	replaces: z.string().nullable(),
	state: gpuPackStateSchema,
});
/** A backend that is not part of the program. */
export type GpuPack = Wire<typeof gpuPackSchema>;

/** Reply of `GET /api/gpu-packs`, and `event: gpu-packs` of `/api/events?topics=all`. */
export const gpuPackListSchema = z.strictObject({
	/** Those there are for this kind of computer. */
	data: z.array(gpuPackSchema),
	in_use: z.strictObject({
		/** What the models in memory run on, the best of it; null: none is up. */
		backend: z.enum(["cuda", "vulkan", "metal", "none"]).nullable(),
		/** The same in words, and why it is no better one. */
		words: z.string(),
	}),
});
/** Reply of `GET /api/gpu-packs`. */
export type GpuPackList = Wire<typeof gpuPackListSchema>;
