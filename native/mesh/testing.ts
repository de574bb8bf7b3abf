/**
 * Helpers for tests of what stands before the mesh: a mesh in memory that keeps state as the real one does, and in which a test plays
 * the other machines. Must never be imported by the product.
 */
import { createListeners, err, ok, type Result } from "../base/base.ts";
import {
	anyMachine,
	type BatchMachines,
	type Durability,
	type MachineAbout,
	type MeshHost,
	type MeshMachine,
	type MeshView,
	type PairingCode,
	type Stranger,
} from "../contract/contract.ts";
import type { Ledger } from "../ledger/ledger.ts";
import type { Mesh, MeshFault } from "./mesh.ts";

/** A mesh in memory, and what a test does to it. */
export interface MemoryMesh extends Mesh {
	/** A machine is there from now on, or is told of anew. */
	put(machine: MeshMachine): void;
	/** A machine that is no member comes near; it lets in who has this code. */
	comeNear(stranger: Stranger, code: string): void;
	/** Another machine tries a code here. True: it was the one that is shown, and the machine is a member now. */
	tryCode(code: string, machine: MeshMachine): boolean;
	/** A machine waits for approval. */
	wait(id: string, name: string): void;
	/** Another host, and why. */
	setHost(id: string, why: MeshHost["why"]): void;
	setTrouble(trouble: string | null): void;
	/** A batch is so safe from now on. */
	setDurability(batchId: string, durability: Durability): void;
	/** From now on nothing is acknowledged; what the answer is called with ends that. */
	hold(): (durability: Durability) => void;
}

/** How a mesh in memory begins. */
export interface MemoryMeshOptions {
	/** Knows the batches, and what was chosen when they were made. */
	readonly ledger?: Pick<Ledger, "batch">;
	/** By default switched on. */
	readonly isOn?: boolean;
	/** Unix seconds; when everything happens. */
	readonly now?: number;
}

/** The code that is shown, and the next one. */
const CODES = ["1234 5678", "2345 6789"] as const;
const LIFE_SECONDS = 120;
const TRIES = 3;

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

/** This machine in tests, `desk`, and nobody else; it is host, for it is alone. */
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

/** Makes one with this machine, called `desk`, alone in it. */
export function createMemoryMesh(options: MemoryMeshOptions = {}): MemoryMesh {
	const { ledger, isOn = true, now = 1_700_000_000 } = options;
	const state = createState(isOn, now);
	return {
		get view() {
			return state.view();
		},
		watch: state.listeners.watch,
		...createPairing(state),
		...createMembers(state),
		...createBatches(state, ledger ?? { batch: () => undefined }),
		put: state.put,
		setHost: state.setHost,
		setTrouble: (trouble) => state.change({ trouble }),
	};
}

type State = ReturnType<typeof createState>;

function createState(isOn: boolean, now: number) {
	const listeners = createListeners<[MeshView]>();
	let view = sampleMeshView({ is_on: isOn });

	function change(changes: Partial<MeshView>): void {
		view = { ...view, ...changes };
		listeners.tell(view);
	}
	const member = (id: string) => view.machines.find((machine) => machine.id === id);
	return {
		listeners,
		view: () => view,
		change,
		member,
		put(machine: MeshMachine): void {
			const isKnown = member(machine.id) !== undefined;
			const machines = view.machines.map((one) => (one.id === machine.id ? machine : one));
			change({ machines: isKnown ? machines : [...machines, machine] });
		},
		setHost(id: string, why: MeshHost["why"]): void {
			const machines = view.machines.map((machine) => ({ ...machine, is_host: machine.id === id }));
			change({ machines, host: { id, term: (view.host?.term ?? 0) + 1, since: now, why } });
		},
	};
}

type Pairing = "showCode" | "shownCode" | "hideCode" | "invite" | "join" | "joinByToken" | "comeNear" | "tryCode";

