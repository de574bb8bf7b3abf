/**
 * Official client packages, unmodified, against the whole service with the real engine and the demo model. Owns how such a
 * service is started. The tests here are written against the newest major version of each package and run against the one
 * before too (build/vitest.config.ts), so they keep to what both have. Must never hold a test double.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Service, startService } from "../service.ts";

/** A service for one test file. */
export interface ClientTestService {
	readonly service: Service;
	/** e.g. `http://127.0.0.1:40001`. */
	readonly url: string;
	/** Stops it and removes its folder. */
	stop(): Promise<void>;
}

/** Starts the service as `nightshift serve` does, small enough for any machine. */
export async function startClientTestService(): Promise<ClientTestService> {
	const folder = mkdtempSync(join(tmpdir(), "nightshift-clients-"));
	const started = await startService({
		dataDir: folder,
		model: null,
		lanes: 4,
		port: 0,
		startJobs: true,
		conduct: "here-and-now",
		logLevel: "warn",
		gpu: false,
		threads: 1,
		version: "test",
	});
	if (!started.ok) throw new Error(started.error.message);
	const { value: service } = started;
	if (service.server === null) throw new Error("The service has no server");
	return {
		service,
		url: service.server.url,
		async stop() {
			await service.stop();
			rmSync(folder, { recursive: true, force: true });
		},
	};
}

/** The system prompt the demo model was trained on: it answers with one of five words. */
export const LABEL_TASK =
	"Classify the support ticket as one of: billing, bug, feature_request, account, other. Reply with the label only.";
/** The same, answered as JSON. */
export const JSON_TASK =
	'Classify the support ticket as one of: billing, bug, feature_request, account, other. Answer as JSON: {"label": "..."}.';
/** A ticket whose label is `billing`. */
export const BILLING_TICKET = "Please put our new billing address on the next invoice. I was charged twice last month.";
