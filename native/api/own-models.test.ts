import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Hono } from "hono";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { err, ok, silentLog, systemClock } from "../base/base.ts";
import type { MeshView } from "../contract/contract.ts";
import {
	catalogueSchema,
	downloadListSchema,
	downloadSchema,
	type MachineModelList,
	machineModelListSchema,
} from "../contract/contract.ts";
import type { ResidentModel } from "../engine/residency.ts";
import { alwaysPermitted } from "../jobs/work-permit.ts";
import type { BatchRecord } from "../ledger/ledger.ts";
import { openLedger } from "../ledger/open.ts";
import { lineText, makeFile, manifestOf } from "../ledger/testing/fixtures.ts";
import { foreignModelLocations } from "../locations/foreign-models.ts";
import { locate } from "../locations/locations.ts";
import { sampleSnapshot } from "../machine/testing.ts";
import { createModelCopies } from "../mesh/share/model-copies.ts";
import { sampleAbout, sampleMember, sampleMeshView } from "../mesh/testing.ts";
import { readCatalogue } from "../models/catalogue.ts";
import { createDownloads } from "../models/downloads/create-downloads.ts";
import type { Downloads } from "../models/downloads/downloads.ts";
import { modelBytes, sha256, startHub, type TestHub } from "../models/downloads/testing.ts";
import { sampleGguf, sampleModel } from "../models/gguf-testing.ts";
import { createModelFacts } from "../models/model-facts.ts";
import { createModels, type Models } from "../models/models.ts";
import { createSettings, type Settings } from "../settings/settings.ts";
import type { ApiEnv } from "./answer-headers.ts";
import { apiLimits } from "./limits.ts";
import { createOwnModelRoutes, type OwnModelRoutesDeps } from "./own-models.ts";

const bytes = sampleGguf(sampleModel);
const speeds = new Map<string, number>();
let folder: string;
let settings: Settings;
let hub: TestHub;
let downloads: Downloads;
let models: Models;
let resident: ResidentModel[];
let openBatches: ReturnType<OwnModelRoutesDeps["ledger"]["openBatches"]>;
let app: Hono<ApiEnv>;

const modelsDir = () => join(folder, "models");

/** A model of another machine. */
const copied = { bytes: modelBytes(70_000, 9), digest: sha256(modelBytes(70_000, 9)) };
let meshView: MeshView;
const insisted: string[] = [];

beforeEach(async () => {
	meshView = sampleMeshView();
	insisted.length = 0;
	folder = mkdtempSync(join(tmpdir(), "nightshift-own-models-"));
	mkdirSync(modelsDir());
	settings = createSettings({ path: join(folder, "settings.json"), log: silentLog });
	hub = await startHub({ "new-Q4_K_M.gguf": bytes });
	resident = [];
	openBatches = [];
	models = createModels({
		modelsDir: modelsDir(),
		demoModelPath: locate(folder).demoModelPath,
		modelDigestsPath: join(folder, "digests.json"),
		names: () => settings.current.models,
		foreign: foreignModelLocations({}, folder, "darwin"),
		log: silentLog,
	});
	downloads = createDownloads({
		modelsDir: modelsDir(),
		modelDownloadsDir: join(modelsDir(), ".downloads"),
		hubAddress: hub.url,
		hubToken: null,
		machines: {
			async open(digest) {
				if (digest !== copied.digest) return err({ message: "No machine that is there right now has it." });
				const bytesOf = async function* () {
					yield copied.bytes;
				};
				return ok({ sizeBytes: copied.bytes.length, bytes: bytesOf(), end() {} });
			},
		},
		onDigest: models.rememberDigest,
		clock: systemClock,
		log: silentLog,
		limits: { leastFreeBytes: 0, tellMs: 0 },
	});
	await downloads.start();
	app = createOwnModelRoutes({
		models,
		modelFacts: createModelFacts(),
		downloads,
		modelCopies: createModelCopies({
			...{ models, downloads, settings, clock: systemClock, log: silentLog },
			ledger: { openBatches: () => [] },
			mesh: {
				get view() {
					return meshView;
				},
				insist: (digest) => void insisted.push(digest),
			},
			permit: () => alwaysPermitted,
			machine: { snapshot: sampleSnapshot() },
		}),
		catalogue: readCatalogue(locate(folder).modelCataloguePath),
		modelsDir: modelsDir(),
		machine: { snapshot: sampleSnapshot() },
		ledger: {
			modelSpeed(digest) {
				const tokensPerSecond = speeds.get(digest);
				return tokensPerSecond === undefined ? null : { tokensPerSecond, workedMs: 1 };
			},
			openBatches: () => openBatches,
		},
		residency: {
			get models() {
				return resident;
			},
		},
		settings,
		limits: apiLimits,
	});
});
afterEach(async () => {
	await downloads.stop();
	await hub[Symbol.asyncDispose]();
	settings.stop();
	rmSync(folder, { recursive: true });
});

