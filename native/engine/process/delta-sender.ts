/** Tells what is new of an answer that only grows. Pure. */
import type { Delta, TokenLogprob, ToolCall, ToolCallDelta } from "../request.ts";

/** An answer as far as it has grown and may be told. */
export interface GrownAnswer {
	readonly text: string;
	readonly thoughts: string;
	readonly calls: readonly ToolCall[];
	readonly logprobs: readonly TokenLogprob[];
}

/** Remembers what was told of one answer. */
export interface DeltaSender {
	/** What is new since the last call; null when nothing is. */
	take(answer: GrownAnswer): Delta | null;
}

/** A sender that has told nothing yet. */
export function createDeltaSender(choice: number): DeltaSender {
	let sent = { text: 0, thoughts: 0, logprobs: 0, calls: 0, lastArguments: 0 };
	return {
		take({ text, thoughts, calls, logprobs }) {
			const toolCalls = newOfCalls(calls, sent.calls, sent.lastArguments);
			const parts = {
				...(text.length > sent.text ? { text: text.slice(sent.text) } : {}),
				...(thoughts.length > sent.thoughts ? { reasoning: thoughts.slice(sent.thoughts) } : {}),
				...(toolCalls.length > 0 ? { toolCalls } : {}),
				...(logprobs.length > sent.logprobs ? { logprobs: logprobs.slice(sent.logprobs) } : {}),
			};
			sent = {
				text: text.length,
				thoughts: thoughts.length,
				logprobs: logprobs.length,
				calls: calls.length,
				lastArguments: calls.at(-1)?.argumentsJson.length ?? 0,
			};
			return Object.keys(parts).length === 0 ? null : { choice, ...parts };
		},
	};
}

/** Of the calls told before, only the last can have grown, by arguments behind the length told. */
function newOfCalls(calls: readonly ToolCall[], told: number, lastArguments: number): readonly ToolCallDelta[] {
	const deltas: ToolCallDelta[] = [];
	const grown = calls[told - 1]?.argumentsJson.slice(lastArguments) ?? "";
	if (grown.length > 0) deltas.push({ index: told - 1, argumentsJson: grown });
	for (const [place, { id, name, argumentsJson }] of calls.slice(told).entries()) {
		deltas.push({ index: told + place, id, name, ...(argumentsJson.length > 0 ? { argumentsJson } : {}) });
	}
	return deltas;
}
