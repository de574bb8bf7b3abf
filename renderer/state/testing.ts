/** What tests about other machines share: machines that are there and have nothing to do. */
import type { MachineAbout, MeshMachine, MeshView } from "../../native/contract/contract.ts";

/** The id of a machine in tests: 52 characters that begin with its name. */
export function machineId(name: string): string {
	return name.padEnd(52, "a");
}

/** What a machine tells of itself when it has nothing to do. */
export const sampleAbout: MachineAbout = {
	version: "0.1.0",
	platform: "linux",
	gpus: ["GeForce RTX 4090"],
	memory_bytes: 64 * 2 ** 30,
	activity: "idle",
	words: "has nothing to do",
	lines_per_second: null,
	models: [{ name: "demo", digest: "d".repeat(64) }],
};

/** A member that is there and has nothing to do. */
export function sampleMember(name: string, changes: Partial<MeshMachine> = {}): MeshMachine {
	return {
		id: machineId(name),
		name,
		is_self: false,
		is_online: true,
		is_host: false,
		hosting: "allowed",
		last_heard_at: 1_700_000_000,
		address: "192.168.1.7:22008",
		relayed_by: null,
		slices: [],
		about: sampleAbout,
		...changes,
	};
}

/** This machine in tests, `desk`, and nobody else. */
export function sampleMeshView(changes: Partial<MeshView> = {}): MeshView {
	const self = sampleMember("desk", { is_self: true, is_host: true, address: null });
	return {
		is_on: true,
		trouble: null,
		self: self.id,
		port: 22_008,
		host: { id: self.id, term: 1, since: 1_700_000_000, why: "only-machine" },
		machines: [self],
		strangers: [],
		awaiting_approval: [],
		pairing: null,
		...changes,
	};
}
