/** `GET /api/machine`: what this computer is and how it does, and `PUT /api/presence`: what the shell knows of its user. */
import { z } from "zod";
import type { Wire } from "../openai/shared.ts";

/** A part of a whole, 0 to 1; null: unknown. */
const fractionSchema = z.number().min(0).max(1).nullable();
/** Bytes; null: unknown. */
const bytesSchema = z.number().min(0).nullable();

/** A process that uses a GPU. */
export const gpuProcessSchema = z.strictObject({
	pid: z.int().min(0),
	/** Of its program, e.g. `Blender`; null: it can't be told, or the process is gone already. */
	name: z.string().nullable(),
	/** Nightshift's own inference. */
	isOurs: z.boolean(),
	memoryBytes: bytesSchema,
	/** Of the GPU's time since the last look. */
	busyFraction: fractionSchema,
});
/** A process that uses a GPU. */
export type GpuProcess = Wire<typeof gpuProcessSchema>;

/** A GPU and who uses it. "Others" is everything that is not our own inference. */
export const gpuSchema = z.strictObject({
	/** The same at every look, e.g. `nvidia:GPU-5f2b…` or `pci:0000:03:00.0`. */
	id: z.string(),
	name: z.string(),
	vendor: z.enum(["nvidia", "amd", "intel", "apple", "other"]),
	memory: z.strictObject({
		totalBytes: bytesSchema,
		usedBytes: bytesSchema,
		oursBytes: bytesSchema,
		othersBytes: bytesSchema,
	}),
	/** Of its time since the last look. */
	busy: z.strictObject({
		totalFraction: fractionSchema,
		oursFraction: fractionSchema,
		othersFraction: fractionSchema,
	}),
	powerWatts: z.number().min(0).nullable(),
	powerLimitWatts: z.number().min(0).nullable(),
	temperatureCelsius: z.number().nullable(),
	clockMegahertz: z.number().min(0).nullable(),
	/** Null: who uses it can't be seen. */
	processes: z.array(gpuProcessSchema).nullable(),
	/** Who told, e.g. `NVML`. */
	source: z.string(),
});
/** A GPU and who uses it. */
export type Gpu = Wire<typeof gpuSchema>;

/** What fills the screen. */
export const foregroundKindSchema = z.enum(["nothing", "full-screen", "game", "presentation"]);
/** What fills the screen. */
export type ForegroundKind = z.infer<typeof foregroundKindSchema>;

/** How hot the computer says it is, in the words of the systems that say it. */
export const heatSchema = z.enum(["nominal", "fair", "serious", "critical"]);
/** How hot the computer says it is. */
export type Heat = z.infer<typeof heatSchema>;

/** Whether something that tells about this computer answers. */
export const machineSourceSchema = z.strictObject({
	/** e.g. `NVML`, `logind`. */
	name: z.string(),
	/** `absent`: not on this computer; `failed`: there, but it does not answer now. */
	state: z.enum(["answers", "absent", "failed"]),
	/** What it tells, or why it does not, in words. */
	detail: z.string(),
});
/** Whether something that tells about this computer answers. */
export type MachineSource = Wire<typeof machineSourceSchema>;

/** This computer at one moment. Null everywhere means: it can't be told. */
export const machineSnapshotSchema = z.strictObject({
	/** Unix milliseconds. */
	atMs: z.number(),
	gpus: z.array(gpuSchema),
	cpu: z.strictObject({
		cores: z.int().min(1),
		/** Of all cores' time since the last look. */
		totalFraction: fractionSchema,
		oursFraction: fractionSchema,
		othersFraction: fractionSchema,
		temperatureCelsius: z.number().nullable(),
	}),
	memory: z.strictObject({ totalBytes: z.number().min(0), availableBytes: z.number().min(0), oursBytes: bytesSchema }),
	power: z.strictObject({
		/** Null: it can't be told; computers without a battery are on mains. */
		supply: z.enum(["mains", "battery"]).nullable(),
		batteryFraction: fractionSchema,
	}),
	heat: heatSchema.nullable(),
	user: z.strictObject({
		/** Somebody may sit before this computer: a shell or a graphical session is there. */
		hasDesktop: z.boolean(),
		/** Since the last key, click or touch. */
		idleMs: z.number().min(0).nullable(),
		isLocked: z.boolean().nullable(),
		foreground: z
			.strictObject({
				kind: foregroundKindSchema,
				/** The program, where it can be told. */
				name: z.string().nullable(),
			})
			.nullable(),
	}),
	/** Programs that run now, of those the settings name; lower case, without `.exe`. */
	programs: z.array(z.string()),
	sources: z.array(machineSourceSchema),
});
/** This computer at one moment. */
export type MachineSnapshot = Wire<typeof machineSnapshotSchema>;

/** `PUT /api/presence`: what only a program of the user's desktop session sees. It counts for half a minute. */
export const presenceReportSchema = z.strictObject({
	idleSeconds: z.number().min(0).nullable(),
	isLocked: z.boolean().nullable(),
	/** Null: the shell does not know. */
	supply: z.enum(["mains", "battery"]).nullable().default(null),
	heat: heatSchema.nullable().default(null),
});
/** What only a program of the user's desktop session sees. */
export type PresenceReport = Wire<typeof presenceReportSchema>;
