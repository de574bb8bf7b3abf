/** `/api/status`: how this machine does, in one answer. */
import { Hono } from "hono";
import { assertNever, type Clock } from "../base/base.ts";
import type { MeshView, ResidentModelStatus, Status } from "../contract/contract.ts";
import type { EngineState, LoadedModel } from "../engine/engine.ts";
import type { Residency, ResidentModel } from "../engine/residency.ts";
import type { Jobs } from "../jobs/jobs.ts";
import type { Ledger } from "../ledger/ledger.ts";
import type { Live } from "../live/live.ts";
import type { Mesh } from "../mesh/mesh.ts";
import type { Scheduler, StepAside } from "../scheduler/scheduler.ts";
import type { ApiEnv } from "./answer-headers.ts";
import { placeOf } from "./batch-place.ts";

/** What the route needs. */
export interface StatusRouteDeps {
	readonly ledger: Pick<Ledger, "openBatches">;
	readonly jobs: Pick<Jobs, "progress">;
	readonly residency: Pick<Residency, "models">;
	readonly live: Pick<Live, "status">;
	readonly stepAside: Pick<StepAside, "isAside" | "totals" | "yields">;
	readonly scheduler: Pick<Scheduler, "verdict">;
	readonly mesh: Pick<Mesh, "view" | "durabilityOf" | "chosen">;
	readonly clock: Clock;
	readonly version: string;
	/** Folder of everything this machine keeps. */
	readonly dataDir: string;
}

/** Makes the route of `/api/status`. */
export function createStatusRoute(deps: StatusRouteDeps): Hono<ApiEnv> {
	const { residency, live, stepAside, scheduler, clock, version, dataDir } = deps;
	const startedAtMs = clock.monotonicMs();
	return new Hono<ApiEnv>().get("/api/status", (context) =>
		context.json({
			version,
			dataDir,
			pid: process.pid,
			uptimeSeconds: Math.floor((clock.monotonicMs() - startedAtMs) / 1000),
			models: residency.models.map(describeModel),
			live: live.status,
			stepAside: { isAside: stepAside.isAside, totals: stepAside.totals, yields: stepAside.yields },
			verdict: scheduler.verdict,
			batches: describeBatches(deps),
			mesh: describeMesh(deps.mesh.view),
		} satisfies Status),
	);
}

function describeMesh({ is_on, trouble, machines, host }: MeshView): Status["mesh"] {
	const online = machines.filter((machine) => machine.is_online);
	return {
		isOn: is_on,
		trouble,
		machines: machines.length,
		online: online.length,
		working: online.filter(({ about }) => about?.activity === "working").length,
		host: machines.find(({ id }) => id === host?.id)?.name ?? null,
	};
}

function describeBatches({ ledger, jobs, mesh }: StatusRouteDeps): Status["batches"] {
	const { machines } = mesh.view;
	return ledger.openBatches().map(({ id, status, total, completed, failed }) => {
		const progress = jobs.progress(id);
		return {
			id,
			status,
			total,
			completed,
			failed,
			linesPerSecond: progress?.linesPerSecond ?? 0,
			secondsLeft: progress?.secondsLeft ?? null,
			activity: progress?.activity ?? "waiting for its turn",
			trouble: progress?.trouble ?? null,
			durability: placeOf(mesh, id).durability,
			machines: machines.flatMap(({ name, slices }) =>
				slices.flatMap(({ batch_id, lines }) => (batch_id === id && lines > 0 ? [{ name, lines }] : [])),
			),
		};
	});
}

/** A model in memory, or on its way there. */
export function describeModel({
	source,
	state,
	isLeaving,
	batchUsers,
	interactiveUsers,
}: ResidentModel): ResidentModelStatus {
	const loaded = state.kind === "ready" ? state.model : null;
	return {
		name: source.name,
		...describeState(state),
		...(isLeaving ? { state: "leaving" } : {}),
		...describeLanes(loaded),
		gpu: loaded?.gpu ?? null,
		notes: [...(loaded?.notes ?? [])],
		usedByBatch: batchUsers > 0,
		liveRequests: interactiveUsers,
	};
}

function describeState(state: EngineState): Pick<ResidentModelStatus, "state" | "progress" | "problem"> {
	switch (state.kind) {
		case "empty":
			return { state: "loading", progress: 0, problem: null };
		case "loading":
			return { state: "loading", progress: state.progress, problem: null };
		case "ready":
			return { state: "ready", progress: null, problem: null };
		case "restarting":
			return { state: "restarting", progress: null, problem: null };
		case "failed":
			return { state: "failed", progress: null, problem: state.failure.message };
		default:
			return assertNever(state);
	}
}

function describeLanes(loaded: LoadedModel | null) {
	return {
		batchLanes: loaded?.lanes ?? null,
		batchContextTokens: loaded?.contextTokens ?? null,
		interactiveLanes: loaded?.interactiveLanes ?? null,
		interactiveContextTokens: loaded?.interactiveContextTokens ?? null,
	};
}
