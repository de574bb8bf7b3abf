/** `/api/reports`: what was done while nobody looked. */
import { Hono } from "hono";
import type { Reports } from "../reports/reports.ts";
import type { ApiEnv } from "./answer-headers.ts";

/** What the routes need. */
export interface ReportRoutesDeps {
	readonly reports: Pick<Reports, "lastNight">;
}

/** Makes the routes of `/api/reports`. */
export function createReportRoutes({ reports }: ReportRoutesDeps): Hono<ApiEnv> {
	return new Hono<ApiEnv>().get("/api/reports/last-night", (context) => context.json(reports.lastNight()));
}
