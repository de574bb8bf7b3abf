/**
 * What a service and the shell that forked it say to each other over the fork's own channel. Everything else goes over HTTP. When
 * the channel breaks the service stops, for its shell is gone.
 */
import { z } from "zod";
import type { Wire } from "./openai/shared.ts";

/** Why a service did not start, as far as it decides what the shell does next. */
export const serviceFailureKindSchema = z.enum([
	/** Another service works on this data folder; starting again is no help while it does. */
	"data-folder-in-use",
	/** The data folder can't be used, e.g. it was written by a newer Nightshift; somebody has to act first. */
	"data-folder-unusable",
	/** It may go better next time. */
	"transient",
]);
/** Why a service did not start, as far as it decides what the shell does next. */
export type ServiceFailureKind = z.infer<typeof serviceFailureKindSchema>;

/** What the service tells its shell. */
export const serviceMessageSchema = z.discriminatedUnion("kind", [
	/** It answers at `url`; `token` opens `/api` to the shell, as `Authorization: Bearer …`. */
	z.strictObject({
		kind: z.literal("ready"),
		/** e.g. `http://127.0.0.1:22007` */
		url: z.url(),
		token: z.string().min(1),
		version: z.string(),
		dataDir: z.string(),
		logPath: z.string(),
	}),
	/** It does not start, and ends right after. */
	z.strictObject({ kind: z.literal("failed"), failure: serviceFailureKindSchema, message: z.string() }),
	/** Whether the computer should be kept from sleeping now. The shell does it, for only it is a desktop program. */
	z.strictObject({ kind: z.literal("keep-awake"), isWanted: z.boolean() }),
]);
/** What the service tells its shell. */
export type ServiceMessage = Wire<typeof serviceMessageSchema>;

/** What the shell tells its service. */
export const shellMessageSchema = z.discriminatedUnion("kind", [
	/** End in good order; the process ends when it is done. */
	z.strictObject({ kind: z.literal("stop") }),
]);
/** What the shell tells its service. */
export type ShellMessage = Wire<typeof shellMessageSchema>;
