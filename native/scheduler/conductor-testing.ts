/** A scheduler among parts that only pretend. Must never be imported by the product. */
import type { Log } from "../base/base.ts";
import { createListeners } from "../base/base.ts";
import {
	type MachineSnapshot,
	type Rest,
	type SettingsPatch,
	type SettingsValues,
	settingsSchema,
	type Yield,
} from "../contract/contract.ts";
import type { ResidentModel, SuspendReport } from "../engine/residency.ts";
import type { LookPace } from "../machine/machine.ts";
import { sampleSnapshot } from "../machine/testing.ts";
import { createScheduler } from "./conductor.ts";
import type { RestKeeper } from "./rest.ts";
import type { Scheduler, StepAside } from "./scheduler.ts";

/** A model of a batch at work on 16 lanes. */
export const atWork: SuspendReport = { processes: 1, lanes: 16, lostTokens: 900, staying: 0 };
const nothingThere: SuspendReport = { processes: 0, lanes: 0, lostTokens: 0, staying: 0 };

/** The stage and what happened on it, in order. All time is that of fake timers. */
export interface Stage {
	readonly scheduler: Scheduler;
	/** e.g. `look`, `suspend`, `for batch`, `resume`, `attend`, `awake true`, `pace closely`, `share 0.5`. */
	readonly happened: string[];
	readonly told: string[];
	readonly yields: readonly Yield[];
	/** What the next looks see, beside a quiet computer. */
	readonly sees: { changes: Partial<MachineSnapshot>; isBroken: boolean; takesMs: number };
	readonly work: { hasWork: boolean; wantsToRehearse: boolean; models: ResidentModel[] };
	readonly suspending: { report: SuspendReport; takesMs: number };
	/** How far the wall clock is from the monotonic one. */
	readonly clock: { aheadMs: number };
	readonly wake: { canStayAwake: boolean };
	/** The machine looks and pushes what it sees. */
	look(): Promise<void>;
	change(patch: SettingsPatch): void;
	visit(present: StepAside["present"]): void;
	/** What happened of these, since it was asked last. */
	take(...names: string[]): string[];
}

const pass = (milliseconds: number) => new Promise<void>((resolve) => setTimeout(resolve, milliseconds));

/** Builds it; the scheduler has not started. */
export function createStage(): Stage {
	const happened: string[] = [];
	const told: string[] = [];
	const yields: Yield[] = [];
	const stage = {
		sees: { changes: {}, isBroken: false, takesMs: 10 },
		work: { hasWork: true, wantsToRehearse: false, models: [] },
		suspending: { report: nothingThere, takesMs: 0 },
		clock: { aheadMs: 0 },
		wake: { canStayAwake: true },
	} satisfies Pick<Stage, "sees" | "work" | "suspending" | "clock" | "wake">;
	const clock = { nowMs: () => Date.now() + stage.clock.aheadMs, monotonicMs: () => Date.now() };
	const say = (_fields: object, message: string) => void told.push(message);
	const log: Log = { debug() {}, info: say, warn: say, error: say };
	const machine = fakeMachine(stage.sees, happened);
	const settings = fakeSettings();
	const stepAside = fakeStepAside();
	const scheduler = createScheduler({
		machine,
		settings,
		stepAside,
		residency: fakeResidency(stage, happened),
		rest: fakeRest(),
		jobs: {
			hasWork: () => stage.work.hasWork,
			wantsToRehearse: () => stage.work.wantsToRehearse,
			attend: () => void happened.push(`attend ${permitted(scheduler)}`),
		},
		wakefulness: {
			async keepAwake(isWanted) {
				happened.push(`awake ${isWanted}`);
				return stage.wake.canStayAwake
					? { kind: "done" }
					: { kind: "impossible", message: "nothing here can do that." };
			},
			async wakeAt(atMs) {
				happened.push(`wake at ${atMs === null ? "no time" : new Date(atMs).toTimeString().slice(0, 5)}`);
				return { kind: "done" };
			},
			async stop() {
				happened.push("may sleep");
			},
		},
		journal: {
			yields,
			totals: { count: 0, frozenMs: 0, recomputedTokens: 0 },
			append: (entry) => yields.push({ number: yields.length + 1, ...entry }),
			async close() {},
		},
		usesGpu: true,
		clock,
		log,
	});
	return {
		...stage,
		scheduler,
		happened,
		told,
		yields,
		look: async () => void (await machine.look()),
		change: settings.change,
		visit: stepAside.visit,
		take(...names) {
			const all = happened.splice(0);
			return names.length === 0 ? all : all.filter((one) => names.some((name) => one.startsWith(name)));
		},
	};
}

function permitted(scheduler: Scheduler): string {
	const { isGranted, rehearses } = scheduler.permit();
	return isGranted ? "granted" : rehearses ? "to rehearse" : "refused";
}

function fakeMachine(sees: Stage["sees"], happened: string[]) {
	const listeners = createListeners<[MachineSnapshot]>();
	let snapshot = sampleSnapshot({ memory: { totalBytes: 1, availableBytes: 0, oursBytes: null } });
	return {
		get snapshot() {
			return snapshot;
		},
		watch: listeners.watch,
		async look() {
			happened.push("look");
			await pass(sees.takesMs);
			if (sees.isBroken) throw new Error("no eyes");
			snapshot = sampleSnapshot(sees.changes);
			listeners.tell(snapshot);
			return snapshot;
		},
		setPace: (pace: LookPace) => void happened.push(`pace ${pace}`),
	};
}

function fakeResidency({ work, suspending }: Pick<Stage, "work" | "suspending">, happened: string[]) {
	return {
		get models() {
			return work.models;
		},
		async suspend(scope = "all") {
			happened.push("suspend", `for ${scope}`);
			const { report, takesMs } = suspending;
			if (takesMs > 0) await pass(takesMs);
			happened.push("suspended");
			return report;
		},
		resume: () => void happened.push("resume"),
		setBatchShare: (fraction: number) => void happened.push(`share ${fraction}`),
	};
}

function fakeSettings() {
	const listeners = createListeners<[SettingsValues, SettingsValues]>();
	let current = settingsSchema.parse({});
	return {
		get current() {
			return current;
		},
		watch: listeners.watch,
		change(patch: SettingsPatch) {
			const previous = current;
			current = settingsSchema.parse(patch);
			listeners.tell(current, previous);
		},
	};
}

function fakeStepAside() {
	const listeners = createListeners<[]>();
	let present: StepAside["present"] = null;
	return {
		get present() {
			return present;
		},
		watch: listeners.watch,
		visit(next: StepAside["present"]) {
			present = next;
			listeners.tell();
		},
	};
}

function fakeRest(): RestKeeper {
	let current: Rest = { isPaused: false, snoozedUntilMs: null };
	return {
		get current() {
			return current;
		},
		async set({ action }) {
			current = { isPaused: action === "pause", snoozedUntilMs: null };
			return { ok: true, value: current };
		},
	};
}
