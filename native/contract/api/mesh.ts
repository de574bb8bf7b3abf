/**
 * `/api/mesh`, `/api/machines`, `/api/pairing`: the other machines. `event: mesh` of `/api/events?topics=all` carries the same as
 * `GET /api/mesh` whenever it changed.
 */
import { z } from "zod";
import type { Wire } from "../openai/shared.ts";

/** What a machine does right now, as it says itself. */
export const machineActivitySchema = z.enum([
	/** Works on lines. */
	"working",
	/** Would take lines, if there were any for it. */
	"idle",
	/** Does not work; `words` say why: its user is there, outside the hours, on battery … */
	"resting",
]);
/** What a machine does right now. */
export type MachineActivity = z.infer<typeof machineActivitySchema>;

/** What a machine tells of itself. */
export const machineAboutSchema = z.strictObject({
	/** Of Nightshift. */
	version: z.string(),
	/** `linux`, `win32` or `darwin`. */
	platform: z.string(),
	/** Its GPUs by name; none: it computes on the processor. */
	gpus: z.array(z.string()),
	memory_bytes: z.int().min(0),
	activity: machineActivitySchema,
	/** For people, e.g. `working on tickets.jsonl`. */
	words: z.string(),
	/** Measured over its last work; null: it has not worked yet. */
	lines_per_second: z.number().min(0).nullable(),
	/** Names and digests of the models it has and can load. */
	models: z.array(z.strictObject({ name: z.string(), digest: z.string() })),
});
/** What a machine tells of itself. */
export type MachineAbout = Wire<typeof machineAboutSchema>;

/** A machine of the mesh, this one among them. */
export const meshMachineSchema = z.strictObject({
	/** 52 characters of base32. */
	id: z.string(),
	/** As its owner calls it. */
	name: z.string(),
	is_self: z.boolean(),
	/** Heard within the last seconds; this machine always is. */
	is_online: z.boolean(),
	is_host: z.boolean(),
	/** How its owner wants it: `never` is never host, `preferred` before others. */
	hosting: z.enum(["never", "allowed", "preferred"]),
	/** When it was last heard of, unix seconds; null: not since this machine started. */
	last_heard_at: z.int().nullable(),
	/** `host:port` under which it is reached; null: it is not, or is this one. */
	address: z.string().nullable(),
	/** Reached by way of this other machine, since there is no direct way; null: directly. */
	relayed_by: z.string().nullable(),
	/** Lines handed to it of each batch. */
	slices: z.array(z.strictObject({ batch_id: z.string(), lines: z.int().min(0) })),
	/** Null: it has told nothing yet. */
	about: machineAboutSchema.nullable(),
});
/** A machine of the mesh. */
export type MeshMachine = Wire<typeof meshMachineSchema>;

/** A machine that is near and no member, as far as one can tell without trusting it. */
export const strangerSchema = z.strictObject({
	id: z.string(),
	/** As it calls itself; nobody vouches for that. */
	name: z.string(),
	/** `host:port`. */
	address: z.string(),
	/** It shows a code right now. */
	is_pairing: z.boolean(),
});
/** A machine that is near and no member. */
export type Stranger = Wire<typeof strangerSchema>;

/** The host, and how it came to be. */
export const meshHostSchema = z.strictObject({
	id: z.string(),
	/** Of this tenure. */
	term: z.int().min(0),
	/** Since when this machine knows it as host, unix seconds. */
	since: z.int(),
	/** `only-machine`: there is no other. `silence`: the one before was not heard any more. `hand-over`: it was asked to. `found`: it was host when first heard. */
	why: z.enum(["only-machine", "silence", "hand-over", "found"]),
});
/** The host, and how it came to be. */
export type MeshHost = Wire<typeof meshHostSchema>;

/** A code by which another machine may join. */
export const pairingCodeSchema = z.strictObject({
	/** `1234 5678`. */
	code: z.string(),
	/** Unix seconds. */
	expires_at: z.int(),
	/** It is taken back after so many more wrong ones. */
	tries_left: z.int(),
});
/** A code by which another machine may join. */
export type PairingCode = Wire<typeof pairingCodeSchema>;

/** Reply of `GET /api/mesh`; in an event without the code. */
export const meshViewSchema = z.strictObject({
	/** Whether this machine looks for others and can be found (`mesh.isOn`). */
	is_on: z.boolean(),
	/** Why it does not although it should, and how to mend it; null: all is well. */
	trouble: z.string().nullable(),
	/** Null until it was switched on once. */
	self: z.string().nullable(),
	/** Port on which others reach this machine; null: closed. */
	port: z.int().nullable(),
	/** Null: nobody is, or nobody is known to be. */
	host: meshHostSchema.nullable(),
	machines: z.array(meshMachineSchema),
	strangers: z.array(strangerSchema),
	/** Admitted by a machine that was removed since: somebody has to say whether they may stay. */
	awaiting_approval: z.array(z.strictObject({ id: z.string(), name: z.string() })),
	/** The code that is shown; never in an event, only in the reply to who may see it. Null: none is. */
	pairing: pairingCodeSchema.nullable(),
});
/** Reply of `GET /api/mesh`. */
export type MeshView = Wire<typeof meshViewSchema>;

