/**
 * What machines of a mesh decide: who is host, who works on which lines, which operations go where, what is safe, when a batch is
 * sealed (reference/mesh 3 to 7). The service runs it in a thread (`mesh/node`), the simulator in made-up nights.
 *
 * Owns the rules and the state they need. Must never look at a clock, draw a random number, wait, or touch a file, a socket or the
 * ledger: all that happened comes in as an event with its moment, all that is to be done goes out as effects. The same state and
 * event always give the same step, and no state is ever changed in place.
 *
 * Authority is fenced, data never: a grant of an earlier host is refused, a result is good whoever asked for it. Two hosts at once
 * therefore cost double work, and nothing else.
 */
import { assertNever } from "../../base/assert-never.ts";
import { addWaiting, settleWaiting } from "./acknowledgements.ts";
import type { Batch } from "./batches.ts";
import { foldOperation } from "./batches.ts";
import { learnFromHello } from "./contact.ts";
import { noteEpochSaved, standIfSilent } from "./election.ts";
import type { CoreEvent } from "./events.ts";
import { asIfStarted, lookForGap } from "./gap.ts";
import { answerWant, helpOneself } from "./grants.ts";
import { beginHandOver, changeHosting, continueHandOver, leave, receiveYield } from "./hand-over.ts";
import { releaseLease, renewLeases, sweepLeases } from "./leases.ts";
import { noteAppended, noteDurable, pushLogs, takeOperations } from "./logs.ts";
import type { Hello, Message } from "./messages.ts";
import { forgetHeard, helloIfDue, noteHeard, told, withMembers } from "./peers.ts";
import { endDuty, sealWith, seeToDuties } from "./sealing.ts";
import { actingEpoch, type Boot, type CoreState, inTurn, type Log, quiet, type Step, withEntry } from "./state.ts";
import { endSlice, receiveGrant, receiveShrink, wantLines, withWorker } from "./worker.ts";

export { durabilityOf } from "./acknowledgements.ts";
export { type Batch, canonicalSeal, isAllowed, isCancelled, isEnded, type Seal } from "./batches.ts";
export * from "./constants.ts";
export * from "./epochs.ts";
export type * from "./events.ts";
export type * from "./messages.ts";
export type * from "./operations.ts";
export * from "./ranges.ts";
export * from "./rules.ts";
export type { Boot, Claim, CoreState, Identity, Lease, Peer, Step, Worker } from "./state.ts";
export { actingEpoch, isHeard } from "./state.ts";
export * from "./versions.ts";

/** A core as it starts: with what is on disk, having heard nobody. */
export function startCore(boot: Boot): CoreState {
	const { at, members, maxEpoch, ownTerm, operations, ...identity } = boot;
	const logs = new Map<string, Log>();
	const durable: Record<string, number> = {};
	let batches: ReadonlyMap<string, Batch> = new Map();
	for (const operation of operations) {
		logs.set(operation.origin, { sequence: operation.sequence, hash: operation.hash, isForked: false });
		durable[operation.origin] = operation.sequence;
		batches = foldOperation(batches, operation);
	}
	const state: CoreState = {
		...identity,
		memberNames: [],
		handicap: 0,
		nowMs: at.monotonicMs,
		lookedAt: at,
		awakeSinceMs: at.monotonicMs,
		electionFromMs: at.monotonicMs,
		maxEpoch,
		ownTerm,
		tenure: null,
		claim: null,
		witnessed: null,
		peers: new Map(),
		helloMs: null,
		logs,
		durable,
		batches,
		order: null,
		leases: new Map(),
		leaseCount: 0,
		due: new Map(),
		duties: new Map(),
		worker: { isReady: false, models: [], linesPerSecond: 0, slices: [], finished: [] },
		waiting: [],
	};
	return asIfStarted(withMembers(state, members));
}

/** What an event leads to: the state after it, and what is to be done, in that order. */
export function step(state: CoreState, event: CoreEvent): Step {
	const current = { ...state, nowMs: Math.max(event.at.monotonicMs, state.nowMs) };
	const looks = event.kind === "tick" || state.rules.mindsGapsFirst;
	if (!looks) return handle(current, event);
	return inTurn(
		current,
		(at) => lookForGap(at, event.at),
		(at) => handle(at, event),
	);
}

function handle(state: CoreState, event: CoreEvent): Step {
	switch (event.kind) {
		case "tick":
			return tick(state);
		case "received":
			return receive(state, event.from, event.message);
		case "epoch-saved":
			return noteEpochSaved(state, event.ownTerm);
		case "appended": {
			const { fact } = event.operation;
			const isDuty = fact.kind === "seal" || fact.kind === "published";
			return noteAppended(isDuty ? endDuty(state, fact.batchId) : state, event.operation);
		}
		case "durable":
			return inTurn(state, (at) => noteDurable(at, event.durable), settleWaiting);
		case "acknowledge":
			return addWaiting(state, { request: event.request, place: event.place });
		case "worker-changed": {
			const { isReady, models, linesPerSecond } = event;
			return inTurn(withWorker(state, { isReady, models, linesPerSecond }), wantLines, helpOneself);
		}
		case "slice-ended":
			return inTurn(state, (at) => endSlice(at, event.leaseId), helpOneself);
		case "output-built":
			return sealWith(state, event.batchId, event);
		case "duty-failed":
			return quiet(endDuty(state, event.batchId));
		case "work-ordered":
			return quiet({ ...state, order: event.batchIds });
		case "batch-due": {
			const { batchId, round, outcome } = event;
			return quiet({ ...state, due: withEntry(state.due, batchId, { round, outcome }) });
		}
		case "members-changed":
			return quiet(withMembers(state, event.members));
		case "handicap-changed":
			return quiet({ ...state, handicap: event.handicap });
		case "hosting-changed":
			return changeHosting(state, event);
		case "hand-over":
			return beginHandOver(state, event.to);
		case "leaving":
			return leave(state);
		default:
			return assertNever(event);
	}
}

function tick(state: CoreState): Step {
	return inTurn(
		state,
		standIfSilent,
		continueHandOver,
		(at) => quiet(at.tenure === null ? at : renewLeases(at, at.device, at.worker.slices)),
		(at) => (actingEpoch(at) === null ? quiet(at) : sweepLeases(at)),
		seeToDuties,
		helpOneself,
		settleWaiting,
		(at) => helloIfDue(at, wantLines),
	);
}

/** Handles a frame of a member; strangers are not listened to. */
function receive(state: CoreState, from: string, message: Message): Step {
	const peer = state.peers.get(from);
	if (peer === undefined) return quiet(state);
	const heard = noteHeard(state, from, message.kind === "hello" ? told(peer, message) : peer);
	switch (message.kind) {
		case "hello":
			return receiveHello(heard, from, message);
		case "operations":
			return takeOperations(heard, message.operations);
		case "want":
			return answerWant(heard, from, message);
		case "grant":
			return receiveGrant(heard, from, message);
		case "shrink":
			return receiveShrink(heard, message.leaseId, message.lines);
		case "release":
			return quiet(releaseLease(heard, from, message.leaseId));
		case "yield":
			return receiveYield(heard, message);
		case "goodbye":
			return quiet(forgetHeard(heard, from));
		default:
			return assertNever(message);
	}
}

function receiveHello(state: CoreState, from: string, hello: Hello): Step {
	return inTurn(
		state,
		(at) => learnFromHello(at, hello),
		(at) => quiet(at.tenure === null ? at : renewLeases(at, from, hello.slices)),
		(at) => pushLogs(at, from),
		continueHandOver,
		settleWaiting,
	);
}
