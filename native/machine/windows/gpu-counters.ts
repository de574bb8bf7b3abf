/** Windows' GPU counters by the Performance Data Helper: the ones that the Task Manager shows. */
import { err, ok, type Result } from "../../base/base.ts";
import type { NativeFunction } from "../library.ts";
import type { Need } from "../native-source.ts";
import type { SourceFault } from "../source.ts";
import type { CounterItem, GpuCounters } from "./gpu-instances.ts";
import type { WindowsLibraries } from "./libraries.ts";
import { type NativeMemory, needMemory, textOf, wide } from "./memory.ts";

/** Functions of pdh.dll. */
export interface CounterFunctions {
	readonly openQuery: NativeFunction;
	readonly addEnglishCounter: NativeFunction;
	readonly collect: NativeFunction;
	readonly getFormattedArray: NativeFunction;
	readonly closeQuery: NativeFunction;
	readonly memory: NativeMemory;
}

/**
 * Takes them. From learn.microsoft.com, "PdhOpenQueryW", "PdhAddEnglishCounterW", "PdhCollectQueryData",
 * "PdhGetFormattedCounterArrayW", "PdhCloseQuery" (pdh.h):
 *
 *     PDH_STATUS PdhOpenQueryW(LPCWSTR szDataSource, DWORD_PTR dwUserData, PDH_HQUERY *phQuery);
 *     PDH_STATUS PdhAddEnglishCounterW(PDH_HQUERY hQuery, LPCWSTR szFullCounterPath, DWORD_PTR dwUserData,
 *         PDH_HCOUNTER *phCounter);
 *     PDH_STATUS PdhCollectQueryData(PDH_HQUERY hQuery);
 *     PDH_STATUS PdhGetFormattedCounterArrayW(PDH_HCOUNTER hCounter, DWORD dwFormat, LPDWORD lpdwBufferSize,
 *         LPDWORD lpdwItemCount, PPDH_FMT_COUNTERVALUE_ITEM_W ItemBuffer);
 *     PDH_STATUS PdhCloseQuery(PDH_HQUERY hQuery);
 */
export async function needCounters(need: Need, { pdh, kernel32 }: WindowsLibraries): Promise<CounterFunctions> {
	return {
		openQuery: await need(pdh, "uint32_t PdhOpenQueryW(void *szDataSource, uintptr_t dwUserData, void *phQuery)"),
		addEnglishCounter: await need(
			pdh,
			"uint32_t PdhAddEnglishCounterW(void *hQuery, void *szFullCounterPath, uintptr_t dwUserData, void *phCounter)",
		),
		collect: await need(pdh, "uint32_t PdhCollectQueryData(void *hQuery)"),
		getFormattedArray: await need(
			pdh,
			"uint32_t PdhGetFormattedCounterArrayW(void *hCounter, uint32_t dwFormat, void *lpdwBufferSize, void *lpdwItemCount, void *ItemBuffer)",
		),
		closeQuery: await need(pdh, "uint32_t PdhCloseQuery(void *hQuery)"),
		memory: await needMemory(need, kernel32),
	};
}

/** The three counters, kept open: busy is what passed between two collections. */
export interface GpuCounterQuery {
	collect(): Promise<Result<GpuCounters, SourceFault>>;
	close(): Promise<void>;
}

/** `PDH_FMT_DOUBLE` and `PDH_FMT_NOCAP100`; the sum over engines is ours to cap. */
const AS_PERCENT = 0x0000_0200 | 0x0000_8000;
/** `PDH_FMT_DOUBLE` too: exact up to 2^53 bytes. */
const AS_BYTES = 0x0000_0200;
/** `PDH_NO_DATA` of pdhmsg.h: no process uses a GPU and no adapter has memory of its own. */
const NO_DATA = 0x8000_07d5;
/** `PDH_MORE_DATA`. */
const MORE_DATA = 0x8000_07d2;
/** Processes come and go between two calls; whoever asks again this often won't get it. */
const MOST_TRIES = 4;
/** A thousand programs with a hundred instances each, with names; more is not a size but a fault. */
const MOST_BYTES = 32 * 1024 * 1024;