/** Reply of `GET /api/pairing` and of `POST /api/pairing`, which shows a code. */
export const pairingViewSchema = z.strictObject({
	/** Null: none is shown. */
	pairing: pairingCodeSchema.nullable(),
});
/** Reply of `GET /api/pairing`. */
export type PairingView = Wire<typeof pairingViewSchema>;

/** Longest life of a token: who sets up a room of machines does it within a week. */
const LONGEST_TOKEN_SECONDS = 7 * 86_400;

/** `POST /api/pairing/tokens`; the body may be left out. */
export const pairingTokenRequestSchema = z.strictObject({
	/** It counts for so long, and for one machine. */
	lifetime_seconds: z.int().min(60).max(LONGEST_TOKEN_SECONDS).default(86_400),
});
/** `POST /api/pairing/tokens`. */
export type PairingTokenRequest = Wire<typeof pairingTokenRequestSchema>;

/** Reply of `POST /api/pairing/tokens`. Shown this once, and kept nowhere. */
export const pairingTokenSchema = z.strictObject({ token: z.string(), expires_at: z.int() });
/** Reply of `POST /api/pairing/tokens`. */
export type PairingToken = Wire<typeof pairingTokenSchema>;

/** A host name or address with its port, or the id of a machine that is near. Longer than any of them. */
const addressSchema = z.string().trim().min(1).max(300);

/** `POST /api/pairing/join`: by the code that the other machine shows, or by a token that it made. */
export const pairingJoinSchema = z.union([
	z.strictObject({
		address: addressSchema,
		/** Eight digits; blanks and dashes between them don't count. */
		code: z.string().min(1).max(64),
	}),
	z.strictObject({
		/** Longer than tokens are: they hold some addresses, a fingerprint and a secret. */
		token: z.string().trim().min(1).max(4_096),
	}),
]);
/** `POST /api/pairing/join`. */
export type PairingJoin = Wire<typeof pairingJoinSchema>;

/** Reply of `POST /api/pairing/join`: the machine that let this one in. */
export const joinedSchema = z.strictObject({ id: z.string(), name: z.string() });
/** Reply of `POST /api/pairing/join`. */
export type Joined = Wire<typeof joinedSchema>;

/** Reply of `GET /api/machines`. */
export const machineListSchema = z.strictObject({ data: z.array(meshMachineSchema) });
/** Reply of `GET /api/machines`. */
export type MachineList = Wire<typeof machineListSchema>;

/** `POST /api/machines/addresses`: where a machine of the mesh may be, `host:port`. */
export const machineAddressSchema = z.strictObject({ address: addressSchema });
/** `POST /api/machines/addresses`. */
export type MachineAddress = Wire<typeof machineAddressSchema>;

/** How safe something acknowledged is: fsynced on so many machines, and why not on more. */
export const durabilitySchema = z.strictObject({
	level: z.union([z.literal(1), z.literal(2)]),
	/**
	 * Null at level 2. `only-member`: there is no other machine. `alone`: none was heard for a while. `no-room`: the others have no
	 * room for the input. `pending`: not acknowledged yet, or rising.
	 */
	reason: z.enum(["only-member", "alone", "no-room", "pending"]).nullable(),
});
/** How safe something acknowledged is. */
export type Durability = Wire<typeof durabilitySchema>;

/** Machines that may be named: more than a mesh has. */
const MOST_NAMED = 64;

/** Which machines may work on a batch; `POST /api/batches/{id}/machines` says it anew, as a whole. */
export const batchMachinesSchema = z.strictObject({
	/** Ids; null: all. */
	only: z.array(z.string().min(1).max(64)).min(1).max(MOST_NAMED).nullable().default(null),
	/** Ids of machines that may not; it goes before `only`. */
	never: z.array(z.string().min(1).max(64)).max(MOST_NAMED).default([]),
});
/** Which machines may work on a batch. */
export type BatchMachines = Wire<typeof batchMachinesSchema>;

/** What holds where nothing was chosen: every machine may. */
export const anyMachine: BatchMachines = batchMachinesSchema.parse({});

/** How a batch stands among the machines. */
export const batchPlaceSchema = z.strictObject({ durability: durabilitySchema, machines: batchMachinesSchema });
/** How a batch stands among the machines. */
export type BatchPlace = Wire<typeof batchPlaceSchema>;
