import { z } from "zod";
import { assertNever, type Clock, type Log, parseJson, type Result } from "../../base/base.ts";
import type { Durability } from "../../contract/contract.ts";
import type { Sharing } from "../../jobs/sharing.ts";
import type { WorkPermit } from "../../jobs/work-permit.ts";
import type { Ledger, StoredOp } from "../../ledger/ledger.ts";
import { NEW_ORIGIN_NOTE } from "../../ledger/open.ts";
import type { Models } from "../../models/models.ts";
import { countLines } from "../core/core.ts";
import { factOf } from "../facts/facts.ts";
import type { MeshFault } from "../mesh.ts";
import type { BlobName, FromNode, ServiceEffect, ToNode } from "../node/messages.ts";
import { placesIn } from "../node/traffic.ts";
import { type Acknowledgements, createAcknowledgements } from "./acknowledgements.ts";
import { createBatchNews } from "./batch-news.ts";
import { createEndings, type Endings } from "./endings.ts";
import { readOperations, storeOperations, tellLogs } from "./log-desk.ts";
import { createSharing, prepareLines } from "./sharing.ts";
import { createSlices, type Slices } from "./slices.ts";
import { createStandIn } from "./stand-in.ts";
import { createWorkerReport } from "./worker-report.ts";

/** The service's side of the mesh. */
export interface Share {
	readonly sharing: Sharing;
	readonly linesPerSecond: number | null;
	/** What a thread is told of the ledger before it begins. */
	logs(): Iterable<ToNode>;
	/** The thread wants something of the ledger or the jobs. */
	receive(message: Extract<FromNode, { kind: "store" | "read" | "effect" | "stands-in" }>): void;
	/** A thread has begun, or the one there was has ended. */
	begun(): void;
	ended(): void;
	/** There are other machines, or none any more. */
	setShared(isShared: boolean): void;
	/** Waits until a batch is as safe as the policy wants. Null: this machine did not make it lately. */
	acknowledge(batchId: string): Promise<Durability> | null;
	/** Why the input of a batch stands on this machine alone; null: it does not, or nobody asked. */
	inputReason(batchId: string): Durability["reason"];
	start(): void;
	stop(): void;
}

/** What it is made of. */
export interface ShareDeps {
	readonly ledger: Ledger;
	readonly models: Models;
	readonly permit: () => WorkPermit;
	readonly protection: () => "auto" | "protect";
	/** There were other machines when the service last ran: nothing is begun or ended before it is known how they do. */
	readonly wasShared: boolean;
	readonly clock: Clock;
	readonly log: Log;
	/** To the thread; nothing happens where there is none. */
	post(message: ToNode): void;
	fetch(blobs: readonly BlobName[]): Promise<Result<null, MeshFault>>;
	keepElsewhere(blobs: readonly BlobName[]): Promise<"kept" | "no-room" | "nobody">;
	/** Names of other machines that have lines of a batch in hand. */
	othersAtWork(batchId: string): readonly string[];
	/** Something is to be done, or not any more. */
	attend(): void;
}

/** How often what changes by itself is looked at: windows that end, the permit, the order of batches. */
const LOOK_MS = 1_000;

