/** What tests of this room share: a receiver of webhooks on loopback, and a ledger in which things happen. */
import { mkdtempSync, rmSync } from "node:fs";
import { createServer, type IncomingHttpHeaders } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Clock, type Log, silentLog } from "../base/base.ts";
import type { NightReport, SettingsPatch } from "../contract/contract.ts";
import type { BatchManifest, Ledger } from "../ledger/ledger.ts";
import { openLedger } from "../ledger/open.ts";
import { makeFile, manualClock } from "../ledger/testing/fixtures.ts";
import { sampleManifest } from "../ledger/testing/manifest.ts";
import { createSettings, type Settings } from "../settings/settings.ts";
import { createNotifier } from "./create-notifier.ts";
import type { Notifier } from "./notify.ts";

/** One webhook as it came. */
export interface Received {
	readonly body: string;
	readonly headers: IncomingHttpHeaders;
}

/** A receiver of webhooks. */
export interface Receiver extends AsyncDisposable {
	readonly url: string;
	/** Host and port, as the settings want it. */
	readonly host: string;
	readonly received: readonly Received[];
	/** Status of its answers from now on, with a `location` where one is given. */
	answerWith(status: number, location?: string): void;
	/** Resolves when so many have come. */
	until(count: number): Promise<void>;
}

/** Listens on a free port of loopback. */
export async function startReceiver(): Promise<Receiver> {
	const received: Received[] = [];
	let answer: { readonly status: number; readonly location?: string } = { status: 204 };
	let wake = () => {};
	const server = createServer((request, response) => {
		let body = "";
		request.setEncoding("utf8");
		request.on("data", (piece: string) => {
			body += piece;
		});
		request.on("end", () => {
			received.push({ body, headers: request.headers });
			response.writeHead(answer.status, answer.location === undefined ? {} : { location: answer.location });
			response.end();
			wake();
		});
	});
	await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
	const address = server.address();
	if (address === null || typeof address === "string") throw new Error("The receiver listens on no TCP port");
	const { port } = address;
	return {
		url: `http://127.0.0.1:${port}/hook`,
		host: `127.0.0.1:${port}`,
		received,
		answerWith(status, location) {
			answer = location === undefined ? { status } : { status, location };
		},
		async until(count) {
			while (received.length < count) {
				await new Promise<void>((resolve) => {
					wake = resolve;
				});
			}
		},
		async [Symbol.asyncDispose]() {
			server.closeAllConnections();
			await new Promise<void>((resolve) => server.close(() => resolve()));
		},
	};
}

/** A night in which nothing was done. */
export const quietNight: NightReport = {
	from: 0,
	to: 0,
	lines: 0,
	failed: 0,
	retries: 0,
	input_tokens: 0,
	output_tokens: 0,
	worked_seconds: 0,
	energy: { kilowatt_hours: 0, is_measured: true, basis: "nothing ran", cost: null, currency: "EUR" },
	hosted: [],
	prices_as_of: "2026-11-20",
	yields: { count: 0, frozen_seconds: 0, recomputed_tokens: 0, causes: [] },
	batches: [],
	uncollected: [],
	attention: [],
};

/** A ledger, settings and a notifier, which can be ended as a kill would end them and begun anew. */
export interface NotifyTest extends AsyncDisposable {
	readonly ledger: Ledger;
	readonly notifier: Notifier;
	readonly settings: Settings;
	readonly secretPath: string;
	/** Makes a batch and lets its validation fail, which is told as `failed`; answers its id. */
	failBatch(manifest?: Partial<BatchManifest>): Promise<string>;
	/** Ends all and opens what they left. */
	restart(): Promise<void>;
}

/** Opens them in a folder of their own. */
export async function openNotifyTest(patch: SettingsPatch, log: Log = silentLog): Promise<NotifyTest> {
	const folder = mkdtempSync(join(tmpdir(), "nightshift-notify-"));
	const secretPath = join(folder, "webhook-secret");
	const clock: Clock = manualClock();
	const settings = createSettings({ path: join(folder, "settings.json"), log });
	const updated = await settings.update(patch);
	if (!updated.ok) throw new Error(updated.error.message);
	async function open() {
		const opened = await openLedger({ dataDir: folder, clock, log });
		if (!opened.ok) throw new Error(opened.error.message);
		const ledger = opened.value;
		const notifier = createNotifier({
			ledger,
			reports: { lastNight: () => quietNight },
			settings,
			secretPath,
			clock,
			log,
			version: "test",
		});
		return { ledger, notifier };
	}
	let rooms = await open();
	async function close(): Promise<void> {
		await rooms.notifier.stop();
		await rooms.ledger.close();
	}
	return {
		get ledger() {
			return rooms.ledger;
		},
		get notifier() {
			return rooms.notifier;
		},
		settings,
		secretPath,
		async failBatch(manifest = {}) {
			const { ledger } = rooms;
			const file = await makeFile(ledger, "{}\n");
			const { batch } = await ledger.createBatch(sampleManifest({ inputFileId: file.id, ...manifest }), null);
			const fault = { code: "empty_file", message: "The input file is empty.", param: null, line: null };
			await ledger.settleValidation(batch.id, { kind: "invalid", faults: [fault] });
			return batch.id;
		},
		async restart() {
			await close();
			rooms = await open();
		},
		async [Symbol.asyncDispose]() {
			await close();
			settings.stop();
			rmSync(folder, { recursive: true, force: true });
		},
	};
}
