/** What goes over a link between two members, once they have opened it: one JSON object a frame. */
import { z } from "zod";
import type { MachineAbout } from "../../../contract/contract.ts";
import { aboutSchema } from "./about.ts";
import { type WireMessage, wireMessageSchema } from "./core-messages.ts";
import {
	deviceIdSchema,
	digestSchema,
	hostSchema,
	idSchema,
	MOST_ADDRESSES,
	MOST_MACHINES,
	MOST_RECORDS_TOLD,
	naturalSchema,
	portSchema,
} from "./limits.ts";

/** Blobs named at once: the chunks of an input of 30 GB. */
const MOST_BLOBS = 4_096;

/** How its owner wants a machine: as in the settings. */
const hostingSchema = z.enum(["never", "allowed", "preferred"]);

/** Why a machine is host: as in the contract. */
const whySchema = z.enum(["only-machine", "silence", "hand-over", "found"]);

const addressSchema = z.object({ deviceId: deviceIdSchema, host: hostSchema, port: portSchema }).readonly();

/** Where a member may be reached. */
export type ToldAddress = z.infer<typeof addressSchema>;

/** A frame for whoever stands above the transport. */
export type Frame =
	/** For the core. */
	| { readonly kind: "core"; readonly message: WireMessage }
	/** What the sender is and does, how its owner wants it as host, why it is host (null: it is not), and which log it writes. */
	| {
			readonly kind: "about";
			readonly about: MachineAbout;
			readonly hosting: z.infer<typeof hostingSchema>;
			readonly why: z.infer<typeof whySchema> | null;
			readonly origin: string | null;
	  }
	/** The owner, at the sender, wants another machine as host; said to the host. */
	| { readonly kind: "wish"; readonly host: string }
	/** Where other members were reached. */
	| { readonly kind: "addresses"; readonly addresses: readonly ToldAddress[] }
	/** Asks the receiver to fetch these blobs and keep them; answered by `kept` with the same id. */
	| {
			readonly kind: "keep";
			readonly id: string;
			readonly digests: readonly { readonly digest: string; readonly sizeBytes: number }[];
	  }
	/** Kept: they are on the receiver's disk, fsynced. */
	| { readonly kind: "kept"; readonly id: string; readonly result: "kept" | "no-room" | "failed" };

/** A frame of the transport's own, never relayed. */
export type LinkFrame =
	/** Records of the mesh's members; the membership proves them. */
	| { readonly kind: "members"; readonly records: readonly unknown[] }
	/** Whom the sender has links to, so that it can be asked to relay. */
	| { readonly kind: "linked"; readonly devices: readonly string[] }
	/** From `from` to `to`, by way of the receiver or the sender. What is in it is looked at by `to` alone. */
	| { readonly kind: "relay"; readonly to: string; readonly from: string; readonly frame: unknown };

const schemas = {
	core: z.object({ kind: z.literal("core"), message: wireMessageSchema }).readonly(),
	about: z
		.object({
			kind: z.literal("about"),
			about: aboutSchema,
			hosting: hostingSchema,
			why: whySchema.nullable().default(null),
			origin: idSchema.nullable().default(null),
		})
		.readonly(),
	wish: z.object({ kind: z.literal("wish"), host: deviceIdSchema }).readonly(),
	addresses: z
		.object({ kind: z.literal("addresses"), addresses: z.array(addressSchema).max(MOST_ADDRESSES).readonly() })
		.readonly(),
	members: z
		.object({ kind: z.literal("members"), records: z.array(z.unknown()).max(MOST_RECORDS_TOLD).readonly() })
		.readonly(),
	keep: z
		.object({
			kind: z.literal("keep"),
			id: idSchema,
			digests: z
				.array(z.object({ digest: digestSchema, sizeBytes: naturalSchema }).readonly())
				.max(MOST_BLOBS)
				.readonly(),
		})
		.readonly(),
	kept: z.object({ kind: z.literal("kept"), id: idSchema, result: z.enum(["kept", "no-room", "failed"]) }).readonly(),
	linked: z
		.object({ kind: z.literal("linked"), devices: z.array(deviceIdSchema).max(MOST_MACHINES).readonly() })
		.readonly(),
	relay: z
		.object({ kind: z.literal("relay"), to: deviceIdSchema, from: deviceIdSchema, frame: z.unknown() })
		.readonly(),
} as const satisfies { readonly [Kind in (Frame | LinkFrame)["kind"]]: z.ZodType<{ readonly kind: Kind }> };

const kindSchema = z.object({ kind: z.string() });
const coreKindSchema = z.object({ message: kindSchema });

/** What a frame turned out to be. `unknown`: of a later version, to be passed over. `malformed`: against the rules of this one. */
export type ReadFrame =
	| { readonly kind: "frame"; readonly frame: Frame | LinkFrame }
	| { readonly kind: "unknown"; readonly name: string }
	| { readonly kind: "malformed" };

/** Reads a frame's text. */
export function parseFrame(text: string): ReadFrame {
	try {
		return readFrame(JSON.parse(text));
	} catch (error) {
		// Its words quote the other side.
		if (error instanceof SyntaxError) return { kind: "malformed" };
		throw error;
	}
}

/** Checks a value that came as a frame, or within one. */
export function readFrame(value: unknown): ReadFrame {
	const named = kindSchema.safeParse(value);
	if (!named.success) return { kind: "malformed" };
	const { kind } = named.data;
	if (!isKnown(kind)) return { kind: "unknown", name: kind.slice(0, SHOWN_CHARACTERS) };
	const parsed: z.ZodSafeParseResult<Frame | LinkFrame> = schemas[kind].safeParse(value);
	if (parsed.success) return { kind: "frame", frame: parsed.data };
	const core = kind === "core" ? coreKindSchema.safeParse(value) : null;
	if (core?.success === true && !coreKinds.has(core.data.message.kind)) {
		return { kind: "unknown", name: `core ${core.data.message.kind.slice(0, SHOWN_CHARACTERS)}` };
	}
	return { kind: "malformed" };
}

/** The kinds that the core knows. */
const coreKinds: ReadonlySet<string> = new Set<WireMessage["kind"]>([
	"hello",
	"operations",
	"want",
	"grant",
	"shrink",
	"release",
	"yield",
	"goodbye",
]);

/** Of a name that somebody else chose, in the log. */
const SHOWN_CHARACTERS = 64;

function isKnown(kind: string): kind is keyof typeof schemas {
	return Object.hasOwn(schemas, kind);
}
