/**
 * Copies what one lane has computed into others. llama.cpp's lanes share nothing, and the public way from one to another is
 * a state file; on a RAM disk that costs a small part of computing the tokens again. Owns these files and knows what they
 * cost. Must never decide who enters.
 */
import { existsSync, rmSync } from "node:fs";
import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Clock, errorCode } from "../../base/base.ts";
import type { Lane } from "./lane.ts";
import type { Pace } from "./pace.ts";

/** A lane whose state is wanted. */
export type Donor = Pick<Lane, "save">;

/** Copies states between lanes. */
export interface Transfer {
	/** Whether copying `held` tokens costs clearly less than computing `gained` ones, by what both took so far. */
	pays(held: number, gained: number): boolean;
	/** Runs `use` with the path of the donor's state; null when it could not be written. */
	lend(donor: Donor, held: number, use: (path: string | null) => Promise<void>): Promise<void>;
}

/** Fewer tokens than this are computed in the time the bookkeeping takes. */
const LEAST_GAIN_TOKENS = 32;
/** A guess to start from, on the hopeful side so that the first copy tells: 20 KB a token at 1 GB/s. */
const FIRST_COPY_MS_PER_TOKEN = 0.02;
/** Weight of the newest figure in the running ones. */
const SMOOTHING = 0.3;
/** A copy must be this much cheaper: both figures are estimates, and a copy holds everything else up. */
const MARGIN = 1.5;
const FOLDER_PREFIX = "nightshift-lanes-";

/** A transfer through the fastest folder there is; `enabled` is false for models whose state can't be cut back. */
export async function createTransfer(clock: Clock, pace: Pace, enabled: boolean): Promise<Transfer> {
	const parent = existsSync("/dev/shm") ? "/dev/shm" : tmpdir();
	if (enabled) await sweep(parent);
	const folder = enabled ? await mkdtemp(join(parent, `${FOLDER_PREFIX}${process.pid}-`)) : null;
	if (folder !== null) process.on("exit", () => rmSync(folder, { recursive: true, force: true }));
	let copyMsPerToken = FIRST_COPY_MS_PER_TOKEN;
	let usable = enabled;
	return {
		pays(held, gained) {
			if (!usable || gained < LEAST_GAIN_TOKENS) return false;
			// Until a step has told what a token costs, computing one is taken to cost more than copying one.
			if (pace.msPerToken === null) return held <= gained * 8;
			return copyMsPerToken * held * MARGIN < pace.msPerToken * gained;
		},
		async lend(donor, held, use) {
			const path = join(folder ?? parent, "state");
			const startedMs = clock.monotonicMs();
			const saved = await donor.save(path);
			if (!saved) usable = false;
			await use(saved ? path : null);
			if (folder !== null) await rm(path, { force: true });
			const tookMs = clock.monotonicMs() - startedMs;
			if (saved && held > 0) copyMsPerToken += SMOOTHING * (tookMs / held - copyMsPerToken);
		},
	};
}

/** Removes what processes that are gone left behind: on a RAM disk it would cost memory until the next start. */
async function sweep(parent: string): Promise<void> {
	for (const name of await readdir(parent)) {
		const id = name.startsWith(FOLDER_PREFIX) ? Number.parseInt(name.slice(FOLDER_PREFIX.length), 10) : Number.NaN;
		if (!Number.isNaN(id) && !isAlive(id)) await rm(join(parent, name), { recursive: true, force: true });
	}
}

function isAlive(processId: number): boolean {
	try {
		process.kill(processId, 0);
		return true;
	} catch (error) {
		// Not ours to signal, but there.
		return errorCode(error) === "EPERM";
	}
}
