/** What a machine tells of itself for people, bounded: it is shown on pages of others. */
import { z } from "zod";
import { machineActivitySchema } from "../../../contract/contract.ts";
import { naturalSchema, textSchema } from "./limits.ts";

/** Of Nightshift, with what stands behind a pre-release. */
export const VERSION_CHARACTERS = 64;
/** `win32` is a long one. */
const PLATFORM_CHARACTERS = 32;
/** Boards with more don't stand in offices. */
const MOST_GPUS = 64;
/** As drivers call them. */
const GPU_CHARACTERS = 128;
/** A sentence with the name of a file in it. */
const WORDS_CHARACTERS = 512;
/** More than fit on a disk. */
const MOST_MODELS = 256;
/** A path on a hub with quantisation. */
const MODEL_CHARACTERS = 300;
/** A digest with the name of its algorithm. */
const DIGEST_CHARACTERS = 128;

/** Schema of `MachineAbout` of the contract. Fields of later versions are passed over. */
export const aboutSchema = z.object({
	version: textSchema(VERSION_CHARACTERS),
	platform: textSchema(PLATFORM_CHARACTERS),
	gpus: z.array(textSchema(GPU_CHARACTERS)).max(MOST_GPUS),
	memory_bytes: naturalSchema,
	activity: machineActivitySchema,
	words: textSchema(WORDS_CHARACTERS),
	lines_per_second: z.number().min(0).nullable(),
	models: z
		.array(z.object({ name: textSchema(MODEL_CHARACTERS), digest: textSchema(DIGEST_CHARACTERS) }))
		.max(MOST_MODELS),
});
