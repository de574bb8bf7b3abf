import { TICK_MS } from "../core/core.ts";
import { deviceName, type Machine, startedCore } from "./machine.ts";
import { createVirtualLedger } from "./virtual-ledger.ts";
import { dropJobs, idle, tellWorker } from "./working.ts";
import type { World } from "./world.ts";

/** Fsync of most disks; of some. */
const DISK_DELAYS_MS = [10, 10, 800, 3_000] as const;

/** Clocks of computers differ by less than this part. */
const RATE_ERROR = 0.001;

/** Adds the machines of the plan to the world, all started. */
export function addMachines(world: World): void {
	const { random, plan } = world;
	const ranks = Array.from({ length: plan.machines }, () => (random.chance(0.2) ? 1 : 0));
	for (const [index, rank] of ranks.entries()) {
		const device = deviceName(index);
		const ledger = createVirtualLedger(`${device}/1`, () => world.stamp(), world.options.surroundings.choosesWinners);
		const clocks = {
			system: random.pick(["linux", "macos"] as const),
			rate: 1 + random.between(-RATE_ERROR, RATE_ERROR),
			wallOffsetMs: Math.floor(random.between(-1e9, 1e9)),
			sleptMs: 0,
		};
		const saved = { maxEpoch: null, ownTerm: 0 };
		const identity = { device, index, rank, ledger, saved, ...clocks };
		const machine: Machine = {
			...identity,
			condition: "up",
			incarnation: 0,
			upSinceMs: 0,
			asleepSinceMs: 0,
			officeSinceMs: 0,
			core: startedCore(world, identity, ranks),
			diskDelayMs: plan.isNoisy ? random.pick(DISK_DELAYS_MS) : DISK_DELAYS_MS[0],
			isSyncPlanned: false,
			work: idle(),
			isOwnerThere: false,
			whenAwake: [],
		};
		world.machines.push(machine);
		beginTicking(world, machine);
	}
}

/** The machine stops at once; what was not fsynced is gone. */
export function crash(world: World, machine: Machine, forMs: number): void {
	if (machine.condition === "down" || machine.condition === "lost") return;
	world.note(machine, "crashes");
	stop(machine, "down");
	machine.ledger.crash();
	world.after(forMs, () => boot(world, machine));
}

/** The machine is gone for good, and its disk with it. */
export function loseDisk(world: World, machine: Machine): void {
	world.note(machine, "is lost with its disk");
	stop(machine, "lost");
	world.checker.durability.lost(machine);
	machine.ledger.destroy();
}

/** Starts a machine that is down, with what is on its disk. */
export function boot(world: World, machine: Machine): void {
	if (machine.condition !== "down") return;
	world.note(machine, "starts");
	machine.condition = "up";
	machine.incarnation += 1;
	machine.upSinceMs = world.nowMs;
	machine.core = startedCore(
		world,
		machine,
		world.machines.map(({ rank }) => rank),
	);
	world.checker.authority.started(machine);
	beginTicking(world, machine);
}

/** The machine sleeps: nothing happens on it, and frames to it are lost. */
export function sleep(world: World, machine: Machine, forMs: number): void {
	if (machine.condition !== "up") return;
	world.note(machine, "sleeps");
	machine.condition = "asleep";
	machine.asleepSinceMs = world.nowMs;
	world.after(forMs, () => wake(world, machine));
}

/** The machine wakes, as after `sleep` or because all is to be well; what was planned happens soon, in any order. */
export function wake(world: World, machine: Machine): void {
	if (machine.condition !== "asleep") return;
	world.note(machine, "wakes");
	machine.condition = "up";
	machine.sleptMs += world.nowMs - machine.asleepSinceMs;
	machine.upSinceMs = world.nowMs;
	const waiting = machine.whenAwake;
	machine.whenAwake = [];
	for (const happen of waiting) world.after(world.random.between(0, TICK_MS), happen);
}

function beginTicking(world: World, machine: Machine): void {
	const tick = (): void => {
		world.tell(machine, { kind: "tick" });
		world.afterOn(machine, TICK_MS, tick);
	};
	world.afterOn(machine, world.random.between(0, TICK_MS), () => {
		world.tell(machine, { kind: "handicap-changed", handicap: world.random.below(2) });
		tellWorker(world, machine);
		tick();
	});
}

function stop(machine: Machine, condition: "down" | "lost"): void {
	machine.condition = condition;
	machine.incarnation += 1;
	machine.isSyncPlanned = false;
	machine.whenAwake = [];
	dropJobs(machine);
}
