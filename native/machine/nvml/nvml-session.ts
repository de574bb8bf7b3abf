/** A connection to NVIDIA's driver: the open library, begun, and the GPUs it has. */
import { err, ok, type Result } from "../../base/base.ts";
import { openLibrary } from "../library.ts";
import type { SourceFault } from "../source.ts";
import { bindNvml, type NvmlCalls } from "./nvml-calls.ts";
import { type Answer, nvmlCode } from "./nvml-codes.ts";
import { explain } from "./nvml-faults.ts";
import type { NvmlGpu } from "./nvml-gpu.ts";

/** More GPUs than any computer holds: beyond it the driver's count is rubbish. */
const MOST_GPUS = 64;

/** An open connection. */
export interface NvmlSession {
	readonly calls: NvmlCalls;
	/** Null: it does not say. */
	readonly driverVersion: string | null;
	readonly gpus: readonly NvmlGpu[];
	/** What the first GPU that was left out answered; null: all are there. */
	readonly missingCode: number | null;
	/** Must not be called while anything of it runs. */
	close(): Promise<void>;
}

/** Opens the library and finds the GPUs. One that does not answer is left out, unless none does. */
export async function openSession(libraryNames: readonly string[]): Promise<Result<NvmlSession, SourceFault>> {
	if (libraryNames.length === 0) return absent("NVIDIA has no driver for this system");
	const opened = await openLibrary(libraryNames);
	if (!opened.ok) return absent(`NVIDIA's driver is not installed (${opened.error.message})`);
	const library = opened.value;
	const calls = bindNvml(library);
	const begun = await calls.init();
	if (!begun.ok) {
		const message = await explain(begun.error, calls);
		library.close();
		return err({ kind: kindOf(begun.error), message });
	}
	async function close(): Promise<void> {
		await calls.shutdown();
		library.close();
	}
	const found = await findGpus(calls);
	if (!found.ok) {
		await close();
		return found;
	}
	return ok({ calls, driverVersion: await told(calls.driverVersion()), ...found.value, close });
}

/** A driver that is not loaded belongs to a card that was taken out, or that a laptop has put to sleep. */
function kindOf(code: number): SourceFault["kind"] {
	return code === nvmlCode.driverNotLoaded || code === nvmlCode.functionNotFound ? "absent" : "failed";
}

async function findGpus(calls: NvmlCalls): Promise<Result<Pick<NvmlSession, "gpus" | "missingCode">, SourceFault>> {
	const count = await calls.deviceCount();
	if (!count.ok) return err({ kind: kindOf(count.error), message: await explain(count.error, calls) });
	const gpus: NvmlGpu[] = [];
	let missingCode: number | null = null;
	for (let index = 0; index < Math.min(count.value, MOST_GPUS); index++) {
		const gpu = await meetGpu(calls, index);
		if (gpu.ok) gpus.push(gpu.value);
		else missingCode ??= gpu.error;
	}
	if (gpus.length > 0) return ok({ gpus, missingCode });
	if (missingCode === null) return absent("NVIDIA's driver is installed, but there is no GPU of NVIDIA's");
	return err({ kind: kindOf(missingCode), message: await explain(missingCode, calls) });
}

/** Asks for what never changes. */
async function meetGpu(calls: NvmlCalls, index: number): Answer<NvmlGpu> {
	const device = await calls.deviceByIndex(index);
	if (!device.ok) return device;
	const uuid = await told(calls.uuid(device.value));
	const pciAddress = await told(calls.pciAddress(device.value));
	return ok({
		device: device.value,
		id: uuid !== null ? `nvidia:${uuid}` : pciAddress !== null ? `pci:${pciAddress}` : `nvidia:${index}`,
		name: (await told(calls.name(device.value))) ?? "NVIDIA GPU",
		pciAddress,
		untold: new Set(),
		newestSampleUs: null,
	});
}

async function told<T>(answer: Answer<T>): Promise<T | null> {
	const result = await answer;
	return result.ok ? result.value : null;
}

function absent(message: string): Result<never, SourceFault> {
	return err({ kind: "absent", message });
}
