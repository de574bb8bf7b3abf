import { assertNever, type Clock, type Log, type Result } from "../../base/base.ts";
import type { Durability } from "../../contract/contract.ts";
import { inOrder } from "../../jobs/order/order.ts";
import { sealDue } from "../../jobs/seal-due.ts";
import type { Sharing } from "../../jobs/sharing.ts";
import type { WorkPermit } from "../../jobs/work-permit.ts";
import type { BatchRecord, Ledger, Seal } from "../../ledger/ledger.ts";
import type { Models } from "../../models/models.ts";
import type { Operation, VersionVector } from "../core/core.ts";
import { createFactReader } from "../facts/facts.ts";
import type { MeshFault } from "../mesh.ts";
import type { BatchPlace, BlobName, FromNode, ToNode } from "../node/messages.ts";
import { placesIn } from "../node/traffic.ts";
import { createAcknowledgements } from "./acknowledgements.ts";
import { createEndings } from "./endings.ts";
import { createSlices } from "./slices.ts";
import { createWorkerReport } from "./worker-report.ts";

/** The service's side of the mesh. */
export interface Share {
	readonly sharing: Sharing;
	readonly linesPerSecond: number | null;
	/** What a thread is told of the ledger before it begins. */
	logs(): Iterable<ToNode>;
	/** The thread wants something of the ledger or the jobs. */
	receive(message: Extract<FromNode, { kind: "store" | "read" | "effect" }>): void;
	/** A thread has begun, or the one there was has ended. */
	begun(): void;
	ended(): void;
	/** There are other machines, or none any more. */
	setShared(isShared: boolean): void;
	/** Waits until a batch is as safe as the policy wants. */
	/** Null: this machine did not make it lately. */
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
	/** Something is to be done, or not any more. */
	attend(): void;
}

/** How often what changes by itself is looked at: windows that end, the permit, the order of batches. */
const LOOK_MS = 1_000;

/** Operations told in one message when a thread begins. */
const PAGE = 1_000;

