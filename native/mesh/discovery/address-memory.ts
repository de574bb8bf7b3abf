/** Where machines were reached before, and what addresses people typed: one small file. */
import { readFile, rename } from "node:fs/promises";
import { z } from "zod";
import { err, errorCode, type Log, ok, parseJson, type Result } from "../../base/base.ts";
import { editFile } from "../../settings/edit-file.ts";
import { type DeviceId, deviceIdSchema } from "../identity/identity.ts";
import { type Address, addressKey, addressSchema } from "./addresses.ts";

/** An address that somebody typed, kept until somebody removes it. */
export interface TypedAddress extends Address {
	/** Which machine answered there last; null: none yet. */
	readonly deviceId: DeviceId | null;
}

/** Why an address was not taken, or not kept. */
export interface AddressFault {
	readonly kind: "not-an-address" | "too-many" | "not-written";
	readonly message: string;
}

/** Addresses that outlive the service. */
export interface AddressMemory {
	/** Where a machine was reached, latest first. */
	remembered(deviceId: DeviceId): readonly Address[];
	/** All of them: the latest of every machine first, then the one before. */
	all(): readonly Address[];
	typed(): readonly TypedAddress[];
	/** A machine answered there, and it was the machine. On disk within `WRITE_PAUSE_MS`. */
	reached(deviceId: DeviceId, address: Address): void;
	/** Keeps an address; on disk when it resolves. */
	addTyped(address: Address): Promise<Result<void, AddressFault>>;
	/** Forgets one; on disk when it resolves. One that is not there is as it should be. */
	removeTyped(address: Address): Promise<Result<void, AddressFault>>;
	/** Writes what is not written yet, and waits for it. */
	flush(): Promise<void>;
}

/** Addresses of one machine: homes and offices it is carried between. */
const MOST_ADDRESSES = 8;
/** Machines remembered; those reached longest ago are forgotten first. More than a mesh has. */
const MOST_MACHINES = 128;
/** Typed addresses: each is asked again and again. */
export const MOST_TYPED = 32;
/** Of all the above at its longest. A longer file is not ours. */
const MOST_FILE_CHARACTERS = 512 * 1_024;
/** Reaching machines is written down together: losing the last seconds of it costs nothing. */
const WRITE_PAUSE_MS = 5_000;

const fileSchema = z.object({
	typed: z.array(addressSchema.extend({ deviceId: deviceIdSchema.nullable() })).max(MOST_TYPED),
	/** Those reached last first, machines and addresses. */
	machines: z
		.array(z.object({ deviceId: deviceIdSchema, addresses: z.array(addressSchema).max(MOST_ADDRESSES) }))
		.max(MOST_MACHINES),
});

/** What an address memory is made from. */
export interface OpenAddressMemory {
	/** `locations.meshAddressesPath`. */
	readonly path: string;
	readonly log: Log;
}

/** Reads what is remembered. A file that can't be read is set aside, and nothing is remembered. */
export async function openAddressMemory({ path, log }: OpenAddressMemory): Promise<AddressMemory> {
	const file = await readOrSetAside(path, log);
	let typed: readonly TypedAddress[] = file.typed;
	/** Those reached last last. */
	const machines = new Map(file.machines.toReversed().map(({ deviceId, addresses }) => [deviceId, addresses]));
	let writing: Promise<unknown> = Promise.resolve();
	let timer: NodeJS.Timeout | null = null;

	function write(): Promise<Result<void, AddressFault>> {
		if (timer !== null) clearTimeout(timer);
		timer = null;
		const written = writing.then(async (): Promise<Result<void, AddressFault>> => {
			const latest = [...machines].reverse().map(([deviceId, addresses]) => ({ deviceId, addresses }));
			const content = JSON.stringify({ typed, machines: latest });
			const edited = await editFile<never>(path, () => ok(content));
			return edited.ok ? edited : err({ kind: "not-written", message: edited.error.message });
		});
		writing = written;
		return written;
	}

	async function writeLater(): Promise<void> {
		const written = await write();
		if (!written.ok) log.warn({ fault: written.error }, "where machines were reached could not be written down");
	}

	/** Puts the old list back where it can't be kept: what people are told is then true. */
	async function retype(addresses: readonly TypedAddress[]): Promise<Result<void, AddressFault>> {
		const before = typed;
		typed = addresses;
		const written = await write();
		if (!written.ok && typed === addresses) typed = before;
		return written;
	}

	return {
		remembered: (deviceId) => machines.get(deviceId) ?? [],
		all() {
			const lists = [...machines.values()].reverse();
			return Array.from({ length: MOST_ADDRESSES }, (_, at) => lists.flatMap((list) => list[at] ?? [])).flat();
		},
		typed: () => typed,
		reached(deviceId, { host, port }) {
			const address = addressSchema.safeParse({ host, port });
			if (!address.success) return;
			const key = addressKey(address.data);
			const known = machines.get(deviceId) ?? [];
			const isLatest = known[0] !== undefined && addressKey(known[0]) === key;
			const isTypedOfAnother = typed.some((one) => addressKey(one) === key && one.deviceId !== deviceId);
			machines.delete(deviceId);
			machines.set(
				deviceId,
				[address.data, ...known.filter((one) => addressKey(one) !== key)].slice(0, MOST_ADDRESSES),
			);
			const [oldest] = machines.keys();
			if (machines.size > MOST_MACHINES && oldest !== undefined) machines.delete(oldest);
			if (isLatest && !isTypedOfAnother) return;
			typed = typed.map((one) => (addressKey(one) === key ? { ...one, deviceId } : one));
			timer ??= setTimeout(() => void writeLater(), WRITE_PAUSE_MS);
		},
		async addTyped({ host, port }) {
			const address = addressSchema.safeParse({ host, port });
			if (!address.success) {
				return err({ kind: "not-an-address", message: "This is not the address of a machine and a port." });
			}
			if (typed.some((one) => addressKey(one) === addressKey(address.data))) return ok(undefined);
			if (typed.length >= MOST_TYPED) {
				return err({
					kind: "too-many",
					message: `${MOST_TYPED} addresses are kept already. Remove one of them first.`,
				});
			}
			return retype([...typed, { ...address.data, deviceId: null }]);
		},
		async removeTyped(address) {
			const left = typed.filter((one) => addressKey(one) !== addressKey(address));
			return left.length === typed.length ? ok(undefined) : retype(left);
		},
		async flush() {
			if (timer !== null) await writeLater();
			await writing;
		},
	};
}

type FileContent = z.infer<typeof fileSchema>;

async function readOrSetAside(path: string, log: Log): Promise<FileContent> {
	const nothing: FileContent = { typed: [], machines: [] };
	let content: string;
	try {
		content = await readFile(path, "utf8");
	} catch (error) {
		const code = errorCode(error);
		if (code === "") throw error;
		if (code !== "ENOENT") log.warn({ code }, "where machines were reached before can't be read");
		return nothing;
	}
	const parsed = fileSchema.safeParse(content.length > MOST_FILE_CHARACTERS ? null : parseJson(content));
	if (parsed.success) return parsed.data;
	const aside = `${path}.broken`;
	log.warn({ aside }, "the list of addresses of other machines is broken; it is set aside, and a new one is begun");
	try {
		await rename(path, aside);
	} catch (error) {
		const code = errorCode(error);
		if (code === "") throw error;
		log.warn({ code }, "the broken list could not be set aside and will be replaced");
	}
	return nothing;
}