function createPairing({ view, change, put }: State): Pick<MemoryMesh, Pairing> {
	const codes = new Map<string, string>();
	const tokens = new Set<string>();
	let shown: PairingCode | null = null;
	let made = 0;

	function enter({ id, name }: Pick<Stranger, "id" | "name">) {
		change({ is_on: true, strangers: view().strangers.filter((one) => one.id !== id) });
		put(sampleMember(name, { id }));
		return ok({ id, name });
	}

	return {
		async showCode() {
			if (shown !== null) return refuse("wrong-state", "A code is shown already. Close it first, or use it.");
			const code = CODES[made++ % CODES.length] ?? CODES[0];
			// The page and the command count down to it, by their own clocks.
			shown = { code, expires_at: Math.floor(Date.now() / 1_000) + LIFE_SECONDS, tries_left: TRIES };
			change({ is_on: true });
			return ok(shown);
		},
		shownCode: () => shown,
		async hideCode() {
			shown = null;
		},
		async invite(lifetimeMs) {
			const token = `mesh1:desk:22008:${lifetimeMs}`;
			tokens.add(token);
			change({ is_on: true });
			return ok(token);
		},
		async join(address, code) {
			const stranger = view().strangers.find((one) => one.address === address || one.id === address);
			if (stranger === undefined) return refuse("unreachable", "The machine could not be reached (ECONNREFUSED).");
			if (!/^\d{4} ?\d{4}$/.test(code)) return refuse("malformed", "A code has eight digits.");
			if (codes.get(stranger.id) !== digitsOf(code)) return refuse("refused", "The code is not the right one.");
			return enter(stranger);
		},
		async joinByToken(token) {
			if (!token.startsWith("mesh1:")) return refuse("malformed", "This is no token.");
			if (!tokens.delete(token)) return refuse("refused", "The token was used already, or its time is over.");
			return enter({ id: machineId("rack"), name: "rack" });
		},
		comeNear(stranger, code) {
			codes.set(stranger.id, digitsOf(code));
			change({ strangers: [...view().strangers.filter((one) => one.id !== stranger.id), stranger] });
		},
		tryCode(code, machine) {
			if (shown === null) return false;
			if (digitsOf(shown.code) === digitsOf(code)) {
				shown = null;
				put(machine);
				return true;
			}
			shown = shown.tries_left === 1 ? null : { ...shown, tries_left: shown.tries_left - 1 };
			return false;
		},
	};
}

type Members = "approve" | "remove" | "addAddress" | "handOver" | "wait";

function createMembers({ view, change, member, put, setHost }: State): Pick<MemoryMesh, Members> {
	return {
		async approve(id) {
			const waiting = view().awaiting_approval.find((one) => one.id === id);
			if (waiting === undefined) return refuse("not-found", "There is no such machine that waits.");
			change({ awaiting_approval: view().awaiting_approval.filter((one) => one !== waiting) });
			put(sampleMember(waiting.name, { id }));
			return ok(undefined);
		},
		async remove(id) {
			const { self, machines, awaiting_approval } = view();
			if (id === self) return ok(change({ ...sampleMeshView(), is_on: false }));
			const isWaiting = awaiting_approval.some((one) => one.id === id);
			if (member(id) === undefined && !isWaiting) return refuse("not-found", "There is no such machine in the mesh.");
			change({
				machines: machines.filter((machine) => machine.id !== id),
				awaiting_approval: awaiting_approval.filter((one) => one.id !== id),
			});
			return ok(undefined);
		},
		async addAddress(address) {
			return /^[^\s:]+:\d+$/.test(address) ? ok(undefined) : refuse("malformed", "An address is a host and a port.");
		},
		async handOver(id) {
			const next = member(id);
			if (next === undefined) return refuse("not-found", "There is no such machine in the mesh.");
			if (!next.is_online) return refuse("unreachable", `${next.name} is not there just now.`);
			if (next.hosting === "never") return refuse("wrong-state", `${next.name} is set never to be host.`);
			return ok(setHost(id, "hand-over"));
		},
		wait: (id, name) => change({ awaiting_approval: [...view().awaiting_approval, { id, name }] }),
	};
}

type Batches = "durabilityOf" | "acknowledge" | "choose" | "chosen" | "setDurability" | "hold";
type KnownBatch = { readonly manifest: { readonly machines?: BatchMachines } };

/** `ledger` answers undefined where it was not given: then every batch is there, and nothing was chosen when it was made. */
function createBatches(
	{ view, change }: State,
	ledger: { readonly batch: (id: string) => KnownBatch | null | undefined },
): Pick<MemoryMesh, Batches> {
	const durabilities = new Map<string, Durability>();
	const choices = new Map<string, BatchMachines>();
	let held: Promise<Durability> | null = null;

	function safety(): Durability {
		const others = view().machines.filter((machine) => !machine.is_self);
		if (others.some((machine) => machine.is_online)) return { level: 2, reason: null };
		return { level: 1, reason: others.length === 0 ? "only-member" : "alone" };
	}

	return {
		durabilityOf(batchId) {
			return ledger.batch(batchId) === null ? null : (durabilities.get(batchId) ?? safety());
		},
		acknowledge: async (batchId) => held ?? durabilities.get(batchId) ?? safety(),
		async choose(batchId, machines) {
			if (ledger.batch(batchId) === null) return refuse("not-found", "There is no such batch.");
			choices.set(batchId, machines);
			change({});
			return ok(undefined);
		},
		chosen(batchId) {
			const batch = ledger.batch(batchId);
			return batch === null ? null : (choices.get(batchId) ?? batch?.manifest.machines ?? anyMachine);
		},
		setDurability(batchId, durability) {
			durabilities.set(batchId, durability);
			change({});
		},
		hold() {
			const { promise, resolve } = Promise.withResolvers<Durability>();
			held = promise;
			return (durability) => {
				held = null;
				resolve(durability);
			};
		},
	};
}

function digitsOf(code: string): string {
	return code.replaceAll(" ", "");
}

function refuse(kind: MeshFault["kind"], message: string): Result<never, MeshFault> {
	return err({ kind, message });
}
