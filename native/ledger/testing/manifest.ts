import { defaultBatchOptions } from "../../contract/contract.ts";
import type { BatchManifest } from "../records.ts";

/** A manifest of OpenAI chat lines with nothing special about it; for tests of every room. */
export function sampleManifest(changes: Partial<BatchManifest> = {}): BatchManifest {
	return {
		surface: "openai",
		inputFileId: "file-input",
		format: "openai",
		template: null,
		badLines: "refuse-file",
		endpoint: "/v1/chat/completions",
		completionWindow: "24h",
		windowMs: 86_400_000,
		metadata: null,
		modelOverride: null,
		outputExpiresAfterMs: null,
		priority: "standard",
		notBeforeMs: null,
		effectiveUntilMs: null,
		policy: defaultBatchOptions.policy,
		rehearsal: null,
		webhookUrl: null,
		reuseAnswers: true,
		...changes,
	};
}

/** Figures of a batch record that nothing happened to yet, beyond what OpenAI's object has. */
export const untouched = {
	isHeld: false,
	rehearsed: null,
	pause: null,
	overruled: [],
	givenUp: null,
	warning: null,
	round: 0,
	adopted: 0,
	retries: 0,
	workedMs: 0,
	lastWorkedAtMs: null,
	wattHours: 0,
	isEnergyMeasured: true,
	collectedAtMs: null,
	resultsDroppedAtMs: null,
	notices: [],
	machines: { only: null, never: [] },
} as const;
