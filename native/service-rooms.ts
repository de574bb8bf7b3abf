/** Rooms that take several parts to build. Part of the composition root: only `service.ts` may use it. */
import type { Clock, Log } from "./base/base.ts";
import { createGpuPacks } from "./engine/packs/create-packs.ts";
import { packsFor, readPackList } from "./engine/packs/pack-list.ts";
import type { GpuPacks } from "./engine/packs/packs.ts";
import { registryAddress } from "./engine/packs/registry.ts";
import type { Residency, ResidentModel } from "./engine/residency.ts";
import type { Jobs } from "./jobs/jobs.ts";
import type { Locations } from "./locations/locations.ts";
import { createMachine } from "./machine/create-machine.ts";
import type { Machine, PowerMeter, Wakefulness } from "./machine/machine.ts";
import { platformSources } from "./machine/platform-sources.ts";
import { createPowerMeter } from "./machine/power-meter.ts";
import { createPowerProbe } from "./machine/power-probe.ts";
import { createMesh, type MeshDeps, type RunningMesh } from "./mesh/create-mesh.ts";
import { aboutMachine, handicapOf } from "./mesh/share/about-machine.ts";
import { createScheduler } from "./scheduler/conductor.ts";
import { createRest } from "./scheduler/rest.ts";
import { createStepAside } from "./scheduler/step-aside.ts";
import { openYieldJournal } from "./scheduler/yield-journal.ts";
import type { Settings } from "./settings/settings.ts";

/** The other machines; what this one tells them of itself is looked up when it is asked for. */
export function createOthers(
	deps: Omit<MeshDeps, "about" | "handicap" | "attend">,
	rooms: () => { readonly jobs: Jobs; readonly machine: Machine },
): RunningMesh {
	const { ledger, models } = deps;
	return createMesh({
		...deps,
		about() {
			const { jobs, machine } = rooms();
			const inHand = ledger.openBatches().find(({ id }) => jobs.progress(id)?.isInHand === true);
			const digests = models.list().map((model) => ({ name: model.name, digest: models.knownDigest(model) }));
			return aboutMachine({
				snapshot: machine.snapshot,
				permit: deps.permit(),
				workingOn: inHand === undefined ? null : (ledger.file(inHand.manifest.inputFileId)?.filename ?? inHand.id),
				platform: process.platform,
				models: digests.flatMap(({ name, digest }) => (digest === null ? [] : [{ name, digest }])),
			});
		},
		handicap: () => handicapOf(rooms().machine.snapshot),
		attend: () => rooms().jobs.attend(),
	});
}

/** Looks at this computer; what our inference processes use is not somebody else's. */
export function createThisMachine(deps: {
	readonly residency: Residency;
	readonly settings: Settings;
	readonly clock: Clock;
	readonly log: Log;
}): Machine {
	const { residency, settings, clock, log } = deps;
	return createMachine({
		clock,
		log,
		sources: platformSources({ platform: process.platform, environment: process.env, log }),
		inferenceProcessIds: () => residency.models.flatMap(({ processId }) => processId ?? []),
		gpuProcessIds: () => residency.models.flatMap((model) => (isOnProcessor(model) ? [] : (model.processId ?? []))),
		programs: () => [...settings.current.limits.stopFor, ...settings.current.limits.ignore],
	});
}

/** Backends that are fetched on demand. */
export function createPacks(deps: {
	readonly machine: Machine;
	readonly residency: Residency;
	readonly locations: Locations;
	readonly clock: Clock;
	readonly log: Log;
}): GpuPacks {
	const { machine, residency, locations, clock, log } = deps;
	return createGpuPacks({
		...locations,
		packs: packsFor(readPackList(locations.gpuPackListPath), process),
		registryAddress: registryAddress(process.env, log),
		snapshot: () => machine.snapshot,
		models: () => residency.models,
		onChanged: () => residency.renew(),
		clock,
		log,
	});
}

/** Known to use no GPU. */
function isOnProcessor({ state }: ResidentModel): boolean {
	return state.kind === "ready" && state.model.gpu === "none";
}

/** What decides when batch work may run, and sees to it. */
export function createScheduling(deps: {
	readonly machine: Machine;
	readonly residency: Residency;
	readonly jobs: Jobs;
	readonly settings: Settings;
	readonly locations: Locations;
	readonly wakefulness: Wakefulness;
	readonly usesGpu: boolean;
	readonly clock: Clock;
	readonly log: Log;
}) {
	const { residency, settings, locations, clock, log } = deps;
	const journal = openYieldJournal({ path: locations.yieldsPath, log });
	const quiet = () => settings.current.stepAside;
	const stepAside = createStepAside({ gates: residency, clock, log, quiet, journal });
	const rest = createRest({ path: locations.restPath, clock, log, night: () => settings.current.night });
	return { stepAside, scheduler: createScheduler({ ...deps, stepAside, rest, journal }) };
}

/** Looks at the power only while batch work counts it, and blames a GPU only where one is at work. */
export function createPower(deps: {
	readonly machine: Machine;
	readonly residency: Residency;
	readonly settings: Settings;
	readonly clock: Clock;
	readonly log: Log;
}): PowerMeter {
	const { machine, residency, settings, clock, log } = deps;
	return createPowerMeter({
		probe: createPowerProbe(machine),
		clock,
		log,
		estimatedWatts: () => settings.current.energy.estimatedWatts,
		isGpuAtWork: () =>
			residency.models.some((model) => model.batchUsers > 0 && model.state.kind === "ready" && !isOnProcessor(model)),
	});
}