function call(method: string, path: string, body?: object): Promise<Response> {
	const sent =
		body === undefined ? {} : { body: JSON.stringify(body), headers: { "content-type": "application/json" } };
	return Promise.resolve(app.request(path, { method, ...sent }));
}

async function list(): Promise<MachineModelList> {
	return machineModelListSchema.parse(await (await call("GET", "/api/models")).json());
}

function put(path: string, content: string | Uint8Array = bytes): string {
	const full = join(folder, path);
	mkdirSync(join(full, ".."), { recursive: true });
	writeFileSync(full, content);
	return full;
}

describe("the models of this machine", () => {
	test("are told with what their files say, whose they are, and whether they fit", async () => {
		put("models/mine.gguf");
		put(".lmstudio/models/p/r/theirs.gguf");
		const { data, folders, free_bytes } = await list();
		expect(data).toMatchObject([
			{
				name: "mine",
				place: "nightshift",
				quantization: "Q4_K_M",
				architecture: "qwen3",
				can_delete: true,
				problem: null,
			},
			{ name: "demo", place: "bundled", can_delete: false, roles: [] },
			{ name: "theirs", place: "lm-studio", can_delete: false, measured_tokens_per_second: null },
		]);
		expect(data[0]?.fit.words).toContain("needs about");
		expect(folders[0]).toEqual({ place: "nightshift", path: modelsDir(), exists: true });
		expect(free_bytes).toBeGreaterThan(0);
	});

	test("that can't be used say why", async () => {
		put("models/page.gguf", "<html>");
		put("models/split-00001-of-00002.gguf");
		const { data } = await list();
		expect(data).toMatchObject([
			{ name: "page", problem: expect.stringContaining("no GGUF file"), fit: { kind: "unknown" } },
			{ name: "split-00001-of-00002", problem: "Part 2 of 2 is missing: put it beside the others." },
			{ name: "demo" },
		]);
	});

	test("say what the owner chose them for, and how fast they were", async () => {
		put("models/mine.gguf");
		await settings.update({ models: { default: "mine.gguf", embedding: "mine", batch: "gone" } });
		expect((await list()).data[0]).toMatchObject({ roles: ["default", "embedding"], measured_tokens_per_second: null });
		const [mine] = models.list();
		if (mine === undefined) throw new Error("the model is listed");
		speeds.set(await models.digest(mine), 123.5);
		expect((await list()).data[0]).toMatchObject({ measured_tokens_per_second: 123.5 });
	});

	test("can be deleted, all parts of them, and nothing else", async () => {
		put("models/big-00001-of-00002.gguf");
		put("models/big-00002-of-00002.gguf");
		put("models/other.gguf");
		expect((await call("DELETE", "/api/models/big-00001-of-00002")).status).toBe(204);
		expect(readdirSync(modelsDir()).filter((name) => name.endsWith(".gguf"))).toEqual(["other.gguf"]);
		expect((await call("DELETE", "/api/models/big-00001-of-00002")).status).toBe(404);
	});

	test("of others, and paths, are never deleted", async () => {
		const theirs = put(".lmstudio/models/p/r/theirs.gguf");
		put("secret.gguf");
		for (const name of ["theirs", "demo"]) {
			const refused = await call("DELETE", `/api/models/${name}`);
			expect(refused.status).toBe(409);
			expect(await refused.json()).toMatchObject({ error: { code: "model_not_ours" } });
		}
		for (const name of ["..%2fsecret", encodeURIComponent(join(folder, "secret.gguf")), "..%2f..%2fsecret.gguf"]) {
			expect((await call("DELETE", `/api/models/${name}`)).status).toBe(404);
		}
		expect(existsSync(theirs) && existsSync(join(folder, "secret.gguf"))).toBe(true);
	});

	test("that are in memory, or that a batch needs, are not deleted", async () => {
		const path = put("models/mine.gguf");
		resident = [
			{
				source: { name: "mine", path },
				state: { kind: "loading", source: { name: "mine", path }, progress: 0 },
				processId: null,
				isLeaving: false,
				batchUsers: 0,
				interactiveUsers: 0,
			},
		];
		const refused = await call("DELETE", "/api/models/mine");
		expect(refused.status).toBe(409);
		expect(await refused.json()).toMatchObject({ error: { code: "model_in_use" } });
		resident = [];
		openBatches = [await openBatch(path)];
		const needed = await call("DELETE", "/api/models/mine");
		expect(await needed.json()).toMatchObject({ error: { message: expect.stringContaining("needs the model") } });
		expect(existsSync(path)).toBe(true);
	});
});

