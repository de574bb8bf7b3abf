/** What output files must be like: whole, and the same for good on every machine. Pure. */
import type { Violation } from "./checker.ts";
import { eventsOf, type History, sincePhase } from "./history.ts";

const OK = 200;

/** Lines lost, doubled or out of order; files that change or go. */
export function checkOutputs(history: History): readonly Violation[] {
	return [...checkContents(history), ...checkBytes(history), ...checkStaying(history), ...checkEverywhere(history)];
}

/** Every output that anybody was ever given, not only the last. */
function checkContents(history: History): readonly Violation[] {
	const requests = new Map(eventsOf(history, "created").map(({ batchId, request }) => [batchId, request]));
	const sent = new Map(eventsOf(history, "create").map(({ request, customIds }) => [request, customIds]));
	const contents = new Map(eventsOf(history, "content").map(({ digest, answers }) => [digest, answers]));
	const named = new Map(
		eventsOf(history, "fetched").map(({ batchId, digest }) => [`${batchId} ${digest}`, { batchId, digest }]),
	);
	return [...named.values()].flatMap(({ batchId, digest }) => {
		const expected = sent.get(requests.get(batchId) ?? -1);
		if (digest === null || expected === undefined) return [];
		const answers = contents.get(digest);
		if (answers === undefined) return [{ promise: "whole", message: `${batchId}: nobody wrote down ${digest}.` }];
		const customIds = answers.map(({ customId }) => customId);
		const missing = expected.filter((customId) => !new Set(customIds).has(customId));
		const unanswered = answers.filter(({ text }) => text === null);
		const violations: Violation[] = [];
		const add = (message: string): number => violations.push({ promise: "whole", message: `${batchId} ${message}` });
		if (missing.length > 0) add(`lacks ${missing.length} lines, ${missing[0]} the first.`);
		if (new Set(customIds).size < customIds.length)
			add(`has ${customIds.length - new Set(customIds).size} lines twice.`);
		if (unanswered.length > 0) add(`has ${unanswered.length} lines without an answer.`);
		if (violations.length === 0 && customIds.join() !== expected.join()) add("is not in the order of its input.");
		return violations;
	});
}

function checkBytes(history: History): readonly Violation[] {
	const first = new Map<string, string>();
	const violations: Violation[] = [];
	for (const { machine, fileId, digest } of eventsOf(history, "fetched")) {
		if (digest === null) continue;
		const known = first.get(fileId) ?? digest;
		first.set(fileId, known);
		if (digest !== known)
			violations.push({ promise: "same-bytes", message: `${fileId} has other bytes on ${machine}.` });
	}
	return violations;
}

/** Who has shown a file gives it, unless it gives no answer at all. */
function checkStaying(history: History): readonly Violation[] {
	const shown = new Set<string>();
	const violations: Violation[] = [];
	for (const event of history) {
		if (event.kind === "polled" && event.batch !== null) shown.add(`${event.machine} ${event.batch.outputFileId}`);
		if (event.kind !== "fetched" || event.http === null || event.http === OK) continue;
		const { machine, fileId, http } = event;
		if (!shown.has(`${machine} ${fileId}`)) continue;
		violations.push({ promise: "same-bytes", message: `${machine} showed ${fileId} and answers ${http} for it.` });
	}
	return violations;
}

/** In the end every file that was ever shown is on every machine. */
function checkEverywhere(history: History): readonly Violation[] {
	const machines = eventsOf(history, "run")[0]?.machines ?? [];
	const fetched = eventsOf(sincePhase(history, "final"), "fetched");
	const shown = new Set(eventsOf(history, "polled").flatMap(({ batch }) => batch?.outputFileId ?? []));
	return [...shown].flatMap((fileId) =>
		machines.flatMap((machine): readonly Violation[] => {
			const last = fetched.findLast((one) => one.machine === machine && one.fileId === fileId);
			if (last?.http === OK) return [];
			return [
				{ promise: "same-bytes", message: `${machine} has no ${fileId} in the end (${last?.http ?? "no answer"}).` },
			];
		}),
	);
}
