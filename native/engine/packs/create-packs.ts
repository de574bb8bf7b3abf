/** Builds the packs: what is on the disk, what is on its way, what was tried, and what people are told of all that. */
import { createListeners, err, silentLog } from "../../base/base.ts";
import { type DownloadLimits, downloadLimits } from "../../models/downloads/downloads.ts";
import { bytesFree } from "../../models/own-folder.ts";
import { probeBackend } from "../backends.ts";
import { type PackModule, type PackUse, packNote } from "../process/protocol.ts";
import { type Changed, changeDownload, fetchPack, removePack } from "./changes.ts";
import { describeUse } from "./describe-pack.ts";
import { createPackDownloads } from "./pack-downloads.ts";
import { type Pack, packKey } from "./pack-list.ts";
import { createPackView } from "./pack-view.ts";
import type { GpuPacks, GpuPacksDeps } from "./packs.ts";
import { createPackShelf } from "./shelf.ts";
import { createTrial } from "./trial.ts";

/** Makes packs that fetch nothing yet: call `start`. What is installed is lent at once. */
export function createGpuPacks(deps: GpuPacksDeps): GpuPacks {
	const { packs, clock, log } = deps;
	const limits: DownloadLimits = { ...downloadLimits, ...deps.limits };
	const freeBytes = async () => (deps.freeBytes ?? bytesFree)(deps.gpuPacksDir);
	const shelf = createPackShelf(deps.gpuPacksDir, log);
	const { tell, watch } = createListeners<[]>();
	const tryBackend = deps.tryBackend ?? ((modules) => probeBackend("cuda", { packs: modules }));
	const trial = createTrial({ tryBackend, clock, onVerdict: tell });
	const queue = createPackDownloads({ ...deps, shelf, limits, freeBytes, onDone });
	const view = createPackView({ ...deps, shelf, queue, trial });
	const changing = { ...deps, shelf, queue, trial, view, limits, freeBytes };
	/** Packs that are being taken away are lent to nobody. */
	let isLeaving = false;
	const modulesHere = () => packs.flatMap((pack) => shelf.modules(pack) ?? []);

	function onDone(pack: Pack): void {
		settleIn(pack).catch((error: unknown) => {
			// It is there, and tried when the service starts again or a model is loaded.
			log.error({ error: String(error) }, "a GPU pack could not be tried");
		});
	}

	/** A pack has come: it is tried, and models are loaded with it where it works. */
	async function settleIn(pack: Pack): Promise<void> {
		log.info({ pack: packKey(pack) }, "a GPU pack is installed");
		await view.lookForOthers();
		await trial.run(modulesHere());
		if (trial.verdict?.works === true) deps.onChanged();
	}

	async function remove(pack: Pack): Promise<Changed> {
		isLeaving = true;
		const removed = await removePack(pack, changing).finally(() => {
			isLeaving = false;
		});
		if (!removed.ok) return removed;
		trial.forget();
		await view.lookForOthers();
		tell();
		return { ...removed, value: view.describe(pack) };
	}

	function find(name: string, act: (pack: Pack) => Promise<Changed>): Promise<Changed> {
		const pack = packs.find((one) => one.name === name);
		if (pack !== undefined) return act(pack);
		return Promise.resolve(err({ kind: "not-found", message: "There is no such pack for this computer." }));
	}

	return {
		describe() {
			const data = packs.map(view.describe);
			return { data, in_use: describeUse(deps.models(), data) };
		},
		watch(listener) {
			const stops = [watch(listener), queue.watch(listener)];
			return () => {
				for (const stop of stops) stop();
			};
		},
		fetch: (name) => find(name, (pack) => fetchPack(pack, changing)),
		pause: (name) => find(name, (pack) => changeDownload(pack, changing, queue.pause)),
		cancel: (name) => find(name, (pack) => changeDownload(pack, changing, queue.remove)),
		remove: (name) => find(name, remove),
		forLoading(): PackUse {
			const modules = isLeaving ? [] : modulesHere();
			const { verdict } = trial;
			if (modules.length === 0 || verdict === null || verdict.works) return { modules, note: null };
			trial.refresh(modules);
			return { modules: [], note: packNote(verdict.words) };
		},
		async start() {
			if (packs.length === 0) return;
			await shelf.clean();
			await view.lookForOthers();
			await queue.start();
			if (modulesHere().length > 0) void trial.run(modulesHere());
		},
		stop: queue.stop,
	};
}

/** What a data folder holds of packs, for those who look without a service. */
export function installedModules(packs: readonly Pack[], gpuPacksDir: string): readonly PackModule[] {
	const shelf = createPackShelf(gpuPacksDir, silentLog);
	return packs.flatMap((pack) => shelf.modules(pack) ?? []);
}
