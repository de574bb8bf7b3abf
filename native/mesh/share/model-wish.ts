/** Which model of another machine is wanted here now: one that an open batch needs, and only one at a time. Pure. */
import type { Download, MeshMachine } from "../../contract/contract.ts";
import type { BatchRecord } from "../../ledger/ledger.ts";
import type { ModelFile } from "../../models/models.ts";

/** What it depends on. */
export interface WishFacts {
	/** The owner lets models be copied between machines. */
	readonly isAllowed: boolean;
	/** Batch work may run here. */
	readonly mayWork: boolean;
	readonly isOnBattery: boolean;
	/** This machine's id. */
	readonly self: string;
	readonly machines: readonly Pick<MeshMachine, "is_self" | "is_online" | "about">[];
	/** In the order in which they are worked on. */
	readonly open: readonly Pick<BatchRecord, "status" | "isHeld" | "model" | "machines">[];
	/** Models here, each with its digest; null: not known yet. */
	readonly here: readonly (Pick<ModelFile, "name"> & { readonly digest: string | null })[];
	/** Copies on their way. */
	readonly copies: readonly { readonly digest: string; readonly download: Pick<Download, "id" | "state"> }[];
	/** Not to be tried now: the owner removed them, or they were tried just before. */
	readonly putOff: ReadonlySet<string>;
}

/** What is to be done. */
export type ModelWish =
	| { readonly kind: "copy"; readonly name: string; readonly digest: string }
	/** Its copy failed; whoever has it may be there again. */
	| { readonly kind: "resume"; readonly id: string; readonly digest: string };

/** Null: nothing now. */
export function wishedModel(facts: WishFacts): ModelWish | null {
	if (!facts.isAllowed || !facts.mayWork || facts.isOnBattery) return null;
	if (facts.copies.some(({ download }) => isUnderWay(download.state))) return null;
	for (const batch of facts.open) {
		const { model } = batch;
		if (model === null || !needsWorkers(batch, facts.self) || isHere(model, facts.here)) continue;
		if (facts.putOff.has(model.digest) || !isOffered(model.digest, facts.machines)) continue;
		const copy = facts.copies.find(({ digest }) => digest === model.digest);
		if (copy === undefined) return { kind: "copy", name: model.name, digest: model.digest };
		// A paused one is as its owner wants it.
		if (copy.download.state === "failed") return { kind: "resume", id: copy.download.id, digest: copy.digest };
	}
	return null;
}

function isUnderWay(state: Download["state"]): boolean {
	return state === "queued" || state === "running" || state === "checking";
}

/** Whether lines of a batch may be given to this machine. */
function needsWorkers({ status, isHeld, machines }: WishFacts["open"][number], self: string): boolean {
	if (isHeld || (status !== "in_progress" && status !== "validating")) return false;
	return !machines.never.includes(self) && (machines.only === null || machines.only.includes(self));
}

/** One of its name whose digest is not known yet may be it: that is found out first. */
function isHere(model: { readonly name: string; readonly digest: string }, here: WishFacts["here"]): boolean {
	return here.some(({ name, digest }) => digest === model.digest || (digest === null && name === model.name));
}

function isOffered(digest: string, machines: WishFacts["machines"]): boolean {
	return machines.some(({ is_self, is_online, about }) => {
		return !is_self && is_online && about?.models.some((model) => model.digest === digest) === true;
	});
}
