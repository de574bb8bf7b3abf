import { expect, test } from "vitest";
import { nightReportSchema } from "../contract/contract.ts";
import { sampleNight } from "../reports/testing.ts";
import { createReportRoutes } from "./reports.ts";

test("GET /api/reports/last-night answers the report as the contract has it", async () => {
	const routes = createReportRoutes({ reports: { lastNight: () => sampleNight() } });
	const response = await routes.request("/api/reports/last-night");
	expect(response.status).toBe(200);
	expect(nightReportSchema.parse(await response.json())).toEqual(sampleNight());
});
