/**
 * Keeps the program up to date: looks for new versions, downloads them, and installs them when somebody says so and no work would be lost.
 * Owns the updater. Must never restart while lines run unless it was told to after asking, nor touch a file while a process of ours lives.
 */
import { createListeners } from "../base/base.ts";
import type { ShellLog } from "../log.ts";
import type { MessageBoxPort, Quit } from "../quit/quit.ts";
import type { ServiceLink } from "../service/link.ts";
import { createEffects, type UpdateTimer } from "./effects.ts";
import { type Installation, whyNoUpdates } from "./package-kind.ts";
import { eventOf, followBusy, isBusy } from "./question.ts";
import { initialUpdates, stepUpdates, type UpdateEvent } from "./states.ts";
import { createTimers } from "./timers.ts";
import { failure, listenTo, prepareUpdater, type UpdaterPort } from "./updater-port.ts";
import { type UpdateAction, type UpdateView, viewOf } from "./view.ts";

export { CHECK_EVERY_MS, INSTALL_LIMIT_MS } from "./effects.ts";
export { readPackageType } from "./package-kind.ts";
export type { UpdaterPort } from "./updater-port.ts";
export type { UpdateAction, UpdateView } from "./view.ts";

/** What updates are made from. */
export interface UpdatesDeps {
	/** Loads electron-updater, which looks at the installation as it loads; not called where there are no updates. */
	readonly loadUpdater: () => UpdaterPort;
	readonly installation: Installation;
	readonly link: Pick<ServiceLink, "state" | "watch">;
	readonly dialog: MessageBoxPort;
	/** Ends the service, all it started and the writing of files, so that nothing is in the installer's way. */
	readonly quit: Pick<Quit, "makeWay" | "stay">;
	/** Starts the service again, after nothing came of an installation. */
	readonly startService: () => void;
	/** 0 to below 1, so that not all computers ask at the same moment. */
	readonly random: () => number;
	readonly log: ShellLog;
}

/** Updates, as the rest of the shell sees them. */
export interface Updates {
	readonly view: UpdateView;
	/** Calls whenever the view may have changed. Answers a function that ends it. */
	watch(listener: () => void): () => void;
	/** The user chose one of the view's actions. Resolves when it was asked about, where it has to be. */
	act(action: UpdateAction): Promise<void>;
	stop(): void;
}

/** The start of a session has enough to load; a minute later nobody notices. */
export const FIRST_CHECK_MS = 60_000;
/** Work must be over for so long before a restart by itself: between two batches it is only just so. */
export const CALM_MS = 30_000;

/** Makes updates; where there are none, an object that says why. */
export function createUpdates(deps: UpdatesDeps): Updates {
	const why = whyNoUpdates(deps.installation);
	return why === null ? startUpdates(deps) : noUpdates(why);
}

function noUpdates(why: string): Updates {
	const view: UpdateView = { line: why, actions: [] };
	return { view, watch: () => () => {}, act: async () => {}, stop() {} };
}

function startUpdates(deps: UpdatesDeps): Updates {
	const { link } = deps;
	const updater = deps.loadUpdater();
	const listeners = createListeners<void>();
	const timers = createTimers<UpdateTimer>();
	const effects = createEffects({ ...deps, updater, timers, happen });
	let state = initialUpdates;

	function happen(event: UpdateEvent): void {
		const before = state;
		const step = stepUpdates(before, event);
		state = step.state;
		for (const effect of step.effects) effects.run(effect, state.failures);
		if (before === state) return;
		if (before.phase.kind === "installing") {
			timers.clear("install");
			deps.quit.stay();
			deps.startService();
		}
		followWork();
		listeners.tell();
	}

	/** Installs what is armed once work has been over for a while. */
	function followWork(): void {
		const mayInstall = state.phase.kind === "ready" && state.phase.isArmed && !isBusy(link);
		if (mayInstall === timers.has("calm")) return;
		if (mayInstall) timers.set("calm", CALM_MS, () => happen({ kind: "install" }));
		else timers.clear("calm");
	}

	prepareUpdater(updater);
	listenTo(updater, {
		happen,
		fail(error) {
			deps.log.warn({ message: error.message }, "an update failed");
			// Those of looking and downloading come as answers too.
			if (state.phase.kind === "installing") happen(failure(error));
		},
	});
	const stopFollowing = followBusy(link, () => {
		followWork();
		listeners.tell();
	});
	const stopWatching = link.watch(() => {
		// Another channel was chosen: its newest version is not what is known.
		if (effects.isOtherChannel()) happen({ kind: "check" });
	});
	effects.checkIn(FIRST_CHECK_MS);

	return {
		get view() {
			return viewOf(state.phase, isBusy(link));
		},
		watch: listeners.join,
		async act(action) {
			const event = await eventOf(action, state, deps);
			if (event !== null) happen(event);
		},
		stop() {
			stopFollowing();
			stopWatching();
			timers.clearAll();
		},
	};
}
