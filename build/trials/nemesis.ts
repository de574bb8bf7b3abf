/** Breaks machines and cables as a plan says, and mends all of it. Owns the faults under way; must never ask a machine about its work. */
import { setTimeout as pause } from "node:timers/promises";
import { assertNever } from "../../native/base/base.ts";
import type { NetworkWorld } from "../../native/mesh/testing/netns.ts";
import type { Recorder } from "./history.ts";
import { LAN, type Machine, type Machines } from "./machines.ts";
import type { PlannedFault } from "./plan.ts";

/** What breaks things. */
export interface Nemesis {
	/** Begins a fault and returns; it ends by itself. Nothing happens where no machine is left that it could befall. */
	begin(planned: PlannedFault): Promise<void>;
	/** Waits until everything under way is mended. */
	settle(): Promise<void>;
	/** Machines that nothing is wrong with now. */
	sound(): readonly Machine[];
}

/** Addresses given to adapters that are put in again begin here; those of the plan are below. */
const FIRST_NEW_ADDRESS = 100;

/** A host that broke has a successor by then; who is to be killed as host must be one. */
const HOST_MS = 30_000;
const HOST_POLL_MS = 250;

/** Nothing is broken. */
export function createNemesis(machines: Machines, recorder: Recorder): Nemesis {
	const { all } = machines;
	const { kill, cut, pull, stop } = createFaults(machines.world);
	const underWay = new Set<Promise<void>>();
	const befallen = new Set<Machine>();
	let count = 0;

	const sound = (): readonly Machine[] => all.filter((machine) => machine.isUp && !befallen.has(machine));

	/** A sound machine that says it is host itself, once there is one. */
	async function host(): Promise<Machine | undefined> {
		const deadlineMs = performance.now() + HOST_MS;
		do {
			for (const machine of sound()) {
				const view = await machine.mesh();
				if (view !== null && view.host !== null && view.host.id === view.self) return machine;
			}
			await pause(HOST_POLL_MS);
		} while (performance.now() < deadlineMs);
		return undefined;
	}

	function run(planned: PlannedFault, victims: readonly Machine[], fault: () => Promise<void>): void {
		count += 1;
		const id = count;
		for (const machine of victims) befallen.add(machine);
		recorder.record({ kind: "fault", id, fault: planned.fault, machines: victims.map(({ name }) => name) });
		const whole = fault().finally(() => {
			for (const machine of victims) befallen.delete(machine);
			recorder.record({ kind: "mended", id });
			underWay.delete(whole);
		});
		underWay.add(whole);
	}

	async function begin(planned: PlannedFault): Promise<void> {
		const { fault, lastsMs } = planned;
		// Nobody is left for it: what is under way goes first.
		if (fault === "kill-all" || sound().length < 2) await settle();
		const atHost = fault === "kill-host" || fault === "kill-other" ? await host() : undefined;
		const one = pick(sound(), planned.machine);
		if (one === undefined) return;
		switch (fault) {
			case "kill-host":
				if (atHost !== undefined) run(planned, [atHost], () => kill([atHost], lastsMs));
				return;
			case "kill-other": {
				const other = pick(
					sound().filter((machine) => machine !== atHost),
					planned.machine,
				);
				if (other !== undefined) run(planned, [other], () => kill([other], lastsMs));
				return;
			}
			case "cut": {
				const other = pick(
					sound().filter((machine) => machine !== one),
					planned.other,
				);
				if (other !== undefined) run(planned, [one, other], () => cut([one, other], lastsMs));
				return;
			}
			case "pull":
				return run(planned, [one], () => pull(one, `10.1.0.${FIRST_NEW_ADDRESS + count}`, lastsMs));
			case "stop":
				return run(planned, [one], () => stop(one, lastsMs));
			case "kill-all":
				return run(planned, all, () => kill(all, lastsMs));
			default:
				assertNever(fault);
		}
	}

	async function settle(): Promise<void> {
		while (underWay.size > 0) await Promise.all(underWay);
	}

	return { begin, settle, sound };
}

/** Each fault from its beginning to its end. */
function createFaults(world: NetworkWorld) {
	return {
		async kill(victims: readonly Machine[], lastsMs: number): Promise<void> {
			await Promise.all(victims.map((machine) => machine.kill()));
			await pause(lastsMs);
			await Promise.all(victims.map((machine) => machine.start()));
		},
		async cut([one, other]: readonly [Machine, Machine], lastsMs: number): Promise<void> {
			await world.cut(LAN, one.name, other.name);
			await pause(lastsMs);
			await world.heal(LAN, one.name, other.name);
		},
		async pull({ name }: Machine, address: string, lastsMs: number): Promise<void> {
			await world.unplug(name, LAN);
			await pause(lastsMs);
			await world.plug(name, LAN, address);
		},
		async stop(machine: Machine, lastsMs: number): Promise<void> {
			machine.signal("SIGSTOP");
			await pause(lastsMs);
			machine.signal("SIGCONT");
		},
	};
}

/** The item that a number between 0 and 1 falls on. */
export function pick<Item>(items: readonly Item[], at: number): Item | undefined {
	return items[Math.floor(at * items.length)];
}
