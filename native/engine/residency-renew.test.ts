import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { createFakeMachine, hold, quiet } from "./residency-testing.ts";

beforeEach(() => {
	vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
});
afterEach(() => {
	vi.useRealTimers();
});

describe("when models are to be loaded in another way", () => {
	test("those nobody uses leave at once, the others with their last user, and the next use loads anew", async () => {
		const machine = createFakeMachine({ mostModels: 2 });
		const idle = await hold(machine, "a", "interactive");
		idle.release();
		const used = await hold(machine, "b", "interactive");
		machine.residency.renew();
		await quiet();
		expect(machine.events).toEqual(["load a", "load b beside, live only", "stop a"]);
		const joined = await hold(machine, "b", "interactive");
		used.release();
		await quiet();
		expect(machine.events).toHaveLength(3);
		joined.release();
		await quiet();
		const again = await hold(machine, "b", "interactive");
		again.release();
		await quiet();
		expect(machine.events.slice(3)).toEqual(["stop b", "load b"]);
	});
});