/** Opens the counters. Windows has had them since 10, version 1709. */
export async function openGpuCounters(functions: CounterFunctions): Promise<Result<GpuCounterQuery, SourceFault>> {
	const handle = Buffer.alloc(8);
	const opened = await functions.openQuery.call(null, 0, handle);
	if (opened !== 0) return err({ kind: "failed", message: `PdhOpenQuery answers ${code(opened)}` });
	const query = handle.readBigUInt64LE();
	const counters: bigint[] = [];
	for (const path of [
		"\\GPU Engine(*)\\Utilization Percentage",
		"\\GPU Process Memory(*)\\Dedicated Usage",
		"\\GPU Adapter Memory(*)\\Dedicated Usage",
	]) {
		const counter = Buffer.alloc(8);
		const added = await functions.addEnglishCounter.call(query, wide(path), 0, counter);
		if (added !== 0) {
			await functions.closeQuery.call(query);
			const message = `Windows has no counters ${path} (${code(added)}); they came with Windows 10, version 1709`;
			return err({ kind: "absent", message });
		}
		counters.push(counter.readBigUInt64LE());
	}
	const [engines, processMemory, adapterMemory] = counters;
	if (engines === undefined || processMemory === undefined || adapterMemory === undefined)
		throw new Error("three counters");
	return ok({
		async collect() {
			const collected = await functions.collect.call(query);
			if (collected === NO_DATA) return ok({ engines: [], processMemory: [], adapterMemory: [] });
			if (collected !== 0) return err({ kind: "failed", message: `PdhCollectQueryData answers ${code(collected)}` });
			return ok({
				engines: await read(functions, engines, AS_PERCENT),
				processMemory: await read(functions, processMemory, AS_BYTES),
				adapterMemory: await read(functions, adapterMemory, AS_BYTES),
			});
		},
		close: async () => void (await functions.closeQuery.call(query)),
	});
}

/** Null: it does not answer now, e.g. what needs two collections at the first. */
async function read(functions: CounterFunctions, counter: bigint, format: number): Promise<CounterItem[] | null> {
	const size = Buffer.alloc(4);
	const count = Buffer.alloc(4);
	for (let tries = 0; tries < MOST_TRIES; tries++) {
		size.writeUInt32LE(0);
		const asked = await functions.getFormattedArray.call(counter, format, size, count, null);
		if (asked === NO_DATA || (asked === 0 && size.readUInt32LE() === 0)) return [];
		const sizeBytes = size.readUInt32LE();
		if (asked !== MORE_DATA || sizeBytes > MOST_BYTES) return null;
		const items = await functions.memory.with(sizeBytes, async (address) => {
			const got = await functions.getFormattedArray.call(counter, format, size, count, address);
			if (got === MORE_DATA) return "more";
			if (got !== 0) return null;
			return readItems(functions.memory.read(address, sizeBytes), address, count.readUInt32LE());
		});
		if (items !== "more") return items;
	}
	return null;
}

/**
 * `PDH_FMT_COUNTERVALUE_ITEM_W`: `LPWSTR szName; PDH_FMT_COUNTERVALUE FmtValue`, of which `DWORD CStatus`, 4 bytes of padding and a
 * `double`. Names lie in the same block, behind the items.
 */
const ITEM_BYTES = 24;
const STATUS_AT = 8;
const VALUE_AT = 16;
/** `PDH_CSTATUS_VALID_DATA` and `PDH_CSTATUS_NEW_DATA`; others are of instances that came or went. */
const VALID_STATES: readonly number[] = [0, 1];

/** Reads so many items from a block that lies at an address. */
export function readItems(block: Buffer, address: bigint, count: number): CounterItem[] {
	const items: CounterItem[] = [];
	for (let index = 0; index < count && (index + 1) * ITEM_BYTES <= block.length; index++) {
		const item = block.subarray(index * ITEM_BYTES, (index + 1) * ITEM_BYTES);
		const nameAt = Number(item.readBigUInt64LE(0) - address);
		const value = item.readDoubleLE(VALUE_AT);
		if (!VALID_STATES.includes(item.readUInt32LE(STATUS_AT)) || !Number.isFinite(value)) continue;
		if (nameAt < 0 || nameAt >= block.length) continue;
		items.push({ instance: nameAtOffset(block, nameAt), value: Math.max(0, value) });
	}
	return items;
}

/** Instances' names are some 80 characters. */
const LONGEST_NAME_BYTES = 512;

function nameAtOffset(block: Buffer, offset: number): string {
	return textOf(block.subarray(offset, offset + LONGEST_NAME_BYTES));
}

function code(status: unknown): string {
	return typeof status === "number" ? `0x${(status >>> 0).toString(16)}` : String(status);
}
