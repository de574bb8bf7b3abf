import { expect, test } from "vitest";
import type { Models } from "../models/models.ts";
import { openShelf } from "./file-testing.ts";
import { createNameResolver, namesAnsweredBy } from "./model-names.ts";
import { sampleBatch } from "./testing.ts";

test("a name leads to a model's own name, by what is here, the owner's map and the default", () => {
	using shelf = openShelf(["local", "small"], { map: { "gpt-4o": "local", gone: "missing" }, default: "small" });
	const resolve = createNameResolver(shelf.models, "batch");
	expect(["local", "local.gguf", "gpt-4o", "gone", "anything", null].map(resolve)).toEqual([
		"local",
		"local",
		"local",
		null,
		"small",
		"small",
	]);
});

test("the disk is looked at once for a name, however often it comes, and what is kept is bounded", () => {
	using shelf = openShelf(["local"]);
	let looks = 0;
	const models: Pick<Models, "list" | "resolve"> = {
		list: shelf.models.list,
		resolve(name) {
			looks += 1;
			return shelf.models.resolve(name);
		},
	};
	const resolve = createNameResolver(models, "batch");
	for (let times = 0; times < 5_000; times += 1) {
		expect(resolve("local")).toBe("local");
		expect(resolve("other")).toBeNull();
		expect(resolve(null)).toBeNull();
	}
	expect(looks).toBe(2);
	for (let name = 0; name < 1_500; name += 1) resolve(`name-${name}`);
	expect(resolve("other")).toBeNull();
	expect(looks).toBe(1_503);
});

test("on its maker's machine a model answers for the names that lead to it, on others for all that are no other model's", async () => {
	using shelf = openShelf(["local", "small"], { map: { "gpt-4o": "small" } });
	const { models } = shelf;
	for (const model of models.list()) await models.digest(model);
	const small = models.named("small");
	if (small === null) throw new Error("There is a model called small.");
	const identity = { name: "its maker's name", digest: await models.digest(small) };
	const plain = sampleBatch("x");
	const batch = { ...plain, manifest: { ...plain.manifest, badLines: "fail-line" as const } };
	const answersOf = (isOwn: boolean, name: string) =>
		namesAnsweredBy({ ...identity, name }, batch, { models, sharing: { isOwn: () => isOwn } });
	const names = ["small", "gpt-4o", "its maker's name", "unheard of", "local"];
	expect(names.map(answersOf(true, "small"))).toEqual([true, true, false, false, false]);
	expect(names.map(answersOf(false, identity.name))).toEqual([true, true, true, true, false]);
});
