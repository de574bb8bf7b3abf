import type { Machine } from "./machine.ts";
import type { World } from "./world.ts";

/** What has been written will be on disk after a while; one fsync for all of it. */
export function planSync(world: World, machine: Machine): void {
	if (machine.isSyncPlanned) return;
	machine.isSyncPlanned = true;
	world.afterOn(machine, world.random.between(1, machine.diskDelayMs), () => {
		machine.isSyncPlanned = false;
		machine.ledger.fsync();
		world.tell(machine, { kind: "durable", durable: machine.ledger.durable });
	});
}
