/** What Windows' graphics kernel tells of an adapter: its name, maker, memory, place on the bus, and how hot it is. */
import type { NativeFunction } from "../library.ts";
import type { Need } from "../native-source.ts";
import type { SeenGpu } from "../source.ts";
import type { WindowsLibraries } from "./libraries.ts";
import { type NativeMemory, needMemory, textOf } from "./memory.ts";

/** An adapter, as long as the driver is not started anew. */
export interface Adapter {
	readonly name: string;
	readonly vendor: SeenGpu["vendor"];
	/** Lower case, e.g. `0000:03:00.0`; null: not on a PCI bus. */
	readonly pciAddress: string | null;
	/** Its own memory; null: it can't be told. */
	readonly totalBytes: number | null;
	/** It draws with the processor. */
	readonly isSoftware: boolean;
}

/** Asks for adapters. */
export interface Adapters {
	/** Null: the adapter is gone. */
	describe(luid: bigint): Promise<Adapter | null>;
	/** Null: it has no sensor, or the driver doesn't tell. */
	temperatureCelsius(luid: bigint): Promise<number | null>;
}

/** Of `KMTQUERYADAPTERINFOTYPE`, with the sizes of what they fill in. */
const SEGMENT_SIZE = { type: 3, sizeBytes: 24 };
const ADDRESS = { type: 6, sizeBytes: 12 };
/** `D3DKMT_ADAPTERREGISTRYINFO`: four texts of MAX_PATH (260) WCHARs; the first is the adapter's name. */
const REGISTRY_INFO = { type: 8, sizeBytes: 4 * 260 * 2 };
const NAME_BYTES = 260 * 2;
const ADAPTER_TYPE = { type: 15, sizeBytes: 4 };
/** `D3DKMT_QUERY_DEVICE_IDS`: `UINT PhysicalAdapterIndex; UINT VendorID`, and five more. */
const DEVICE_IDS = { type: 31, sizeBytes: 28 };
const VENDOR_AT = 4;
/** `D3DKMT_ADAPTER_PERFDATA`: `UINT32`, padding, five `ULONGLONG`, `ULONG FanRPM, Power, Temperature`, `UCHAR`. */
const PERFORMANCE_DATA = { type: 62, sizeBytes: 64 };
const TEMPERATURE_AT = 56;
/** `SoftwareDevice` of `D3DKMT_ADAPTERTYPE`. */
const SOFTWARE_BIT = 1 << 2;

/** `D3DKMT_QUERYADAPTERINFO`: `UINT hAdapter; int Type; VOID *pPrivateDriverData; UINT PrivateDriverDataSize`. */
const QUERY_BYTES = 24;
/** `D3DKMT_OPENADAPTERFROMLUID`: `LUID AdapterLuid; UINT hAdapter`. */
const OPEN_BYTES = 12;

/**
 * Takes the functions. From learn.microsoft.com, "D3DKMTOpenAdapterFromLuid", "D3DKMTQueryAdapterInfo", "D3DKMTCloseAdapter"
 * (d3dkmthk.h; gdi32.dll exports them):
 *
 *     NTSTATUS D3DKMTOpenAdapterFromLuid(D3DKMT_OPENADAPTERFROMLUID *unnamedParam1);
 *     NTSTATUS D3DKMTQueryAdapterInfo(const D3DKMT_QUERYADAPTERINFO *unnamedParam1);
 *     NTSTATUS D3DKMTCloseAdapter(const D3DKMT_CLOSEADAPTER *unnamedParam1);
 */
export async function needAdapters(need: Need, { gdi32, kernel32 }: WindowsLibraries): Promise<Adapters> {
	const open = await need(gdi32, "int32_t D3DKMTOpenAdapterFromLuid(void *adapter)");
	const query = await need(gdi32, "int32_t D3DKMTQueryAdapterInfo(void *query)");
	const close = await need(gdi32, "int32_t D3DKMTCloseAdapter(void *adapter)");
	const memory = await needMemory(need, kernel32);

	async function opened<Value>(luid: bigint, use: (ask: Ask) => Promise<Value>): Promise<Value | null> {
		const adapter = Buffer.alloc(OPEN_BYTES);
		adapter.writeBigUInt64LE(luid, 0);
		if ((await open.call(adapter)) !== 0) return null;
		const handle = adapter.subarray(8);
		try {
			return await use((what) => askFor(query, memory, handle.readUInt32LE(), what));
		} finally {
			await close.call(handle);
		}
	}

	return {
		describe: (luid) => opened(luid, describe),
		temperatureCelsius: (luid) =>
			opened(luid, async (ask) => {
				const deciCelsius = (await ask(PERFORMANCE_DATA))?.readUInt32LE(TEMPERATURE_AT) ?? 0;
				return deciCelsius > 0 ? deciCelsius / 10 : null;
			}),
	};
}

interface Kind {
	readonly type: number;
	readonly sizeBytes: number;
}

/** Asks an open adapter; null: its driver is too old, or does not tell. */
type Ask = (what: Kind) => Promise<Buffer | null>;

function askFor(query: NativeFunction, memory: NativeMemory, handle: number, what: Kind): Promise<Buffer | null> {
	return memory.with(what.sizeBytes, async (address) => {
		const bytes = Buffer.alloc(QUERY_BYTES);
		bytes.writeUInt32LE(handle, 0);
		bytes.writeInt32LE(what.type, 4);
		bytes.writeBigUInt64LE(address, 8);
		bytes.writeUInt32LE(what.sizeBytes, 16);
		return (await query.call(bytes)) === 0 ? memory.read(address, what.sizeBytes) : null;
	});
}

async function describe(ask: Ask): Promise<Adapter> {
	const segments = await ask(SEGMENT_SIZE);
	const address = await ask(ADDRESS);
	const names = await ask(REGISTRY_INFO);
	const type = await ask(ADAPTER_TYPE);
	const ids = await ask(DEVICE_IDS);
	const name = names === null ? "" : textOf(names.subarray(0, NAME_BYTES)).trim();
	return {
		name: name === "" ? "GPU without a name" : name,
		vendor: vendorOf(ids?.readUInt32LE(VENDOR_AT) ?? null),
		pciAddress: address === null ? null : pciAddressOf(address),
		totalBytes: segments === null ? null : Number(segments.readBigUInt64LE(0)),
		isSoftware: type !== null && (type.readUInt32LE() & SOFTWARE_BIT) !== 0,
	};
}

const MOST_BUSES = 0xff;
const MOST_DEVICES = 0x1f;
const MOST_FUNCTIONS = 7;

/** `D3DKMT_ADAPTERADDRESS`: `UINT BusNumber, DeviceNumber, FunctionNumber`; all ones where there is no bus. Windows tells no domain. */
function pciAddressOf(address: Buffer): string | null {
	const [bus, device, place] = [address.readUInt32LE(0), address.readUInt32LE(4), address.readUInt32LE(8)];
	if (bus > MOST_BUSES || device > MOST_DEVICES || place > MOST_FUNCTIONS) return null;
	return `0000:${hex(bus)}:${hex(device)}.${place}`;
}

function hex(value: number): string {
	return value.toString(16).padStart(2, "0");
}

/** Numbers of makers as the PCI-SIG gives them. */
function vendorOf(id: number | null): SeenGpu["vendor"] {
	switch (id) {
		case 0x10de:
			return "nvidia";
		case 0x1002:
		case 0x1022:
			return "amd";
		case 0x8086:
			return "intel";
		default:
			return "other";
	}
}
