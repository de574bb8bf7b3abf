/** What acknowledged batches must be like: there, going forward, and in the end completed everywhere alike. Pure. */
import type { Violation } from "./checker.ts";
import { eventsOf, type History, type SeenBatch, sincePhase } from "./history.ts";

const NOT_FOUND = 404;

/** Later is further; what is side by side never follows one another. */
const ORDER: Readonly<Record<SeenBatch["status"], number>> = {
	validating: 0,
	in_progress: 1,
	cancelling: 2,
	finalizing: 3,
	completed: 4,
	failed: 4,
	expired: 4,
	cancelled: 4,
};

/** Batches lost, forgotten, set back, or not the same everywhere. */
export function checkBatches(history: History): readonly Violation[] {
	return [...checkSeen(history), ...checkFinal(history)];
}

/** On each machine: once there always there, and never back. */
function checkSeen(history: History): readonly Violation[] {
	const violations: Violation[] = [];
	const last = new Map<string, SeenBatch | null>();
	for (const event of history) {
		if (event.kind === "created" && event.batchId !== null) last.set(`${event.machine} ${event.batchId}`, null);
		if (event.kind !== "polled") continue;
		const name = `${event.machine} ${event.batchId}`;
		const before = last.get(name);
		if (event.http === NOT_FOUND && before !== undefined) {
			violations.push({ promise: "kept", message: `${name} was there and is not any more.` });
		}
		if (event.batch === null) continue;
		violations.push(...setBack(name, before ?? null, event.batch));
		last.set(name, event.batch);
	}
	return violations;
}

function setBack(name: string, before: SeenBatch | null, now: SeenBatch): readonly Violation[] {
	if (before === null) return [];
	const [was, is] = [ORDER[before.status], ORDER[now.status]];
	if (is < was || (is === was && now.status !== before.status)) {
		return [{ promise: "forward", message: `${name} was ${before.status} and is ${now.status}.` }];
	}
	if (now.completed < before.completed) {
		return [{ promise: "forward", message: `${name} had ${before.completed} lines and has ${now.completed}.` }];
	}
	return [];
}

function checkFinal(history: History): readonly Violation[] {
	const machines = eventsOf(history, "run")[0]?.machines ?? [];
	const polls = eventsOf(sincePhase(history, "final"), "polled");
	const sizes = new Map(eventsOf(history, "create").map(({ request, customIds }) => [request, customIds.length]));
	return eventsOf(history, "created").flatMap(({ batchId, request, level }) => {
		if (batchId === null) return [];
		const promised = { batchId, level, lines: sizes.get(request) ?? 0 };
		const seen = machines.map((machine) => ({
			machine,
			batch: polls.findLast((poll) => poll.machine === machine && poll.batchId === batchId)?.batch ?? null,
		}));
		const files = new Set(seen.flatMap(({ batch }) => (batch === null ? [] : [batch.outputFileId])));
		const isSplit: Violation[] =
			files.size > 1
				? [{ promise: "agreed", message: `${batchId} has other outputs elsewhere: ${[...files].join(", ")}` }]
				: [];
		return [...seen.flatMap(({ machine, batch }) => checkOne(promised, machine, batch)), ...isSplit];
	});
}

function checkOne(
	{ batchId, level, lines }: { readonly batchId: string; readonly level: number | null; readonly lines: number },
	machine: string,
	batch: SeenBatch | null,
): readonly Violation[] {
	if (batch === null) {
		return [{ promise: "kept", message: `${batchId}, acknowledged at level ${level}, is not on ${machine}.` }];
	}
	const { status, completed, failed, total } = batch;
	if (status === "completed" && completed === lines && failed === 0 && total === lines) return [];
	const counts = `${completed} done and ${failed} failed of ${total} lines, ${lines} sent`;
	return [{ promise: "agreed", message: `${batchId} is ${status} on ${machine}, ${counts}.` }];
}