test("the catalogue is told with what fits, and with what is here already", async () => {
	put("models/Qwen3-8B-Q4_K_M.gguf");
	const { data } = catalogueSchema.parse(await (await call("GET", "/api/models/catalogue")).json());
	expect(data.find(({ title }) => title === "Qwen3 8B")).toMatchObject({ installed_as: "Qwen3-8B-Q4_K_M" });
});

describe("downloads over HTTP", () => {
	test("bring a model that can be used at once", async () => {
		const begun = await call("POST", "/api/models/downloads", { reference: "hf:owner/model" });
		expect(begun.status).toBe(200);
		const { id, name } = downloadSchema.parse(await begun.json());
		expect(name).toBe("new-Q4_K_M");
		const listed = async () => downloadListSchema.parse(await (await call("GET", "/api/models/downloads")).json()).data;
		await expect.poll(async () => (await listed()).map(({ state }) => state)).toEqual(["done"]);
		expect((await list()).data[0]).toMatchObject({ name: "new-Q4_K_M", problem: null });
		expect(models.knownDigest(models.list()[0] ?? raise())).toMatch(/^[0-9a-f]{64}$/);
		expect((await call("POST", `/api/models/downloads/${id}/pause`)).status).toBe(409);
		expect((await call("DELETE", `/api/models/downloads/${id}`)).status).toBe(200);
		expect(await listed()).toEqual([]);
	});

	test("are paused, resumed and removed", async () => {
		hub.manners.stallAfterBytes = 10;
		const begun = await call("POST", "/api/models/downloads", { reference: "hf:owner/model" });
		const { id } = downloadSchema.parse(await begun.json());
		const act = async (method: string, what: string) => {
			const answered = await call(method, `/api/models/downloads/${id}${what}`);
			return downloadSchema.parse(await answered.json()).state;
		};
		expect(await act("POST", "/pause")).toBe("paused");
		expect(await act("POST", "/resume")).toBe("running");
		expect(await act("DELETE", "")).toBe("running");
		expect((await call("POST", `/api/models/downloads/${id}/resume`)).status).toBe(404);
	});

	test.each([
		[{}, 400, "missing_required_parameter"],
		[{ reference: "qwen" }, 400, "invalid_reference"],
		[{ reference: "hf:owner/nothing" }, 400, "invalid_reference"],
		[{ reference: "hf:owner/model:Q2_K" }, 400, "invalid_reference"],
		[{ reference: "http://169.254.169.254/x.gguf" }, 400, "invalid_reference"],
	])("are refused for %j", async (body, status, code) => {
		const refused = await call("POST", "/api/models/downloads", body);
		expect(refused.status).toBe(status);
		expect(await refused.json()).toMatchObject({ error: { code } });
	});

	test("of a model that is here, or of one with a licence to accept, say so", async () => {
		put("models/new-Q4_K_M.gguf");
		expect((await call("POST", "/api/models/downloads", { reference: "hf:owner/model" })).status).toBe(409);
		hub.manners.listing = { status: 401, headers: { "x-error-code": "GatedRepo" }, body: "" };
		const gated = await call("POST", "/api/models/downloads", { reference: "hf:owner/model" });
		expect(await gated.json()).toMatchObject({ error: { code: "model_gated" } });
	});
});