/** Shares as it did before, until `setShared`. */
export function createShare(deps: ShareDeps): Share {
	const { ledger, clock, log, post } = deps;
	const own = ledger.exchange.origin;
	let isShared = deps.wasShared;
	ledger.restrict(isShared);
	let timer: NodeJS.Timeout | null = null;
	let stopWatching: (() => void)[] = [];
	/** What was told last, so that the same is not told every second. */
	let toldOrder = "";
	const toldDue = new Set<string>();

	const slices = createSlices({
		ledger,
		log,
		prepare,
		onEnded: (leaseId) => post({ kind: "slice-ended", leaseId }),
		onLines: deps.attend,
	});
	const endings = createEndings({ ledger, log, post, onDue: deps.attend });
	const report = createWorkerReport({ ...deps, post });
	const acknowledgements = createAcknowledgements({ ...deps, isShared: () => isShared });
	const durable = (): VersionVector => ledger.exchange.lengths();

	/** Whether the other machines know of a batch: its index was told. Others are this machine's alone, as ever. */
	const isTold = (batchId: string): boolean => ledger.isIndexShared(batchId);

	async function prepare(batchId: string, lines: readonly (readonly [number, number])[]): Promise<void> {
		if (ledger.batch(batchId)?.status === "validating") await ledger.loadIndex(batchId);
		// The first chunk too: it may say how all others are to be read.
		await bring([...ledger.missingInput(batchId, [[0, 1]]), ...ledger.missingInput(batchId, lines)]);
	}

	async function bring(blobs: readonly BlobName[]): Promise<void> {
		if (blobs.length === 0) return;
		const fetched = await deps.fetch(blobs);
		if (!fetched.ok) throw new Error(fetched.error.message);
	}

	function endDue(batch: BatchRecord, nowMs: number): Seal["status"] | null {
		if (!isShared || !isTold(batch.id)) return !isShared || batch.origin === own ? sealDue(batch, nowMs) : null;
		return endings.dueOf(batch);
	}

	const sharing: Sharing = {
		get isShared() {
			return isShared;
		},
		isOwn: ({ origin }) => !isShared || origin === own,
		hasLines: (batchId) => !isShared || slices.hasLines(batchId),
		moreLines: (batchId, enough) => (isShared ? slices.moreLines(batchId, enough) : Promise.resolve(false)),
		hasIndex: isTold,
		async bringIndex(batchId) {
			await ledger.loadIndex(batchId);
		},
		bringInput: (batchId) => bring(ledger.missingInput(batchId, null)),
		endDue,
		async seal(batchId, seal) {
			if (isShared && isTold(batchId)) endings.built(batchId, seal);
			else await ledger.seal(batchId, seal);
		},
		sealFailed: (batchId) => endings.failed(batchId),
	};

	/** Tells what batches may be worked on, and which have come to their end by this machine's clock. */
	function tellOrder(open: readonly BatchRecord[]): void {
		const nowMs = clock.nowMs();
		const nothing = { current: null, residentModels: new Set<string>(), isNightSpent: false, slackMs: new Map() };
		const batchIds = inOrder(
			open.filter(({ isHeld }) => !isHeld),
			{ nowMs, ...nothing },
		).map(({ id }) => id);
		if (batchIds.join() !== toldOrder) {
			toldOrder = batchIds.join();
			post({ kind: "work-ordered", batchIds });
		}
		for (const batch of open) {
			const due = sealDue(batch, nowMs);
			const name = `${batch.id} ${batch.round}`;
			if ((due !== "expired" && due !== "failed") || toldDue.has(name)) continue;
			toldDue.add(name);
			post({ kind: "batch-due", batchId: batch.id, round: batch.round, outcome: due });
		}
	}

	/** Tells others where the lines of this machine's own batches lie. */
	async function tellIndexes(open: readonly BatchRecord[]): Promise<void> {
		for (const batch of open) {
			if (batch.origin !== own || batch.isHeld || batch.status !== "in_progress" || isTold(batch.id)) continue;
			// What was wished when it was made is known to the others by its own operation, before they are given any line.
			if (batch.manifest.machines !== undefined) await ledger.chooseMachines(batch.id, batch.machines);
			await ledger.shareIndex(batch.id);
		}
	}

	let telling: Promise<void> = Promise.resolve();
	function look(): void {
		if (!isShared) return;
		const open = ledger.openBatches();
		const { isGranted, keepsLeases } = deps.permit();
		if (!isGranted && !keepsLeases) slices.giveBack();
		slices.look();
		report.look(open);
		tellOrder(open);
		telling = telling
			.then(() => tellIndexes(open))
			.catch((error: unknown) =>
				log.error({ error: String(error) }, "the lines of a batch could not be told to others"),
			);
	}

	function perform({ effect }: Extract<FromNode, { kind: "effect" }>): void {
		switch (effect.kind) {
			case "start-slice":
				return slices.start(effect.slice);
			case "shrink-slice":
				return slices.shrink(effect.leaseId, effect.lines);
			case "acknowledged":
			case "too-many-waiting":
				return acknowledgements.perform(effect);
			case "build-output":
			case "append-seal":
			case "append-published":
				return endings.perform(effect);
			case "forked":
				return log.error(effect, "a machine's log was set back or copied; what it says from there on is not taken");
			default:
				assertNever(effect);
		}
	}

	async function store({ id, operations, gone }: Extract<FromNode, { kind: "store" }>): Promise<void> {
		try {
			const stored = await ledger.exchange.store(operations, new Set(gone));
			if (stored.ok) post({ kind: "stored", id, durable: durable() });
			else post({ kind: "not-stored", id, message: stored.error.message });
		} catch (error) {
			post({ kind: "not-stored", id, message: error instanceof Error ? error.message : String(error) });
		}
	}

	return {
		sharing,
		get linesPerSecond() {
			return report.linesPerSecond;
		},
		*logs() {
			const read = createFactReader();
			let page: Operation[] = [];
			const places: BatchPlace[] = [];
			for (const stored of ledger.exchange.operations()) {
				page.push(read(stored));
				places.push(...placesIn([stored]));
				if (page.length < PAGE) continue;
				yield { kind: "logs", operations: page };
				page = [];
			}
			yield { kind: "logs", operations: page };
			yield { kind: "logs-end", places };
		},
		receive(message) {
			if (message.kind === "store") return void store(message);
			if (message.kind === "effect") return perform(message);
			const { id, origin, first, last } = message;
			post({ kind: "read", id, operations: ledger.exchange.read(origin, first, last) });
		},
		begun() {
			report.tellAgain();
			toldOrder = "";
			toldDue.clear();
			acknowledgements.askAgain();
			look();
		},
		ended() {
			slices.forget();
			endings.forget();
		},
		setShared(next) {
			if (next === isShared) return;
			isShared = next;
			ledger.restrict(next);
			if (!next) {
				slices.forget();
				endings.forget();
				acknowledgements.settleAll();
			}
			report.tellAgain();
			look();
			deps.attend();
		},
		acknowledge: acknowledgements.acknowledge,
		inputReason: acknowledgements.inputReason,
		start() {
			timer ??= setInterval(look, LOOK_MS);
			stopWatching = [
				ledger.exchange.watchOwn((operation) => {
					for (const place of placesIn([operation])) acknowledgements.note(place);
					post({ kind: "appended", operation, durable: durable() });
				}),
				ledger.watch((change) => {
					if (change.kind === "batch" && isShared) slices.look();
				}),
			];
		},
		stop() {
			if (timer !== null) clearInterval(timer);
			timer = null;
			for (const stop of stopWatching) stop();
		},
	};
}
