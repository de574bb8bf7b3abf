/**
 * Other machines: who they are, who of them is host, and how work and ledger go round among them (reference/mesh).
 *
 * Owns trust, connections and what machines decide together. Must never decide what a batch is or how a line runs, and must never
 * hold up the ledger: all that talks to others lives in a thread of its own.
 */
import type { Result } from "../base/base.ts";
import type { BatchMachines, Durability, MeshView } from "../contract/contract.ts";

/** Why something about other machines was not done. */
export interface MeshFault {
	readonly kind: /** The mesh is switched off, or was never on. */
		| "switched-off"
		/** There is no such machine, no such batch. */
		| "not-found"
		/** Not as things are: a code is shown already, the machine was removed, it may not be host. */
		| "wrong-state"
		/** What was given is no address, no code or no token. */
		| "malformed"
		/** The code or the token is not the right one, or counts no more. */
		| "refused"
		/** The other machine does not answer there, or is too slow. */
		| "unreachable"
		/** Whoever answers there is not who it should be. */
		| "not-trusted"
		/** As many machines, tokens or addresses as may be. */
		| "full"
		/** It could not be written to the disk. */
		| "not-stored";
	/** A sentence that says how to mend it. */
	readonly message: string;
}

/** The mesh as the rest of the service sees it. It is there also while switched off: then it has only itself. */
export interface Mesh {
	/** How it stands right now. Without the code: `pairing` is for who asks for it. */
	readonly view: MeshView;
	/**
	 * Calls the listener whenever the view changed, or how safe a batch is, or who may work on one; at most some times a second.
	 * Answers a function that ends it.
	 */
	watch(listener: (view: MeshView) => void): () => void;

	/** Shows a code by which another machine may join; answers it with its life. Switches the mesh on. */
	showCode(): Promise<Result<NonNullable<MeshView["pairing"]>, MeshFault>>;
	/** The code that is out; null: none is. */
	shownCode(): MeshView["pairing"];
	/** Takes the code back. */
	hideCode(): Promise<void>;
	/** A token for a machine without a screen, to be used once within `lifetimeMs`. Switches the mesh on. */
	invite(lifetimeMs: number): Promise<Result<string, MeshFault>>;
	/** Joins the mesh of a machine that shows a code; `address` is `host:port`, or the id of one that is near. Answers its name. */
	join(address: string, code: string): Promise<Result<{ readonly id: string; readonly name: string }, MeshFault>>;
	/** As `join`, with a token. */
	joinByToken(token: string): Promise<Result<{ readonly id: string; readonly name: string }, MeshFault>>;
	/** Admits a machine anew that waits for approval. */
	approve(id: string): Promise<Result<void, MeshFault>>;
	/** Removes a machine for good, or with its own id takes this one out. */
	remove(id: string): Promise<Result<void, MeshFault>>;
	/** Remembers an address under which members may be. */
	addAddress(address: string): Promise<Result<void, MeshFault>>;
	/** Makes another machine host, in good order. Resolves when it is, or with why it is not. */
	handOver(id: string): Promise<Result<void, MeshFault>>;

	/** How safe a batch is: its existence while it is open, its files once it ended. Null: no such batch. */
	durabilityOf(batchId: string): Durability | null;
	/** Waits until a new batch, with its input, is as safe as the policy wants, and says how safe that is. */
	acknowledge(batchId: string): Promise<Durability>;
	/** Says which machines may work on a batch, from now on. */
	choose(batchId: string, machines: BatchMachines): Promise<Result<void, MeshFault>>;
	/** Null: no such batch. */
	chosen(batchId: string): BatchMachines | null;
}