/** An open batch that the model at a path answers, out of a real ledger. */
async function openBatch(path: string): Promise<BatchRecord> {
	const opened = await openLedger({ dataDir: join(folder, "ledger"), clock: systemClock, log: silentLog });
	if (!opened.ok) throw new Error(opened.error.message);
	const file = await makeFile(opened.value, lineText(0));
	const { batch } = await opened.value.createBatch({ ...manifestOf(file.id), modelOverride: path }, null);
	expect(opened.value.openBatches().map(({ id }) => id)).toEqual([batch.id]);
	await opened.value.close();
	return batch;
}

function raise(): never {
	throw new Error("the model is listed");
}

describe("a model of another machine", () => {
	const told = (name: string, digest: string) =>
		sampleMember("rack", { about: { ...sampleAbout, models: [{ name, digest }] } });

	test("is copied by its digest once the owner lets models be copied, and listed among the downloads", async () => {
		meshView = sampleMeshView({ machines: [told("tiny", copied.digest)] });
		const refused = await call("POST", "/api/models/fetch", { digest: copied.digest });
		expect(refused.status).toBe(503);
		expect(await refused.text()).toContain("Copying models between machines is switched off here.");
		await settings.update({ mesh: { isOn: true, shareModels: true } });
		const asked = await call("POST", "/api/models/fetch", { digest: copied.digest });
		expect(await asked.json()).toMatchObject({ name: "tiny", total_bytes: copied.bytes.length });
		expect(insisted).toEqual([copied.digest]);
		await expect.poll(() => downloads.list().map(({ state }) => state)).toEqual(["done"]);
		expect((await list()).data.map(({ name }) => name)).toContain("tiny");
		const again = await call("POST", "/api/models/fetch", { digest: copied.digest });
		expect(again.status).toBe(409);
		expect(await again.text()).toContain("This model is here already, as tiny.");
	});

	test("is refused where nobody told of it, or where it has a name that no file may have", async () => {
		await settings.update({ mesh: { isOn: true, shareModels: true } });
		expect((await call("POST", "/api/models/fetch", { digest: copied.digest })).status).toBe(400);
		expect((await call("POST", "/api/models/fetch", { digest: "../x" })).status).toBe(400);
		meshView = sampleMeshView({ machines: [told("../../tiny", copied.digest)] });
		const named = await call("POST", "/api/models/fetch", { digest: copied.digest });
		expect(named.status).toBe(400);
		expect(await named.text()).toContain("a name that no file can have here");
		meshView = sampleMeshView({ machines: [told("gone", "e".repeat(64))] });
		expect((await call("POST", "/api/models/fetch", { digest: "e".repeat(64) })).status).toBe(503);
	});
});
