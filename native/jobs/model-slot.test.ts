import { expect, test } from "vitest";
import { err, ok } from "../base/base.ts";
import type { Engine, LoadedModel, LoadFailure, LoadOptions, ModelSource } from "../engine/engine.ts";
import { createModelSlot } from "./model-slot.ts";

const options: LoadOptions = { lanes: 1, contextTokens: null, gpuLayers: null, threads: null, interactiveLanes: 0 };
const source = (name: string): ModelSource => ({ path: `/${name}.gguf`, name });

/** Records what is loaded; a model called "broken" can't be; the process dies `deaths` times before it loads anything. */
function loading(deaths = 0) {
	const loads: string[] = [];
	const load: Engine["load"] = async (wanted) => {
		loads.push(wanted.name);
		if (loads.length <= deaths) return err({ kind: "process-died", message: "killed" });
		const failure: LoadFailure = { kind: "not-a-model", message: "broken" };
		return wanted.name === "broken" ? err(failure) : ok(loadedModel(wanted));
	};
	return { slot: createModelSlot({ load }, options), loads };
}

function loadedModel(wanted: ModelSource): LoadedModel {
	return {
		source: wanted,
		architecture: "llama",
		sizeBytes: 1,
		lanes: 1,
		contextTokens: 1_024,
		trainedContextTokens: 1_024,
		gpu: "none",
		gpuLayers: 0,
		totalLayers: 1,
		threads: 1,
		vocabularySize: 10,
		templateOverheadTokens: 10,
		engineVersion: "test",
		notes: [],
	};
}

async function hold(slot: ReturnType<typeof createModelSlot>, name: string) {
	const held = await slot.acquire(source(name));
	if (!held.ok) throw new Error(held.error.message);
	return held.value;
}

test("users of one model share it", async () => {
	const { slot } = loading();
	const first = await hold(slot, "a");
	const second = await hold(slot, "a");
	expect(first.loaded.source).toEqual(second.loaded.source);
});

test("a user of another model waits until the last user is done", async () => {
	const { slot, loads } = loading();
	const first = await hold(slot, "a");
	const second = await hold(slot, "a");
	const other = hold(slot, "b");
	first.release();
	await new Promise(setImmediate);
	expect(loads).toEqual(["a", "a"]);
	second.release();
	expect((await other).loaded.source.name).toBe("b");
});

test("who waits for another model is not overtaken for ever by users of the loaded one", async () => {
	const { slot, loads } = loading();
	const first = await hold(slot, "a");
	const other = hold(slot, "b");
	const latecomer = hold(slot, "a");
	first.release();
	(await other).release();
	await latecomer;
	expect(loads).toEqual(["a", "b", "a"]);
});

test("asking without waiting is refused while another model is in use", async () => {
	const { slot } = loading();
	const first = await hold(slot, "a");
	expect(slot.tryAcquire(source("b"))).toBeNull();
	expect(slot.tryAcquire(source("a"))).not.toBeNull();
	first.release();
});

test("a model that can't be loaded is told and leaves the slot free; releasing twice counts once", async () => {
	const { slot } = loading();
	expect(await slot.acquire(source("broken"))).toMatchObject({ ok: false });
	const first = await hold(slot, "a");
	const second = await hold(slot, "a");
	first.release();
	first.release();
	expect(slot.tryAcquire(source("b"))).toBeNull();
	second.release();
	expect(slot.tryAcquire(source("b"))).not.toBeNull();
});

test("a process killed while it loads is no fault of the model, but one that always dies is given up", async () => {
	const unlucky = loading(3);
	expect(await unlucky.slot.acquire(source("a"))).toMatchObject({ ok: true });
	expect(unlucky.loads).toHaveLength(4);
	expect(await loading(100).slot.acquire(source("a"))).toMatchObject({ ok: false, error: { kind: "process-died" } });
});
