import { expect, test } from "vitest";
import { err, ok, type Result } from "../base/base.ts";
import { bind, createNativeSource } from "./native-source.ts";
import type { Sight, SourceFault } from "./source.ts";
import { canStandIn, question } from "./stand-in-testing.ts";

test.skipIf(!canStandIn)("what several libraries lack is told together, and nothing is called", async () => {
	const bound = await bind(async (need) => ({
		there: await need("libc.so.6", "int abs(int value)"),
		symbol: await need("libc.so.6", "int surelyNotInThere(void)"),
		first: await need("/nowhere/a.so", "int a(void)"),
		second: await need("/nowhere/a.so", "int b(void)"),
	}));
	expect(bound).toMatchObject({ ok: false, error: { kind: "absent" } });
	const message = bound.ok ? "" : bound.error.message;
	expect(message).toContain("libc.so.6 has no surelyNotInThere");
	expect(message.match(/\/nowhere\/a\.so:/g)?.length).toBe(1);
});

test.skipIf(!canStandIn)("functions that are all there can be called, here and on another thread", async () => {
	const bound = await bind((need) => need("libc.so.6", "int abs(int value)"));
	if (!bound.ok) throw new Error(bound.error.message);
	expect(bound.value.callHere(-7)).toBe(7);
	expect(await bound.value.call(-8)).toBe(8);
});

const absent: Result<string, SourceFault> = err({ kind: "absent", message: "not there" });

test("a source opens at its first look, again after it could not, and not again after it could", async () => {
	const answers = [absent, ok("functions")];
	const source = createNativeSource({
		name: "test",
		tells: "nothing",
		open: async () => answers.shift() ?? absent,
		look: async (functions): Promise<Result<Sight, SourceFault>> => ok({ programs: [functions] }),
	});
	expect(await source.look(question())).toBe(absent);
	expect(await source.look(question())).toEqual(ok({ programs: ["functions"] }));
	expect(await source.look(question())).toEqual(ok({ programs: ["functions"] }));
});

test("a source closes what it holds at the end, but not under a look that has not come back", async () => {
	const closed: string[] = [];
	const hanging = Promise.withResolvers<void>();
	const source = createNativeSource({
		name: "test",
		tells: "nothing",
		open: async () => ok("functions"),
		async look(_functions, { programs }): Promise<Result<Sight, SourceFault>> {
			if (programs.length > 0) await hanging.promise;
			return ok({});
		},
		close: async (functions) => void closed.push(functions),
	});
	await source.stop();
	expect(closed).toEqual([]);
	await source.look(question());
	await source.stop();
	expect(closed).toEqual(["functions"]);
	await source.look(question());
	const look = source.look(question({ programs: ["hang"] }));
	await source.stop();
	expect(closed).toEqual(["functions"]);
	hanging.resolve();
	await look;
});
