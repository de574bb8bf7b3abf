/** `/api/machine`, `/api/presence`, `/api/rest`: how this computer does, who sits before it, and whether batch work may run. */
import { Hono } from "hono";
import { type MachineStatus, presenceReportSchema, restRequestSchema } from "../contract/contract.ts";
import type { Machine } from "../machine/machine.ts";
import type { Scheduler } from "../scheduler/scheduler.ts";
import type { ApiEnv } from "./answer-headers.ts";
import { readJson } from "./body.ts";
import { refuse } from "./errors.ts";
import type { ApiLimits } from "./limits.ts";

/** What the routes need. */
export interface MachineRoutesDeps {
	/** What this computer is called. */
	readonly machineName: string;
	readonly machine: Pick<Machine, "snapshot" | "look" | "reportPresence">;
	readonly scheduler: Pick<Scheduler, "verdict" | "rest" | "setRest">;
	readonly limits: ApiLimits;
}

/** How the machine does by the last look, and what may run on it. */
export function describeMachine({
	machineName,
	machine,
	scheduler,
}: {
	readonly machineName: string;
	readonly machine: Pick<Machine, "snapshot">;
	readonly scheduler: Pick<Scheduler, "verdict" | "rest">;
}): MachineStatus {
	return { name: machineName, snapshot: machine.snapshot, verdict: scheduler.verdict, rest: scheduler.rest };
}

/** Makes the routes. */
export function createMachineRoutes(deps: MachineRoutesDeps): Hono<ApiEnv> {
	const { machine, scheduler, limits } = deps;
	const routes = new Hono<ApiEnv>();

	routes.get("/api/machine", async (context) => {
		// Whoever asks wants to know how it is, not how it was at the last look.
		await machine.look();
		return context.json(describeMachine(deps));
	});

	routes.put("/api/presence", async (context) => {
		const report = await readJson(context.req.raw, presenceReportSchema, limits);
		if (!report.ok) return refuse(context, report.error);
		machine.reportPresence(report.value);
		return context.body(null, 204);
	});

	routes.post("/api/rest", async (context) => {
		const request = await readJson(context.req.raw, restRequestSchema, limits);
		if (!request.ok) return refuse(context, request.error);
		const kept = await scheduler.setRest(request.value);
		if (kept.ok) return context.json(describeMachine(deps));
		return refuse(context, { status: 503, message: kept.error.message, param: null, code: "not_written" });
	});

	return routes;
}
