/** NVIDIA's library and a card as tests want them: `stand-in.c`, compiled here. Must never be imported by the product. */
import { execFileSync } from "node:child_process";
import { mkdtempSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** What kind of driver it plays. */
export interface StandInOptions {
	/** Functions it lacks, as older drivers do. */
	readonly without?: readonly string[];
	/** Bytes of an entry of its process lists. */
	readonly processSize?: 16 | 24 | 32;
}

/** A compiled library that plays a scenario. */
export interface StandIn {
	/** Of the library. It has the driver's own name: with `folder` on the loader's path it is found as NVIDIA's. */
	readonly path: string;
	readonly folder: string;
	/** For another process that shall see the same card. */
	readonly environment: { readonly LD_LIBRARY_PATH: string; readonly NIGHTSHIFT_NVML_SCENARIO: string };
	/**
	 * From now on this is so, also for this process's own libraries; lines as `stand-in.c` describes them. Takes effect at once,
	 * never half of it.
	 */
	play(...lines: readonly string[]): void;
	remove(): void;
}

const source = new URL("stand-in.c", import.meta.url).pathname;

/** Compiles it. At first it plays a computer without a GPU. Needs `cc`. */
export function buildStandIn({ without = [], processSize = 24 }: StandInOptions = {}): StandIn {
	const folder = mkdtempSync(join(tmpdir(), "nightshift-nvml-"));
	const path = join(folder, "libnvidia-ml.so.1");
	const scenarioPath = join(folder, "scenario");
	const lacks = without.map((name) => `-D${name}=lacks_${name}`);
	const flags = ["-shared", "-fPIC", "-O1", "-std=gnu11", "-Wall", "-Werror", `-DPROCESS_SIZE=${processSize}`];
	execFileSync("cc", [...flags, ...lacks, "-o", path, source]);
	function play(...lines: readonly string[]): void {
		writeFileSync(`${scenarioPath}.new`, `${lines.join("\n")}\n`);
		renameSync(`${scenarioPath}.new`, scenarioPath);
		process.env.NIGHTSHIFT_NVML_SCENARIO = scenarioPath;
	}
	play();
	return {
		path,
		folder,
		environment: { LD_LIBRARY_PATH: folder, NIGHTSHIFT_NVML_SCENARIO: scenarioPath },
		play,
		remove: () => rmSync(folder, { recursive: true, force: true }),
	};
}
