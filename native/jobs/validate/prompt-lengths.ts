/** Finds prompts that are longer than the context: by their bytes where that is proof enough, else by counting tokens. */
import { assertNever } from "../../base/base.ts";
import { contextFault } from "../../engine/dialects/dialect.ts";
import type { EngineFailure } from "../../engine/engine.ts";
import type { EngineRequest } from "../../engine/request.ts";
import type { FaultList } from "./fault-list.ts";
import type { ValidationOptions } from "./validation-options.ts";

/** Requests counted in one call: enough to make the way to the inference process cheap, few enough to stay interruptible. */
const GROUP_REQUESTS = 64;

/** Bytes of lines held back until they are counted: room for the longest possible line and a group of usual long ones. */
const HELD_BYTES = 8 * 1024 * 1024;

/** A line as far as its length matters. */
export interface MeasuredLine {
	readonly number: number;
	readonly endpoint: string;
	/** Bytes of the line: no token is shorter than one. */
	readonly bytes: number;
	/** Messages of a chat, each of which the template may add to; 1 for other requests. */
	readonly messages: number;
	/** The template may write out the tools at greater length than they came. */
	readonly hasTools: boolean;
}

/** Measures the prompts of a file. */
export interface PromptLengths {
	/** True: the line may be too long, so its requests must be handed in. */
	isDoubtful(line: MeasuredLine): boolean;
	/** Holds a doubtful line's requests back until they are counted. */
	hold(line: MeasuredLine, requests: readonly EngineRequest[]): void;
	/** Enough is held back for a call: flush before going on. */
	isFull(): boolean;
	/** Counts what is held back and adds the faults found. */
	flush(): Promise<void>;
}

interface Held {
	readonly line: MeasuredLine;
	readonly request: EngineRequest;
	/** Place among the line's prompts; null: it has but one. */
	readonly place: number | null;
}

type Limits = Pick<ValidationOptions, "contextTokens" | "templateOverheadTokens" | "countPromptTokens">;

/** Hears what the endpoint's dialect would answer to a line with a 400. `field` of the body; null: the body as a whole. */
export type Refuse = (line: number, field: string | null, message: string) => void;

/** Measures against a context; without one, nothing is doubtful. */
export function createPromptLengths(limits: Limits, faults: FaultList, refuse: Refuse): PromptLengths {
	const { contextTokens, templateOverheadTokens } = limits;
	let held: Held[] = [];
	let heldBytes = 0;

	function judge({ line, place }: Held, failure: EngineFailure): void {
		switch (failure.kind) {
			case "context-exceeded": {
				const fault = contextFault(failure.promptTokens, failure.contextTokens, line.endpoint);
				const field = fault.param === null || place === null ? fault.param : `${fault.param}[${place}]`;
				refuse(line.number, field, fault.message);
				return;
			}
			case "invalid-request":
				refuse(line.number, failure.param, failure.message);
				return;
			case "process-died":
			case "aborted":
			case "not-loaded":
				notMeasured(line);
				return;
			default:
				assertNever(failure);
		}
	}

	/** Not the line's fault: running it will show whether it fits. */
	function notMeasured(line: MeasuredLine): void {
		faults.notice(line.number, "The length of a prompt could not be measured; it is checked when it runs.");
	}

	async function count(group: readonly Held[]): Promise<void> {
		const counted = await limits.countPromptTokens(group.map(({ request }) => request));
		for (const [index, one] of group.entries()) {
			const length = counted.ok ? counted.value[index] : undefined;
			if (length === undefined) notMeasured(one.line);
			else if (!length.ok) judge(one, length.error);
			else if (contextTokens !== null && length.value > contextTokens) {
				judge(one, { kind: "context-exceeded", promptTokens: length.value, contextTokens });
			}
		}
	}

	return {
		isDoubtful(line) {
			if (contextTokens === null) return false;
			return line.hasTools || line.bytes + line.messages * templateOverheadTokens > contextTokens;
		},
		hold(line, requests) {
			const single = requests.flatMap(splitInputs);
			for (const [index, request] of single.entries()) {
				held.push({ line, request, place: single.length === 1 ? null : index });
			}
			heldBytes += line.bytes;
		},
		isFull: () => held.length >= GROUP_REQUESTS || heldBytes >= HELD_BYTES,
		async flush() {
			const all = held;
			held = [];
			heldBytes = 0;
			for (let from = 0; from < all.length; from += GROUP_REQUESTS) {
				await count(all.slice(from, from + GROUP_REQUESTS));
			}
		},
	};
}

/** Inputs of an embeddings request must each fit by themselves. */
function splitInputs(request: EngineRequest): readonly EngineRequest[] {
	return request.kind === "embed" ? request.inputs.map((input) => ({ ...request, inputs: [input] })) : [request];
}
