/** Gathers what the rules judge by. Remembers of the past only what they can't see: where our model runs, and what was before it. */
import type { Clock } from "../base/base.ts";
import type { CauseKind, MachineSnapshot, YieldCause } from "../contract/contract.ts";
import type { Residency, ResidentModel } from "../engine/residency.ts";
import type { Machine } from "../machine/machine.ts";
import type { Settings } from "../settings/settings.ts";
import { createLastKnown } from "./last-known.ts";
import type { RestKeeper } from "./rest.ts";
import { othersMemoryBytes } from "./rules/load.ts";
import type { Facts } from "./rules/rules.ts";
import type { StepAside } from "./scheduler.ts";

/** Where facts come from. */
export interface FactsDeps {
	readonly machine: Pick<Machine, "snapshot">;
	readonly residency: Pick<Residency, "models">;
	readonly stepAside: Pick<StepAside, "present">;
	readonly settings: Pick<Settings, "current">;
	readonly rest: Pick<RestKeeper, "current">;
	/** False: models are kept off the GPU. */
	readonly usesGpu: boolean;
	readonly clock: Clock;
}

/** Gathers facts. */
export interface FactsGatherer {
	/** As they are now. `held` are the causes in force. */
	gather(held: ReadonlySet<CauseKind>): Facts;
}

/** Builds it. */
export function createFactsGatherer(deps: FactsDeps): FactsGatherer {
	const { machine, residency, stepAside, settings, rest, usesGpu, clock } = deps;
	const lastKnown = createLastKnown(clock);
	let hasUsedGpu = false;
	let knownIds: ReadonlySet<number | null> = new Set();
	let othersAtLoadBytes: ReadonlyMap<string, number> = new Map();

	/** What others use is remembered each time a model comes up, and forgotten when none is left. */
	function follow(models: readonly ReadyModel[], snapshot: MachineSnapshot): void {
		if (models.some(({ gpu }) => gpu !== "none")) hasUsedGpu = true;
		if (models.length === 0) othersAtLoadBytes = new Map();
		else if (models.some(({ processId }) => !knownIds.has(processId)))
			othersAtLoadBytes = othersBytes(snapshot, settings.current.limits.ignore);
		knownIds = new Set(models.map(({ processId }) => processId));
	}

	return {
		gather(held) {
			const snapshot = lastKnown(machine.snapshot);
			const ready = readyForBatch(residency.models);
			follow(ready, snapshot);
			const { present } = stepAside;
			return {
				nowMs: clock.nowMs(),
				snapshot,
				settings: settings.current,
				rest: rest.current,
				live: present === null ? null : { words: wordsFor(present.cause), sinceMs: present.sinceMs },
				isOnProcessor: ready.length === 0 ? !hasUsedGpu : ready.some(({ gpu }) => gpu === "none"),
				usesGpu,
				othersAtLoadBytes,
				held,
			};
		},
	};
}

/** A model that batch work uses and that is in memory whole. */
interface ReadyModel {
	readonly processId: number | null;
	readonly gpu: "cuda" | "vulkan" | "metal" | "none";
}

function readyForBatch(models: readonly ResidentModel[]): readonly ReadyModel[] {
	return models.flatMap(({ state, batchUsers, isLeaving, processId }) =>
		state.kind === "ready" && batchUsers > 0 && !isLeaving ? [{ processId, gpu: state.model.gpu }] : [],
	);
}

/** As the rules count it, so that growth is told from it. */
function othersBytes({ gpus }: MachineSnapshot, ignore: readonly string[]): ReadonlyMap<string, number> {
	return new Map(
		gpus.flatMap((gpu) => {
			const bytes = othersMemoryBytes(gpu, ignore);
			return bytes === null ? [] : [[gpu.id, bytes]];
		}),
	);
}

function wordsFor(cause: YieldCause): string {
	if (cause.kind === "stop") return cause.words;
	return `answering ${cause.endpoint}${cause.client === null ? "" : ` for ${cause.client}`}`;
}
