/**
 * The gate as it is told to the inference process. Owns whether it is to be open, and what was frozen when a process went. Must
 * never know why it opens and closes.
 */
import type { Clock } from "../base/base.ts";
import type { FreezeReport, ThawReport } from "./engine.ts";
import { NOTHING_FROZEN, NOTHING_LOST } from "./process/protocol.ts";
import { createQuestions } from "./questions.ts";
import type { Wire } from "./wire.ts";

/** The gate of whatever process there is. */
export interface GateCalls {
	close(sinceMs: number): Promise<FreezeReport>;
	open(): Promise<ThawReport>;
	/** Tells a process that just came up. */
	attach(): void;
	/** The process is gone, and what its lanes held with it. */
	detach(): void;
	/** The process says that the gate is closed. */
	closed(id: number, report: FreezeReport): void;
	/** The process says that the gate is open. */
	opened(id: number, report: ThawReport): void;
}

/** An open gate. */
export function createGateCalls(wire: Wire, clock: Clock): GateCalls {
	const closings = createQuestions<FreezeReport>(wire.send);
	const openings = createQuestions<ThawReport>(wire.send);
	let isOpen = true;
	/** Tokens that lanes of the process at the other end hold frozen. */
	let frozenTokens = 0;
	/** Tokens that were frozen when their process went, since the gate was closed. */
	let lostTokens = 0;

	return {
		async close(sinceMs) {
			isOpen = false;
			return wire.isUp ? closings.ask({ kind: "close-gate", id: wire.nextId(), sinceMs }) : NOTHING_FROZEN;
		},
		async open() {
			isOpen = true;
			const lost = lostTokens;
			lostTokens = 0;
			frozenTokens = 0;
			const report = wire.isUp ? await openings.ask({ kind: "open-gate", id: wire.nextId() }) : NOTHING_LOST;
			return { recomputedTokens: lost + report.recomputedTokens };
		},
		attach() {
			if (!isOpen) wire.send({ kind: "close-gate", id: wire.nextId(), sinceMs: clock.monotonicMs() });
		},
		detach() {
			closings.answerAll(NOTHING_FROZEN);
			openings.answerAll(NOTHING_LOST);
			lostTokens += frozenTokens;
			frozenTokens = 0;
		},
		closed(id, report) {
			if (!isOpen) frozenTokens = report.frozenTokens;
			closings.answer(id, report);
		},
		opened: (id, report) => openings.answer(id, report),
	};
}
