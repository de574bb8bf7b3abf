import { afterEach, expect, test } from "vitest";
import { err, ok, silentLog, systemClock } from "../base/base.ts";
import { createResidency } from "../engine/create-residency.ts";
import type { Engine, EngineFailure, LoadedModel } from "../engine/engine.ts";
import type { Residency } from "../engine/residency.ts";
import { chat, TEST_LOAD } from "../engine/testing.ts";
import type { ModelFile, Models } from "../models/models.ts";
import { createLive } from "./create-live.ts";
import { type LiveLimits, liveLimits } from "./limits.ts";
import type { Live, LiveTurn } from "./live.ts";
import { aborted, createScriptedEngine, sampleAnswer, sampleLoaded } from "./testing.ts";

const model: ModelFile = {
	name: "demo",
	path: "/models/demo.gguf",
	place: "nightshift",
	sizeBytes: 1_000_000,
	createdAtMs: 0,
};
const died: EngineFailure = { kind: "process-died", cause: "crashed", started: true, detail: "signal SIGSEGV" };
const never = new AbortController().signal;

const residencies: Residency[] = [];
afterEach(async () => {
	for (const residency of residencies.splice(0)) await residency.stop();
});

/** Knows the one model by its name, and what a test makes the owner choose. */
const nameless: Pick<Models, "resolve" | "explainMissing"> = {
	resolve: (name) => (name === model.name ? model : null),
	explainMissing: (name) => ({ kind: "model-not-found", message: `Nothing answers for ${name}.` }),
};

interface Options {
	readonly models?: typeof nameless;
	readonly modelOverride?: ModelFile;
	readonly limits?: Partial<LiveLimits>;
}

function build(engine: Engine, { models, modelOverride, limits }: Options = {}): { live: Live; residency: Residency } {
	const residency = createResidency({
		createEngine: () => engine,
		load: TEST_LOAD,
		mostModels: 1,
		settleFor: () => "wait",
		clock: systemClock,
		log: silentLog,
	});
	residencies.push(residency);
	const live = createLive({
		residency,
		models: models ?? nameless,
		modelOverride: modelOverride ?? null,
		log: silentLog,
		limits: { ...liveLimits, ...limits },
	});
	return { live, residency };
}

const answering = () => createScriptedEngine(async () => ok(sampleAnswer("bug")));

async function begin(live: Live, signal: AbortSignal = never): Promise<LiveTurn> {
	const begun = await live.begin("demo", "chat", signal);
	if (!begun.ok) throw new Error(JSON.stringify(begun.error));
	return begun.value;
}

test("a name no model answers for is answered with the reason", async () => {
	const { live } = build(answering());
	expect(live.defaultModel("chat")).toBeNull();
	const message = "Nothing answers for gpt-9.";
	expect(await live.begin("gpt-9", "chat", never)).toEqual(err({ kind: "model-not-found", message }));
	expect(live.status).toEqual({ running: 0, waiting: 0, limit: 64 });
});

test("a model chosen for everything answers every name, and those who name none", async () => {
	const { live } = build(answering(), { modelOverride: { ...model, name: "chosen" } });
	expect(live.defaultModel("chat")).toBe("chosen");
	const begun = await live.begin("gpt-9", "chat", never);
	expect(begun.ok && begun.value.model.name).toBe("chosen");
});

test("a model the owner chose answers for a name, and the reply gives its own", async () => {
	let chosen: ModelFile | null = null;
	const { live } = build(answering(), { models: { ...nameless, resolve: () => chosen } });
	expect(live.defaultModel("chat")).toBeNull();
	chosen = model;
	expect(live.defaultModel("chat"), "a choice counts at once").toBe("demo");
	const begun = await live.begin("gpt-9", "chat", never);
	expect(begun.ok && begun.value.model.name).toBe("demo");
	expect(begun.ok && begun.value.loaded.source).toMatchObject({ name: "demo", path: model.path });
});

test("the fingerprint tells the engine and the model file, and nothing else", async () => {
	const of = async (loaded: LoadedModel) => {
		const { live } = build(
			createScriptedEngine(
				async () => ok(sampleAnswer("")),
				async () => ok(loaded),
			),
		);
		return (await begin(live)).model.fingerprint;
	};
	const first = await of(sampleLoaded);
	expect(first).toMatch(/^fp_[0-9a-f]{12}$/);
	expect(await of({ ...sampleLoaded, lanes: 1, threads: 9 })).toBe(first);
	expect(await of({ ...sampleLoaded, sizeBytes: 2 })).not.toBe(first);
	expect(await of({ ...sampleLoaded, engineVersion: "newer" })).not.toBe(first);
});

test("as many as may are let in, the next is sent away, and an end makes room", async () => {
	const { live, residency } = build(answering(), { limits: { requests: 2 } });
	const turns = [await begin(live), await begin(live)];
	expect(live.status).toEqual({ running: 2, waiting: 0, limit: 2 });
	expect(await live.begin("demo", "chat", never)).toMatchObject({
		error: { kind: "queue-full", retryAfterSeconds: 2 },
	});
	turns[0]?.end();
	turns[0]?.end();
	expect(live.status.running).toBe(1);
	const third = await begin(live);
	third.end();
	turns[1]?.end();
	expect(live.status.running).toBe(0);
	expect(residency.models).toMatchObject([{ interactiveUsers: 0 }]);
});

