/**
 * Messages over a connection: JSON behind its length. Owns the limits on what another machine may make this one hold and wait for.
 * Must never read ahead of what it is asked for, so that nothing of a connection is looked at before somebody has judged it, and
 * never say what was wrong in the other side's own words.
 */
import type { Duplex } from "node:stream";
import type { z } from "zod";
import { err, ok, type Result } from "../../base/base.ts";
import { createByteReader } from "./byte-reader.ts";

/** How large a message may be and how long it may take, all of it: a byte now and then does not keep a connection alive. */
export interface FrameLimits {
	readonly sizeBytes: number;
	readonly withinMs: number;
}

/** Why no message came. The connection is of no use after any of them. */
export interface FrameFault {
	readonly kind:
		| "too-large"
		/** No UTF-8, no JSON, or not what was asked for. */
		| "malformed"
		| "too-slow"
		/** It ended between messages. */
		| "closed"
		/** It ended within a message. */
		| "cut-off"
		/** Two asked at once. A fault of ours; still nothing an exception could tell better. */
		| "busy";
	readonly message: string;
}

/** Messages over one connection, one at a time. */
export interface Frames {
	/** The next message, checked. */
	read<T>(schema: z.ZodType<T>, limits: FrameLimits): Promise<Result<T, FrameFault>>;
	/** Sends a message. False: the connection is closed, or the other side takes nothing in. */
	write(message: object): boolean;
}

/** Four octets, big-endian, say how many follow. */
const HEADER_BYTES = 4;

/**
 * What may wait to be sent. Messages of a pairing answer each other, so that there are never two; the largest has a whole
 * membership in it.
 */
const MOST_UNSENT_BYTES = 2 * 1_024 * 1_024;

/** Speaks over a connection that nobody else reads. Closing it is its owner's business, and so is listening for its errors. */
export function openFrames(stream: Duplex): Frames {
	const bytes = createByteReader(stream);
	let isReading = false;

	async function readOne<T>(schema: z.ZodType<T>, limits: FrameLimits): Promise<Result<T, FrameFault>> {
		const deadline = AbortSignal.timeout(limits.withinMs);
		const header = await bytes.read(HEADER_BYTES, deadline);
		if (!header.ok) return err(faults[header.error]);
		const sizeBytes = header.value.readUInt32BE();
		if (sizeBytes > limits.sizeBytes) return err(faults["too-large"]);
		if (sizeBytes === 0) return err(faults.malformed);
		const body = await bytes.read(sizeBytes, deadline);
		if (!body.ok) return err(faults[body.error === "closed" ? "cut-off" : body.error]);
		return parse(body.value, schema);
	}

	return {
		async read(schema, limits) {
			if (isReading) return err(faults.busy);
			isReading = true;
			try {
				return await readOne(schema, limits);
			} finally {
				isReading = false;
			}
		},
		write(message) {
			if (stream.destroyed || !stream.writable || stream.writableLength > MOST_UNSENT_BYTES) return false;
			const body = Buffer.from(JSON.stringify(message));
			const header = Buffer.alloc(HEADER_BYTES);
			header.writeUInt32BE(body.length);
			stream.write(Buffer.concat([header, body]));
			return true;
		},
	};
}

const faults = {
	"too-large": { kind: "too-large", message: "The other side announced a message larger than it may be." },
	malformed: { kind: "malformed", message: "The other side sent something that is no message of ours." },
	"too-slow": { kind: "too-slow", message: "The other side took too long." },
	closed: { kind: "closed", message: "The other side closed the connection." },
	"cut-off": { kind: "cut-off", message: "The connection ended in the middle of a message." },
	busy: { kind: "busy", message: "The connection is being read already." },
} as const satisfies Record<FrameFault["kind"], FrameFault>;

function parse<T>(body: Buffer, schema: z.ZodType<T>): Result<T, FrameFault> {
	let value: unknown;
	try {
		value = JSON.parse(new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(body));
	} catch {
		// A wrong octet is a TypeError, wrong JSON a SyntaxError; to us they are the same, and their words quote the other side.
		return err(faults.malformed);
	}
	const parsed = schema.safeParse(value);
	return parsed.success ? ok(parsed.data) : err(faults.malformed);
}
