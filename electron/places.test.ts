import { existsSync } from "node:fs";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { placesIn, userDataIn } from "./places.ts";

const repositoryDir = fileURLToPath(new URL("..", import.meta.url));

test("in a clone everything that is not compiled is where it is said to be", () => {
	const { downPage, assetsDir, icon, exampleBatch } = placesIn(repositoryDir);
	for (const path of [downPage, assetsDir, icon, exampleBatch]) expect(existsSync(path), path).toBe(true);
});

test("of a package, what others than Electron read lies beside the archive, and the rest in it", () => {
	const resources = resolve("/opt/Nightshift/resources");
	const { serviceEntry, exampleBatch, preload, downPage, icon } = placesIn(join(resources, "app.asar"));
	const beside = join(resources, "app.asar.unpacked");
	expect(serviceEntry).toBe(join(beside, "dist", "native", "main.js"));
	expect(exampleBatch.startsWith(beside)).toBe(true);
	for (const path of [preload, downPage, icon]) expect(path.startsWith(join(resources, "app.asar", "/"))).toBe(true);
});

test("a folder on the way that is only called so is no archive", () => {
	expect(placesIn("/home/app.asar.d/night").serviceEntry).toBe(
		join("/home/app.asar.d/night", "dist", "native", "main.js"),
	);
});

test("an instance with a data folder of its own has its shell's things in it", () => {
	expect(userDataIn({ NIGHTSHIFT_HOME: "/data/night" })).toBe(join(resolve("/data/night"), "shell"));
	expect(userDataIn({ NIGHTSHIFT_HOME: "night" })).toBe(resolve("night", "shell"));
	expect(userDataIn({ NIGHTSHIFT_HOME: "" })).toBeNull();
	expect(userDataIn({})).toBeNull();
});