test("who waits too long for a model is told to come again, and finds it loaded", async () => {
	const loading = Promise.withResolvers<LoadedModel>();
	let loads = 0;
	const engine = createScriptedEngine(
		async () => ok(sampleAnswer("")),
		async () => {
			loads++;
			return ok(await loading.promise);
		},
	);
	const { live, residency } = build(engine, { limits: { loadWaitMs: 5 } });
	const waiting = [live.begin("demo", "chat", never), live.begin("demo", "chat", never)];
	expect(live.status).toMatchObject({ running: 0, waiting: 2 });
	for (const begun of waiting)
		expect(await begun).toMatchObject({ error: { kind: "still-loading", retryAfterSeconds: 5 } });
	expect(live.status).toMatchObject({ running: 0, waiting: 0 });
	// One wait is kept for both, so that the load is nobody's to end.
	expect(residency.models).toMatchObject([{ interactiveUsers: 1 }]);
	loading.resolve(sampleLoaded);
	const turn = await begin(live);
	expect(loads).toBe(1);
	turn.end();
	expect(residency.models).toMatchObject([{ interactiveUsers: 0 }]);
});

test("a client that goes while the model loads waits no longer", async () => {
	const loading = Promise.withResolvers<LoadedModel>();
	const engine = createScriptedEngine(
		async () => ok(sampleAnswer("")),
		async () => ok(await loading.promise),
	);
	const { live, residency } = build(engine);
	const client = new AbortController();
	const begun = live.begin("demo", "chat", client.signal);
	client.abort();
	expect(await begun).toEqual(err({ kind: "aborted" }));
	expect(live.status.waiting).toBe(0);
	loading.resolve(sampleLoaded);
	(await begin(live)).end();
	expect(residency.models).toMatchObject([{ interactiveUsers: 0 }]);
	expect(await live.begin("demo", "chat", client.signal)).toEqual(err({ kind: "aborted" }));
});

test("a model that does not load is told with its reason", async () => {
	const failure = { kind: "not-a-model", message: "demo.gguf is not a GGUF file" } as const;
	const { live } = build(
		createScriptedEngine(
			async () => ok(sampleAnswer("")),
			async () => err(failure),
		),
	);
	expect(await live.begin("demo", "chat", never)).toEqual(err({ kind: "load-failed", failure }));
	expect(live.status).toMatchObject({ running: 0, waiting: 0 });
});

test("all parts run together, and results come in the order asked", async () => {
	const second = Promise.withResolvers<void>();
	const engine = createScriptedEngine(async (request) => {
		const isFirst = request.kind === "generate" && request.maxTokens === 1;
		if (isFirst) await second.promise;
		else second.resolve();
		return ok(sampleAnswer(isFirst ? "first" : "second"));
	});
	const turn = await begin(build(engine).live);
	const ran = await turn.run([chat("a", { maxTokens: 1 }), chat("b", { maxTokens: 2 })]);
	expect(ran).toMatchObject({ value: { results: [sampleAnswer("first"), sampleAnswer("second")] } });
});

test("the first failure is that of all, and ends the others", async () => {
	const failure: EngineFailure = { kind: "context-exceeded", promptTokens: 900, contextTokens: 512 };
	const engine = createScriptedEngine(async (request, { signal }) =>
		request.kind === "generate" && request.maxTokens === 1 ? aborted(signal) : err(failure),
	);
	const turn = await begin(build(engine).live);
	expect(await turn.run([chat("a", { maxTokens: 1 }), chat("b", { maxTokens: 2 })])).toEqual(err(failure));
});

test("a client that goes ends the run", async () => {
	const client = new AbortController();
	const engine = createScriptedEngine(async (_request, { signal, priority }) => {
		expect(priority).toBe("interactive");
		client.abort();
		return aborted(signal);
	});
	const turn = await begin(build(engine).live, client.signal);
	expect(await turn.run([chat("a")])).toEqual(err({ kind: "aborted" }));
});

test("a crash before anything was said is made good without a word", async () => {
	let runs = 0;
	const starts: number[] = [];
	const engine = createScriptedEngine(async (_request, { onStart }) => {
		runs++;
		onStart?.({ promptTokens: runs, cachedTokens: 0 });
		return runs === 1 ? err(died) : ok(sampleAnswer("bug"));
	});
	const turn = await begin(build(engine).live);
	const ran = await turn.run([chat("a")], { onStart: ({ promptTokens }) => starts.push(promptTokens), onDelta() {} });
	expect(ran).toMatchObject({ ok: true });
	expect(starts).toEqual([1]);
});

test("a crash after the first piece is told, and so is a second one", async () => {
	let runs = 0;
	const speaking = createScriptedEngine(async (_request, { onDelta }) => {
		runs++;
		onDelta?.({ choice: 0, text: "b" });
		return err(died);
	});
	const heard: string[] = [];
	const turn = await begin(build(speaking).live);
	expect(await turn.run([chat("a")], { onDelta: (_request, { text }) => heard.push(text ?? "") })).toEqual(err(died));
	expect([runs, heard]).toEqual([1, ["b"]]);
	// Who asked for the whole answer has heard nothing yet.
	expect(await turn.run([chat("a")])).toEqual(err(died));
	expect(runs).toBe(3);
});

test("prompts are counted one by one", async () => {
	const turn = await begin(build(answering()).live);
	expect(await turn.count([chat("a"), chat("b")])).toEqual(ok([7, 7]));
});
