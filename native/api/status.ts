/** `/api/status`: that the service is there, and how it does. */
import { Hono } from "hono";
import type { Clock } from "../base/base.ts";
import type { ApiEnv } from "./answer-headers.ts";

/** What the route needs. */
export interface StatusRouteDeps {
	readonly clock: Clock;
	readonly version: string;
	/** How the engine does; goes out as it is. */
	status(): object | null;
}

/** Makes the route of `/api/status`. */
export function createStatusRoute({ clock, version, status }: StatusRouteDeps): Hono<ApiEnv> {
	const startedAtMs = clock.monotonicMs();
	return new Hono<ApiEnv>().get("/api/status", (context) => {
		const uptimeSeconds = Math.floor((clock.monotonicMs() - startedAtMs) / 1000);
		return context.json({ version, pid: process.pid, uptimeSeconds, engine: status() });
	});
}
