/**
 * One machine of a mesh for `mesh-scale.ts`, a process of its own: the service's rooms around an engine of a set speed. Ledger, jobs and
 * the mesh with its thread are the product's; there is no HTTP, no look at the computer and no schedule.
 */
import { monitorEventLoopDelay } from "node:perf_hooks";
import { pino } from "pino";
import { type Result, systemClock } from "../../native/base/base.ts";
import { defaultBatchOptions } from "../../native/contract/contract.ts";
import { createJobs } from "../../native/jobs/create-jobs.ts";
import { draftManifest } from "../../native/jobs/new-batch.ts";
import { alwaysPermitted } from "../../native/jobs/work-permit.ts";
import { openLedger } from "../../native/ledger/open.ts";
import { locate } from "../../native/locations/locations.ts";
import type { PowerMeter } from "../../native/machine/machine.ts";
import { createMesh } from "../../native/mesh/create-mesh.ts";
import { aboutMachine } from "../../native/mesh/share/about-machine.ts";
import { createModels, DEMO_MODEL_NAME, noModelNames } from "../../native/models/models.ts";
import { createSettings } from "../../native/settings/settings.ts";
import { type NodeAnswer, type NodeFigures, type NodeQuestion, questionSchema, wishSchema } from "./mesh-node-words.ts";
import { createPacedEngine } from "./paced-engine.ts";

const LIMIT_BYTES = 2 ** 31;

const wish = wishSchema.parse(JSON.parse(process.argv[2] ?? "{}"));
const locations = locate(wish.dataDir);
const clock = systemClock;
const log = pino({ level: wish.logLevel }, pino.destination({ dest: locations.logPath, sync: true }));
const settings = createSettings({ path: locations.settingsPath, log });
const models = createModels({ ...locations, names: () => noModelNames, clock, log });
const model = need(models.find(DEMO_MODEL_NAME));
const ledger = need(await openLedger({ dataDir: locations.dataDir, clock, log }));
const paced = createPacedEngine({ path: model.path, name: model.name }, wish);
const permit = () => alwaysPermitted;
const noPower: PowerMeter = {
	reading: { watts: 0, isMeasured: true, basis: "a stand-in" },
	count: () => ({ take: () => ({ wattHours: 0, isMeasured: true }), end() {} }),
	stop() {},
};
const mesh = createMesh({
	...{ ledger, models, settings, locations, permit, clock, log },
	logLevel: wish.logLevel,
	version: "bench",
	about: () =>
		aboutMachine({
			snapshot: { gpus: [], memory: { totalBytes: 1, availableBytes: 1, oursBytes: null } },
			permit: permit(),
			workingOn: null,
			platform: process.platform,
			models: [],
		}),
	handicap: () => 0,
	attend: () => jobs.attend(),
});
const jobs = createJobs({
	...{ ledger, models, permit, clock, log },
	residency: paced.residency,
	power: noPower,
	nightBudget: () => ({ nightTokens: null, nightMinutes: null }),
	sharing: mesh.sharing,
	machine: () => wish.name,
});
const loopDelay = monitorEventLoopDelay({ resolution: 10 });
loopDelay.enable();
/** When each batch was first seen to be in a state, wall clock. */
const seen = new Map<string, number>();

ledger.watch((change) => {
	if (change.kind === "batch") look(change.batchId);
});
jobs.start();
mesh.start();
process.on("message", (message) => void answer(questionSchema.parse(message)));
process.once("disconnect", () => process.exit());
say({ id: 0, answered: null });

function look(batchId: string): void {
	const batch = ledger.batch(batchId);
	if (batch === null) return;
	const state = `${batchId} ${batch.status}`;
	if (!seen.has(state)) seen.set(state, clock.nowMs());
}

async function answer({ id, ...question }: NodeQuestion): Promise<void> {
	try {
		say({ id, answered: await answerTo(question) });
	} catch (error) {
		say({ id, failure: error instanceof Error ? (error.stack ?? error.message) : String(error) });
	}
}

async function answerTo(question: Omit<NodeQuestion, "id">): Promise<unknown> {
	switch (question.ask) {
		case "view": {
			const { self, port, host, machines } = mesh.view;
			return { self, port, host: host?.id ?? null, online: machines.filter(({ is_online }) => is_online).length };
		}
		case "show-code":
			return need(await mesh.showCode()).code;
		case "join":
			return need(await mesh.join(question.address ?? "", question.code ?? "")).id;
		case "submit":
			return submit(question.lines ?? 0);
		case "figures":
			return figuresOf(question.batchId ?? "");
		case "stop":
			await mesh.stop();
			await jobs.stop();
			settings.stop();
			await ledger.close();
			return null;
	}
}

async function submit(lines: number): Promise<string> {
	const stored = need(await ledger.storeBytes(fileOf(lines), LIMIT_BYTES));
	const file = await ledger.createFile({ filename: "scale.jsonl", purpose: "batch", expiresAtMs: null }, stored);
	const manifest = await draftManifest(
		{ ledger, models, allowedHosts: () => [] },
		{
			inputFileId: file.id,
			surface: "openai",
			badLines: "refuse-file",
			endpoint: null,
			completionWindow: "24h",
			windowMs: 86_400_000,
			metadata: null,
			outputExpiresAfterMs: null,
			modelOverride: null,
			options: defaultBatchOptions,
			rehearsal: null,
		},
	);
	const created = need(await jobs.create(need(manifest), null));
	await mesh.acknowledge(created.id);
	return created.id;
}

async function* fileOf(lines: number): AsyncGenerator<Uint8Array> {
	const text = "The printer on the third floor prints every page twice since the update of last night. ".repeat(3);
	for (let line = 0; line < lines; line += 1) {
		const messages = [{ role: "user", content: `Ticket ${line}: ${text}` }];
		const body = { model: DEMO_MODEL_NAME, messages, max_tokens: 400, temperature: 0 };
		const request = { custom_id: `ticket-${line}`, method: "POST", url: "/v1/chat/completions", body };
		yield Buffer.from(`${JSON.stringify(request)}\n`);
	}
}

async function figuresOf(batchId: string): Promise<NodeFigures> {
	const batch = ledger.batch(batchId);
	const traffic = await mesh.traffic();
	const { user, system } = process.cpuUsage();
	return {
		status: batch?.status ?? null,
		done: batch === null ? 0 : batch.completed + batch.failed,
		failed: batch?.failed ?? 0,
		output: batch?.outputFileId ?? null,
		validatedMs: seen.get(`${batchId} in_progress`) ?? null,
		completedMs: seen.get(`${batchId} completed`) ?? null,
		...paced.figures(),
		traffic: traffic.ok ? traffic.value : null,
		operations: Object.values(ledger.exchange.lengths()).reduce((sum, length) => sum + length, 0),
		cpuMs: (user + system) / 1_000,
		latestMs: loopDelay.max / 1e6,
		atMs: clock.nowMs(),
	};
}

function say(answered: NodeAnswer): void {
	process.send?.(answered);
}

function need<Value>(result: Result<Value, unknown>): Value {
	if (!result.ok) throw new Error(JSON.stringify(result.error));
	return result.value;
}
