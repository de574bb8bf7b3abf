/** The mesh of a machine that works by itself: it is switched off, and knows this machine alone. */
import { err, type Result } from "../base/base.ts";
import { anyMachine, type MeshMachine, type MeshView } from "../contract/contract.ts";
import type { Ledger } from "../ledger/ledger.ts";
import type { Mesh, MeshFault } from "./mesh.ts";

/** What it is made from. */
export interface LoneMeshDeps {
	readonly ledger: Pick<Ledger, "batch">;
	/** This machine as it would show itself; null: the mesh was never on, so that it has no id yet. */
	readonly self: () => Pick<MeshMachine, "id" | "name" | "hosting" | "about"> | null;
}

const switchedOff: MeshFault = {
	kind: "switched-off",
	message:
		"This machine works by itself: working together with others is switched off. Switch it on with 'nightshift machines on', or on the page under Machines.",
};

/** Makes it. What there is to ask about others is refused; batches are as safe as this machine alone can make them. */
export function createLoneMesh({ ledger, self }: LoneMeshDeps): Mesh {
	const refused = async (): Promise<Result<never, MeshFault>> => err(switchedOff);
	const alone = { level: 1, reason: "only-member" } as const;
	return {
		get view() {
			return describeAlone(self());
		},
		// Nothing about it changes by itself; what it is made from, a new name, is told by who owns that.
		watch: () => () => {},
		showCode: refused,
		shownCode: () => null,
		async hideCode() {},
		invite: refused,
		join: refused,
		joinByToken: refused,
		approve: refused,
		remove: refused,
		addAddress: refused,
		handOver: refused,
		durabilityOf: (batchId) => (ledger.batch(batchId) === null ? null : alone),
		acknowledge: async () => alone,
		choose: refused,
		chosen(batchId) {
			const batch = ledger.batch(batchId);
			return batch === null ? null : (batch.manifest.machines ?? anyMachine);
		},
	};
}

function describeAlone(self: ReturnType<LoneMeshDeps["self"]>): MeshView {
	const itself = {
		is_self: true,
		is_online: true,
		is_host: false,
		last_heard_at: null,
		address: null,
		relayed_by: null,
		slices: [],
	};
	return {
		is_on: false,
		trouble: null,
		self: self?.id ?? null,
		port: null,
		host: null,
		machines: self === null ? [] : [{ ...itself, ...self }],
		strangers: [],
		awaiting_approval: [],
		pairing: null,
	};
}
