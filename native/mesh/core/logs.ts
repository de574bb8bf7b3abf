import { foldOperation } from "./batches.ts";
import { ALIVE_MS, MAX_OPERATIONS_A_FRAME, PASS_ON_MS, RESEND_MS } from "./constants.ts";
import type { Effect } from "./events.ts";
import type { Operation } from "./operations.ts";
import {
	type CoreState,
	doing,
	heardPeers,
	inTurn,
	type Log,
	quiet,
	type Sent,
	type Step,
	withEntry,
	withoutEntry,
} from "./state.ts";
import { lengthIn, type VersionVector } from "./versions.ts";

/**
 * The exchange of logs: everybody's reaches everybody. Each machine appends to its own log only, so that the union is a set of
 * operations that only grows and nothing is ever decided between two copies.
 */

/** An operation of this machine was appended to its own log. */
export function noteAppended(state: CoreState, operation: Operation): Step {
	const expected = (state.logs.get(state.origin)?.sequence ?? 0) + 1;
	if (operation.origin !== state.origin || operation.sequence !== expected) {
		throw new Error(`Own operation ${operation.origin}/${operation.sequence} does not follow ${expected - 1}.`);
	}
	return quiet(withOperation(state, operation));
}

/** So much is on this disk now; what is new of it goes to all in hearing. */
export function noteDurable(state: CoreState, durable: VersionVector): Step {
	const moves = heardPeers(state, ALIVE_MS).map((device) => (at: CoreState) => pushLogs(at, device));
	return inTurn({ ...state, durable }, ...moves);
}

/** Takes another machine's operations as far as they follow what is here; the rest is here already or comes again. */
export function takeOperations(state: CoreState, operations: readonly Operation[]): Step {
	const accepted: Operation[] = [];
	let at = state;
	for (const operation of operations) {
		const log = at.logs.get(operation.origin);
		if (log?.isForked === true) break;
		if (isFork(at, log, operation)) {
			const forked = markForked(at, operation);
			return { state: forked.state, effects: [...stored(accepted), ...forked.effects] };
		}
		if (operation.sequence !== (log?.sequence ?? 0) + 1) continue;
		accepted.push(operation);
		at = withOperation(at, operation);
	}
	return { state: at, effects: stored(accepted) };
}

/**
 * Sends a peer what it lacks of this machine's own log, once; again only if it does not report it as kept for a while. Other logs are
 * sent by those whose they are: they are passed on only to who lacks them for long, or a night's work would go to everybody as often as
 * there are machines.
 */
export function pushLogs(state: CoreState, device: string): Step {
	const peer = state.peers.get(device);
	if (peer === undefined) return quiet(state);
	const effects: Effect[] = [];
	let sent = peer.sent;
	for (const [origin, log] of state.logs) {
		const kept = lengthIn(peer.durable, origin);
		const end = sendableLength(state, origin, log);
		if (kept >= end) {
			sent = withoutEntry(sent, origin);
			continue;
		}
		const known = peer.sent.get(origin);
		const under = underWay(
			state,
			known ?? { isOurs: origin === state.origin, upTo: kept, kept, sinceMs: state.nowMs },
			kept,
		);
		const last = under.isOurs ? Math.min(end, under.upTo + MAX_OPERATIONS_A_FRAME) : under.upTo;
		if (last > under.upTo) effects.push({ kind: "send-operations", to: device, origin, first: under.upTo + 1, last });
		else if (under === known) continue;
		sent = withEntry(sent, origin, { ...under, upTo: last });
	}
	if (sent === peer.sent) return quiet(state);
	return { state: { ...state, peers: withEntry(state.peers, device, { ...peer, sent }) }, effects };
}

/** What of a log may leave this machine. R1: an own operation that a crash could take back would leave its place to another. */
function sendableLength(state: CoreState, origin: string, log: Log): number {
	if (log.isForked) return 0;
	return state.rules.sendsOnlyDurable ? lengthIn(state.durable, origin) : log.sequence;
}

/** What is under way now that so much is kept. */
function underWay(state: CoreState, sent: Sent, kept: number): Sent {
	const { nowMs } = state;
	if (sent.upTo < kept || (sent.isOurs && sent.upTo === kept)) return { ...sent, upTo: kept, kept, sinceMs: nowMs };
	if (kept > sent.kept) return { ...sent, kept, sinceMs: nowMs };
	const patienceMs = sent.isOurs ? RESEND_MS : passOnMs(state);
	return nowMs - sent.sinceMs < patienceMs ? sent : { isOurs: true, upTo: kept, kept, sinceMs: nowMs };
}

/** The host passes on others' logs, and everybody does where none is heard or the host does not get it done. */
function passOnMs({ tenure, witnessed, nowMs }: CoreState): number {
	const isHostHeard = witnessed !== null && nowMs - witnessed.atMs < ALIVE_MS;
	return tenure === null && isHostHeard ? PASS_ON_MS : RESEND_MS;
}

function withOperation(state: CoreState, operation: Operation): CoreState {
	const isForked = state.logs.get(operation.origin)?.isForked ?? false;
	const log = { sequence: operation.sequence, hash: operation.hash, isForked };
	return {
		...state,
		logs: withEntry(state.logs, operation.origin, log),
		batches: foldOperation(state.batches, operation),
	};
}

function isFork(state: CoreState, log: Log | undefined, operation: Operation): boolean {
	const length = log?.sequence ?? 0;
	// Somebody has more of this machine's log than it has itself: its disk was set back.
	if (operation.origin === state.origin && operation.sequence > length) return true;
	if (log === undefined) return false;
	if (operation.sequence === length) return operation.hash !== log.hash;
	return operation.sequence === length + 1 && operation.previous !== log.hash;
}

function markForked(state: CoreState, { origin, sequence }: Operation): Step {
	const log = state.logs.get(origin) ?? { sequence: 0, hash: "" };
	const logs = withEntry(state.logs, origin, { ...log, isForked: true });
	return doing({ ...state, logs }, { kind: "forked", origin, sequence });
}

function stored(operations: readonly Operation[]): readonly Effect[] {
	return operations.length === 0 ? [] : [{ kind: "store", operations }];
}
