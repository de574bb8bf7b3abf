import { describe, expect, it } from "vitest";
import { describeExit } from "./child.ts";

describe("the end of an inference process", () => {
	it("is its own fault after a fault signal or an exit code, and another's after any other signal", () => {
		const cause = (code: number | null, signal: string | null) => describeExit(code, signal, "").cause;
		expect(["SIGSEGV", "SIGABRT", "SIGBUS", "SIGILL", "SIGFPE"].map((signal) => cause(null, signal))).toEqual(
			Array(5).fill("crashed"),
		);
		expect([cause(null, "SIGKILL"), cause(null, "SIGTERM")]).toEqual(["killed", "killed"]);
		expect([cause(70, null), cause(0, null)]).toEqual(["crashed", "crashed"]);
	});

	it("comes with its last words", () => {
		expect(describeExit(null, "SIGABRT", "GGML_ASSERT failed\n").detail).toContain("GGML_ASSERT failed");
	});
});
