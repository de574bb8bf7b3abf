/**
 * The present state of things for pages that are open, told by `/api/events` besides notices: batches, this machine, the others, what is
 * in memory, downloads, settings, GPU packs. Each is looked at once for all pages, and not at all while none is open.
 */

import type { Log } from "../base/base.ts";
import type {
	Download,
	DownloadsEvent,
	EngineEvent,
	GpuPackList,
	MachineStatus,
	MeshView,
	SettingsValues,
} from "../contract/contract.ts";
import type { GpuPacks } from "../engine/packs/packs.ts";
import type { Residency } from "../engine/residency.ts";
import type { Live } from "../live/live.ts";
import type { Machine } from "../machine/machine.ts";
import type { Mesh } from "../mesh/mesh.ts";
import type { Scheduler, StepAside } from "../scheduler/scheduler.ts";
import type { Settings } from "../settings/settings.ts";
import { type BatchFeedDeps, createBatchFeed } from "./batch-feed.ts";
import { type DescribeDeps, describeBatch } from "./describe-batch.ts";
import { describeMachine } from "./machine.ts";
import type { Mailbox } from "./mailbox.ts";
import { createStateFeed, type Feed } from "./state-feed.ts";
import { describeModel } from "./status.ts";
import { createThrottle } from "./throttle.ts";

/** Models on their way here. */
export interface DownloadList {
	list(): readonly Download[];
	/** Calls the listener whenever one begins, moves or ends. Answers a function that ends it. */
	watch(listener: () => void): () => void;
}

/** What is looked at. */
export interface LiveViewDeps extends DescribeDeps {
	readonly ledger: DescribeDeps["ledger"] & BatchFeedDeps["ledger"];
	readonly jobs: DescribeDeps["jobs"] & BatchFeedDeps["jobs"];
	/** What this computer is called. */
	readonly machineName: string;
	readonly machine: Pick<Machine, "snapshot" | "watch">;
	readonly scheduler: Pick<Scheduler, "verdict" | "rest" | "watch">;
	readonly mesh: DescribeDeps["mesh"] & Pick<Mesh, "view" | "watch">;
	readonly residency: Pick<Residency, "models">;
	readonly live: Pick<Live, "status">;
	readonly stepAside: Pick<StepAside, "isAside" | "present" | "watch">;
	/** None: nothing is ever downloaded. */
	readonly downloads?: DownloadList;
	readonly settings: Pick<Settings, "current" | "watch">;
	/** None: there is nothing to tell of them. */
	readonly gpuPacks?: Pick<GpuPacks, "describe" | "watch">;
	readonly log: Log;
}

/** Tells pages how things are. */
export interface LiveView {
	/** Puts into the mailbox how everything is, and from then on what changes. Answers a function that ends it. */
	open(mailbox: Mailbox): () => void;
}

/** The machine looks far more seldom by itself; after a burst of news it is enough to tell the last of them. */
const MACHINE_LEAST_MS = 1_000;
/** Loading models and live requests are looked at this often: a bar that moves twice a second moves. */
const ENGINE_LOOK_MS = 500;
/** Bytes come far more often than a bar can show. */
const DOWNLOADS_LEAST_MS = 500;

/** Lines done by thirty machines change it all the time; twice a second is enough to see them work. */
const MESH_LEAST_MS = 500;

/** What models run on changes with a load, which takes seconds. */
const PACKS_LOOK_MS = 2_000;

/** Makes the view. One a service. */
export function createLiveView(deps: LiveViewDeps): LiveView {
	const batches = createBatchFeed({ ...deps, describe: (batch) => describeBatch(deps, batch) });
	const states = {
		machine: machineFeed(deps),
		engine: engineFeed(deps),
		downloads: downloadsFeed(deps.downloads ?? nothingToDownload),
		settings: settingsFeed(deps.settings),
		mesh: meshFeed(deps.mesh),
	};
	const packs = deps.gpuPacks === undefined ? null : gpuPacksFeed(deps.gpuPacks, deps);
	return {
		open(mailbox) {
			const stops = [
				batches.join((event) => mailbox.putBatches(event)),
				states.machine.join((state) => mailbox.put("machine", state)),
				states.engine.join((state) => mailbox.put("engine", state)),
				states.downloads.join((state) => mailbox.put("downloads", state)),
				states.settings.join((state) => mailbox.put("settings", state)),
				states.mesh.join((state) => mailbox.put("mesh", state)),
				...(packs === null ? [] : [packs.join((state) => mailbox.put("gpu-packs", state))]),
			];
			return () => {
				for (const stop of stops) stop();
			};
		},
	};
}

function machineFeed(deps: LiveViewDeps): Feed<MachineStatus> {
	const { machine, scheduler } = deps;
	return createStateFeed({
		read: () => describeMachine(deps),
		watch(look) {
			const telling = createThrottle(MACHINE_LEAST_MS, look);
			const stops = [machine.watch(telling.poke), scheduler.watch(telling.poke), telling.stop];
			return () => {
				for (const stop of stops) stop();
			};
		},
	});
}

function engineFeed({ residency, live, stepAside }: LiveViewDeps): Feed<EngineEvent> {
	return createStateFeed({
		read: () => ({
			models: residency.models.map(describeModel),
			live: live.status,
			isAside: stepAside.isAside,
			handBackMs: stepAside.present?.handBackMs ?? null,
		}),
		watch(look) {
			const looking = setInterval(look, ENGINE_LOOK_MS);
			// People see the batch freeze as they send a message.
			const stop = stepAside.watch(look);
			return () => {
				clearInterval(looking);
				stop();
			};
		},
	});
}

function downloadsFeed(downloads: DownloadList): Feed<DownloadsEvent> {
	return createStateFeed({
		read: () => ({ downloads: [...downloads.list()] }),
		watch(look) {
			const telling = createThrottle(DOWNLOADS_LEAST_MS, look);
			const stop = downloads.watch(telling.poke);
			return () => {
				stop();
				telling.stop();
			};
		},
	});
}

function settingsFeed(settings: LiveViewDeps["settings"]): Feed<SettingsValues> {
	return createStateFeed({ read: () => settings.current, watch: (look) => settings.watch(look) });
}

/** Never with the code that is shown: streams are open for days, on pages nobody looks at. */
function meshFeed(mesh: LiveViewDeps["mesh"]): Feed<MeshView> {
	return createStateFeed({
		read: () => ({ ...mesh.view, pairing: null }),
		watch(look) {
			const telling = createThrottle(MESH_LEAST_MS, look);
			const stops = [mesh.watch(telling.poke), telling.stop];
			return () => {
				for (const stop of stops) stop();
			};
		},
	});
}

/** Which pack fits depends on the GPUs that are seen, and what models run on on those in memory. */
function gpuPacksFeed(
	packs: Pick<GpuPacks, "describe" | "watch">,
	{ machine }: Pick<LiveViewDeps, "machine">,
): Feed<GpuPackList> {
	return createStateFeed({
		read: packs.describe,
		watch(look) {
			const telling = createThrottle(DOWNLOADS_LEAST_MS, look);
			const looking = setInterval(look, PACKS_LOOK_MS);
			const stops = [packs.watch(telling.poke), machine.watch(telling.poke), telling.stop];
			return () => {
				clearInterval(looking);
				for (const stop of stops) stop();
			};
		},
	});
}

const nothingToDownload: DownloadList = { list: () => [], watch: () => () => {} };
