import { createHash } from "node:crypto";
import { mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { type Log, silentLog } from "../base/base.ts";
import { createModels, type ModelNames, noModelNames } from "./models.ts";

let folder: string;
const models = (log: Log = silentLog, names: () => ModelNames = () => noModelNames) =>
	createModels({
		modelsDir: join(folder, "models"),
		demoModelPath: join(folder, "bundled.gguf"),
		modelDigestsPath: join(folder, "digests.json"),
		names,
		log,
	});

beforeEach(() => {
	folder = mkdtempSync(join(tmpdir(), "nightshift-models-"));
	writeFileSync(join(folder, "bundled.gguf"), "GGUF bundled");
});
afterEach(() => rmSync(folder, { recursive: true }));

test("the bundled model is the only one on a fresh machine", () => {
	expect(models().list()).toMatchObject([{ name: "demo", sizeBytes: 12 }]);
});

test("files put into the models folder are found by name, with or without their ending", () => {
	mkdirSync(join(folder, "models"));
	writeFileSync(join(folder, "models", "qwen.gguf"), "GGUF");
	writeFileSync(join(folder, "models", "notes.txt"), "not a model");
	expect(
		models()
			.list()
			.map((model) => model.name),
	).toEqual(["qwen", "demo"]);
	expect(models().find("qwen")).toMatchObject({ ok: true, value: { path: join(folder, "models", "qwen.gguf") } });
	expect(models().find("qwen.gguf")).toMatchObject({ ok: true });
});

test("of a split model only the first part is offered", () => {
	mkdirSync(join(folder, "models"));
	for (const part of ["00001", "00002"]) writeFileSync(join(folder, "models", `big-${part}-of-00002.gguf`), "GGUF");
	expect(
		models()
			.list()
			.map((model) => model.name),
	).toEqual(["big-00001-of-00002", "demo"]);
});

test("a path is taken as it is", () => {
	writeFileSync(join(folder, "elsewhere.gguf"), "GGUF");
	expect(models().find(join(folder, "elsewhere.gguf"))).toMatchObject({ ok: true, value: { name: "elsewhere" } });
});

test("the path of a listed model leads to it under its name", () => {
	expect(models().find(join(folder, "bundled.gguf"))).toMatchObject({ ok: true, value: { name: "demo" } });
});

test("a name out of a file is never taken for a path", () => {
	expect(models().named("demo")).toMatchObject({ name: "demo" });
	expect(models().named(join(folder, "bundled.gguf"))).toBeNull();
});

test("an unknown name is answered with the known ones and the folder to use", () => {
	const found = models().find("gpt-4o");
	expect(found).toMatchObject({ ok: false, error: { kind: "model-not-found" } });
	expect(JSON.stringify(found)).toContain("Known here: demo");
});

describe("the model that answers for a name", () => {
	const resolve = (name: string | null, names: Partial<ModelNames> = {}) =>
		models(silentLog, () => ({ ...noModelNames, ...names })).resolve(name)?.name ?? null;
	const explain = (name: string | null, names: Partial<ModelNames> = {}) =>
		models(silentLog, () => ({ ...noModelNames, ...names })).explainMissing(name).message;

	beforeEach(() => {
		mkdirSync(join(folder, "models"));
		writeFileSync(join(folder, "models", "qwen.gguf"), "GGUF");
	});

	test("is the one that has it, whatever the owner chose for others", () => {
		const names = { map: { qwen: "demo" }, default: "demo" };
		expect(resolve("qwen", names)).toBe("qwen");
		expect(resolve("qwen.gguf", names)).toBe("qwen");
	});

	test("is the one the map names for it, with or without its ending, before the default", () => {
		const names = { map: { "gpt-4o-mini": "qwen.gguf", "gpt-4o": "qwen" }, default: "demo" };
		expect(resolve("gpt-4o-mini", names)).toBe("qwen");
		expect(resolve("gpt-4o", names)).toBe("qwen");
	});

	test("that somebody chose is a model here or in the map, and never the default", () => {
		const choose = (name: string, chosen: Partial<ModelNames>) =>
			models(silentLog, () => ({ ...noModelNames, ...chosen })).choose(name);
		expect(choose("qwen", { default: "demo" })).toMatchObject({ ok: true, value: { name: "qwen" } });
		expect(choose("gpt-4o", { map: { "gpt-4o": "qwen" } })).toMatchObject({ ok: true, value: { name: "qwen" } });
		expect(choose("qwne", { default: "demo" })).toMatchObject({
			ok: false,
			error: { message: "There is no model 'qwne'. There are: qwen, demo. Name one of them." },
		});
		expect(choose("gpt-4o", { map: { "gpt-4o": "gone" } })).toMatchObject({
			ok: false,
			error: { message: expect.stringContaining("lets 'gone' answer for 'gpt-4o'") },
		});
	});

	test("is the default for names nobody knows, and for none", () => {
		expect(resolve("gpt-4o", { default: "qwen" })).toBe("qwen");
		expect(resolve(null, { default: "qwen" })).toBe("qwen");
		expect(resolve("gpt-4o")).toBeNull();
		expect(resolve(null)).toBeNull();
	});

	test("is the default of its use before the common one, and the reason names that setting", () => {
		writeFileSync(join(folder, "models", "vectors.gguf"), "GGUF");
		const names = { default: "demo", batch: "qwen", embedding: "vectors", chat: null };
		const finder = models(silentLog, () => ({ ...noModelNames, ...names }));
		const answering = (use?: "chat" | "batch" | "embedding") => finder.resolve(null, use)?.name;
		expect([answering(), answering("chat"), answering("batch"), answering("embedding")]).toEqual([
			"demo",
			"demo",
			"qwen",
			"vectors",
		]);
		expect(finder.resolve("vectors", "batch"), "a name that is here wins").toMatchObject({ name: "vectors" });
		const gone = models(silentLog, () => ({ ...noModelNames, batch: "mistral" }));
		expect(gone.explainMissing(null, "batch").message).toContain("'mistral', the setting models.batch, is not here");
	});

	test("is none where the map or the default points to a model that is not here, and the reason says so", () => {
		const gone = { map: { "gpt-4o": "mistral" }, default: "demo" };
		expect(resolve("gpt-4o", gone), "the map's word is not passed over").toBeNull();
		expect(explain("gpt-4o", gone)).toBe(
			"The setting models.map lets 'mistral' answer for 'gpt-4o', but there is no such model. There are: qwen, demo. Change the map, or put that model into the models folder.",
		);
		expect(resolve(null, { default: "mistral" })).toBeNull();
		expect(explain(null, { default: "mistral" })).toContain("'mistral', the setting models.default, is not here");
		expect(explain("gpt-4o", { default: "mistral" })).toMatch(/^There is no model 'gpt-4o', and 'mistral'/);
	});

	test("is told to be missing with the settings that would help", () => {
		expect(explain("gpt-4o")).toBe(
			"There is no model 'gpt-4o'. There are: qwen, demo. Name one of them, or let one answer for this name with the setting models.map, or for all other names with models.default.",
		);
		expect(explain(null)).toBe(
			"The request names no model. There are: qwen, demo. Name one of them, or let one answer for all other names with models.default.",
		);
		expect(explain("x".repeat(10_000)).length).toBeLessThan(600);
		rmSync(join(folder, "models"), { recursive: true });
		rmSync(join(folder, "bundled.gguf"));
		expect(explain("gpt-4o")).toContain("There are none on this machine. Put a GGUF file into the models folder.");
	});

	test("is never found by a path, nor by a name an object has by nature", () => {
		const path = join(folder, "bundled.gguf");
		expect(resolve(path)).toBeNull();
		expect(resolve("gpt-4o", { map: { "gpt-4o": path } })).toBeNull();
		expect(resolve(null, { default: path })).toBeNull();
		for (const name of ["constructor", "__proto__", "toString", "", ".gguf"]) expect(resolve(name)).toBeNull();
	});

	test("follows a change of the settings at once", () => {
		let names: ModelNames = noModelNames;
		const finder = models(silentLog, () => names);
		expect(finder.resolve("gpt-4o")).toBeNull();
		names = { map: { "gpt-4o": "qwen" }, default: null };
		expect(finder.resolve("gpt-4o")).toMatchObject({ name: "qwen", path: join(folder, "models", "qwen.gguf") });
	});
});

test("a digest is the file's SHA-256, is remembered across restarts, and follows a change of the file", async () => {
	const [demo] = models().list();
	if (!demo) throw new Error("the bundled model is listed");
	expect(await models().digest(demo)).toBe(createHash("sha256").update("GGUF bundled").digest("hex"));
	writeFileSync(demo.path, "GGUF changed");
	utimesSync(demo.path, 1, 1);
	expect(await models().digest(demo)).toBe(createHash("sha256").update("GGUF changed").digest("hex"));
	writeFileSync(demo.path, "GGUF swapped");
	utimesSync(demo.path, 1, 1);
	expect(await models().digest(demo), "same size and time: the remembered one").toBe(
		createHash("sha256").update("GGUF changed").digest("hex"),
	);
});

test("a damaged digest file is said in the log and costs only hashing again", async () => {
	writeFileSync(join(folder, "digests.json"), "{ nonsense");
	const warnings: string[] = [];
	const finder = models({ ...silentLog, warn: (_fields, message) => warnings.push(message) });
	const [demo] = finder.list();
	if (!demo) throw new Error("the bundled model is listed");
	expect(await finder.digest(demo)).toHaveLength(64);
	expect(warnings).toHaveLength(1);
});