/** Shares as it did before, until `setShared`. */
export function createShare(deps: ShareDeps): Share {
	const { ledger, post } = deps;
	let isShared = deps.wasShared;
	ledger.restrict(isShared);
	const slices = createSlices({
		...deps,
		prepare: (batchId, lines) => prepareLines(deps, batchId, lines),
		onEnded: (leaseId) => post({ kind: "slice-ended", leaseId }),
		onLines: deps.attend,
		isOver: (batchId) => isOver(ledger, batchId),
	});
	const endings = createEndings({ ...deps, onDue: deps.attend });
	const report = createWorkerReport(deps);
	const standIn = createStandIn({ ...deps, onChange: deps.attend });
	const sharing = createSharing({ ...deps, slices, endings, standIn, isShared: () => isShared });
	const news = createBatchNews({ ...deps, isOwn: sharing.isOwn });
	const acknowledgements = createAcknowledgements({ ...deps, isShared: () => isShared });
	let timer: NodeJS.Timeout | null = null;
	let endWatching: (() => void)[] = [];

	function look(): void {
		if (!isShared) return;
		const open = ledger.openBatches();
		const { isGranted, keepsLeases } = deps.permit();
		if (!isGranted && !keepsLeases) slices.giveBack();
		slices.look();
		report.look(open);
		news.tell(open);
	}

	function forget(): void {
		standIn.set(null);
		slices.forget();
		endings.forget();
	}

	return {
		sharing,
		get linesPerSecond() {
			return report.linesPerSecond;
		},
		logs: () => tellLogs(ledger),
		receive(message) {
			if (message.kind === "store") void storeOperations(ledger, message).then(post);
			else if (message.kind === "stands-in") standIn.set(message.present);
			else if (message.kind === "effect") perform({ ...deps, slices, endings, acknowledgements }, message.effect);
			else post(readOperations(ledger, message));
		},
		begun() {
			report.tellAgain();
			news.forget();
			acknowledgements.askAgain();
			look();
		},
		ended: forget,
		setShared(next) {
			if (next === isShared) return;
			isShared = next;
			ledger.restrict(next);
			forget();
			if (!next) acknowledgements.settleAll();
			report.tellAgain();
			look();
			deps.attend();
		},
		acknowledge: acknowledgements.acknowledge,
		inputReason: acknowledgements.inputReason,
		start() {
			timer ??= setInterval(look, LOOK_MS);
			endWatching = [
				ledger.exchange.watchOwn((operation) => {
					for (const place of placesIn([operation])) acknowledgements.note(place);
					report.count(linesMade(operation));
					post({ kind: "appended", operation, durable: ledger.exchange.lengths() });
				}),
				ledger.watch(({ kind }) => {
					if (kind === "batch" && isShared) slices.look();
				}),
			];
		},
		stop() {
			if (timer !== null) clearInterval(timer);
			timer = null;
			for (const end of endWatching) end();
		},
	};
}

/** Nothing more of a batch is to be run. */
function isOver(ledger: Pick<Ledger, "batch">, batchId: string): boolean {
	const batch = ledger.batch(batchId);
	return batch === null || batch.status !== "in_progress" || batch.completed + batch.failed === batch.total;
}

/** Lines that were run for this operation of the own log. Those taken over from other batches took no time. */
function linesMade(operation: StoredOp): number {
	const fact = factOf(operation);
	if (fact.kind !== "segment" || adoptedSchema.parse(parseJson(operation.body)).adopted) return 0;
	return countLines(fact.lines);
}

const adoptedSchema = z.object({ adopted: z.boolean().default(false) });

/** This machine's own log was set back, by a restored copy of its disk: from the next start on it writes a new one. */
function noteFork(
	{ exchange }: Ledger,
	log: Log,
	{ origin, sequence }: Extract<ServiceEffect, { kind: "forked" }>,
): void {
	const isOwn = origin === exchange.origin;
	log.error(
		{ origin, sequence, isOwn },
		isOwn
			? "other machines know more of what this one did than itself: its disk was set back. Start Nightshift again"
			: "another machine's log was set back or copied; what it says from there on is not taken",
	);
	if (!isOwn) return;
	exchange.keepNote(NEW_ORIGIN_NOTE, origin).catch((error: unknown) => {
		log.error({ error: String(error) }, "it could not be written down that a new log is to be begun");
	});
}

/** Does an effect of the core. */
function perform(
	{
		ledger,
		log,
		slices,
		endings,
		acknowledgements,
	}: Pick<ShareDeps, "ledger" | "log"> & {
		readonly slices: Slices;
		readonly endings: Endings;
		readonly acknowledgements: Acknowledgements;
	},
	effect: ServiceEffect,
): void {
	switch (effect.kind) {
		case "start-slice":
			slices.start(effect.slice);
			break;
		case "shrink-slice":
			slices.shrink(effect.leaseId, effect.lines);
			break;
		case "acknowledged":
		case "too-many-waiting":
			acknowledgements.perform(effect);
			break;
		case "build-output":
		case "append-seal":
		case "append-published":
			endings.perform(effect);
			break;
		case "forked":
			noteFork(ledger, log, effect);
			break;
		default:
			assertNever(effect);
	}
}
