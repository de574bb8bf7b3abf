import { createHash } from "node:crypto";
import { mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { type Log, silentLog } from "../base/base.ts";
import { createModels } from "./models.ts";

let folder: string;
const models = (log: Log = silentLog) =>
	createModels({
		modelsDir: join(folder, "models"),
		demoModelPath: join(folder, "bundled.gguf"),
		modelDigestsPath: join(folder, "digests.json"),
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

test("a name out of a file is never taken for a path", () => {
	expect(models().named("demo")).toMatchObject({ name: "demo" });
	expect(models().named(join(folder, "bundled.gguf"))).toBeNull();
});

test("an unknown name is answered with the known ones and the folder to use", () => {
	const found = models().find("gpt-4o");
	expect(found).toMatchObject({ ok: false, error: { kind: "model-not-found" } });
	expect(JSON.stringify(found)).toContain("Known here: demo");
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
