import { describe, expect, it } from "vitest";
import type { EngineState, LoadFailure } from "./engine.ts";
import { afterDeath, afterLoadFailure, restartWaitMs } from "./restart.ts";

const source = { path: "/models/small.gguf", name: "small" };
const exit = { cause: "crashed", detail: "It ended by SIGSEGV." } as const;
const loading: EngineState = { kind: "loading", source, progress: 0.5 };
const restarting: EngineState = { kind: "restarting", source, attempt: 3 };
const noMemory: LoadFailure = { kind: "out-of-memory", message: "No room." };

describe("an engine in trouble", () => {
	it("starts again at once, then with growing patience up to a limit", () => {
		expect([1, 2, 3, 4, 5, 6, 7, 100].map(restartWaitMs)).toEqual([
			0, 1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000,
		]);
	});

	it("counts the tries of one series", () => {
		expect(afterDeath(restarting, source, exit)).toEqual({ kind: "restarting", source, attempt: 4 });
		expect(afterLoadFailure(restarting, source, noMemory, 100)).toEqual({
			kind: "restarting",
			source,
			attempt: 4,
			outOfMemory: { message: "No room.", nextTryMs: 4_100 },
		});
	});

	it("gives up on a model that never came up, and on a file that went bad", () => {
		const died = afterDeath(loading, source, exit);
		expect(died).toMatchObject({ kind: "failed", failure: { kind: "process-died" } });
		expect(died.kind === "failed" && died.failure.message).toContain("small (/models/small.gguf)");
		expect(afterLoadFailure(loading, source, noMemory, 0)).toEqual({ kind: "failed", failure: noMemory });
		const gone: LoadFailure = { kind: "not-found", message: "No such file." };
		expect(afterLoadFailure(restarting, source, gone, 0)).toEqual({ kind: "failed", failure: gone });
	});
});
