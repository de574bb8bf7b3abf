/** How a file stands, in one word for its card and one sentence for who listens. Pure. */
import { formatPercent } from "../state/format.ts";
import type { Tone } from "../ui/ui.ts";
import { words } from "../words/words.ts";
import type { DraftPhase, FileCard } from "./store.ts";

/** How a file stands. */
export interface CardState {
	readonly tone: Tone;
	readonly label: string;
	/** Read out when it comes to this; null: not worth it. */
	readonly said: string | null;
}

const { state, said } = words.drop;

/** How a file stands. */
export function cardState({ name, sizeBytes, table, phase }: FileCard): CardState {
	switch (phase.kind) {
		case "waiting":
			return { tone: "neutral", label: state.waiting, said: null };
		case "sending": {
			const { sentBytes } = phase;
			const fraction = sentBytes === null || sizeBytes === null ? null : sentBytes / Math.max(1, sizeBytes);
			const label = fraction === null ? state.copying : state.sending(formatPercent(fraction));
			return { tone: "accent", label, said: said.sending(name) };
		}
		case "unsent":
			return { tone: "bad", label: state.unsent, said: said.unsent(name) };
		case "stored":
			if (phase.error !== null || table === null)
				return { tone: "warn", label: state.refused, said: said.refused(name) };
			return { tone: "accent", label: state.template, said: said.template(name) };
		case "starting":
			return { tone: "accent", label: state.starting, said: said.starting(name) };
		case "draft":
			return draftState(name, phase);
		default:
			return phase satisfies never;
	}
}

function draftState(name: string, { rehearsal }: DraftPhase): CardState {
	if (rehearsal === null) return { tone: "accent", label: state.checking, said: null };
	const { batch, is_finished: isFinished, lines } = rehearsal;
	if (batch.status === "failed") {
		const isFaulty = batch.in_progress_at === null;
		return { tone: "bad", label: isFaulty ? state.faulty : state.failed, said: said.faulty(name) };
	}
	if (!isFinished) {
		const label = batch.status === "validating" && lines.length === 0 ? state.checking : state.rehearsing;
		return { tone: "accent", label, said: said.starting(name) };
	}
	const hasFailed = lines.some(({ is_error: isError }) => isError);
	return { tone: hasFailed ? "warn" : "good", label: state.rehearsed, said: said.rehearsed(name) };
}
