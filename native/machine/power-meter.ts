/** Counts the energy of batch work: looks at the power now and then, and adds up. */
import type { Clock, Log } from "../base/base.ts";
import { readPower } from "./estimate.ts";
import type { EnergyCount, PowerMeter, PowerReading } from "./machine.ts";
import type { PowerProbe } from "./power-probe.ts";
import { createPowerWatch } from "./power-watch.ts";

/** What a meter needs. */
export interface PowerMeterDeps {
	readonly probe: PowerProbe;
	readonly clock: Clock;
	readonly log: Log;
	/** What the owner says this computer draws under batch work, where no sensor tells it; asked anew each time. */
	readonly estimatedWatts: () => number | null;
	/** Whether batch work runs on a GPU: makes the estimate an honest one where that GPU has no sensor. By default it does not. */
	readonly isGpuAtWork?: () => boolean;
}

/** Power under batch work changes slowly, and a look asks every source of this computer. */
const LOOK_EVERY_MS = 10_000;
/** Ticks come every `LOOK_EVERY_MS`. Where far more time went by, the computer slept: of that only one such span counts. */
const LONGEST_GAP_MS = 3 * LOOK_EVERY_MS;

const MILLISECONDS_PER_HOUR = 3_600_000;

/** What one count has so far. */
interface Tally {
	wattHours: number;
	isMeasured: boolean;
}

/**
 * Makes the meter. Energy is a sum of steps: each reading counts for the time since the one before it, and the last one for the
 * time since. Counts that run at the same time share the power evenly, so that together they are what the computer drew.
 */
export function createPowerMeter(deps: PowerMeterDeps): PowerMeter {
	const { probe, clock, log } = deps;
	const tallies = new Set<Tally>();
	const watch = createPowerWatch(probe, log, add);
	let timer: NodeJS.Timeout | null = null;
	let countedUntilMs = 0;

	function reading(): PowerReading {
		const isGpuAtWork = deps.isGpuAtWork?.() ?? false;
		return readPower({ sight: watch.sight, ownersWatts: deps.estimatedWatts(), isGpuAtWork });
	}

	/** Adds the time since the last call at the present reading. */
	function add(): void {
		const nowMs = clock.monotonicMs();
		const goneMs = nowMs - countedUntilMs;
		countedUntilMs = nowMs;
		if (goneMs <= 0 || tallies.size === 0) return;
		const { watts, isMeasured } = reading();
		const hours = (goneMs > LONGEST_GAP_MS ? LOOK_EVERY_MS : goneMs) / MILLISECONDS_PER_HOUR;
		for (const tally of tallies) {
			tally.wattHours += (watts * hours) / tallies.size;
			tally.isMeasured &&= isMeasured;
		}
	}

	function begin(): void {
		countedUntilMs = clock.monotonicMs();
		timer = setInterval(watch.lookAgain, LOOK_EVERY_MS);
		timer.unref();
		watch.look();
	}

	function stop(): void {
		add();
		tallies.clear();
		if (timer !== null) clearInterval(timer);
		timer = null;
		watch.stop();
	}

	function count(): EnergyCount {
		if (tallies.size === 0) begin();
		else add();
		const tally: Tally = { wattHours: 0, isMeasured: true };
		tallies.add(tally);
		return {
			take() {
				if (tallies.has(tally)) add();
				const taken = { ...tally };
				Object.assign(tally, { wattHours: 0, isMeasured: true });
				return taken;
			},
			end() {
				if (!tallies.has(tally)) return;
				add();
				tallies.delete(tally);
				if (tallies.size === 0) stop();
			},
		};
	}

	return {
		get reading() {
			return reading();
		},
		count,
		stop,
	};
}
