import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { createBus } from "./bus.ts";
import { hasBusDaemon, type PrivateBus, plantTree, startPrivateBus } from "./testing.ts";

let own: PrivateBus;
beforeEach(async () => {
	if (hasBusDaemon) own = await startPrivateBus();
});
afterEach(async () => {
	if (hasBusDaemon) await own.stop();
});

const ECHO = { to: "test.Echo", path: "/test", method: "test.Echo.Say", signature: "s", body: ["hello"] };

test.skipIf(!hasBusDaemon)("a service's answer comes in plain values", async () => {
	await own.serve("test.Echo", (_path, _method, [said]) => ["sxat", said, -5n, [1n, 2n]]);
	const bus = createBus(own.address, "test bus");
	expect(await bus.call(ECHO)).toEqual({ ok: true, value: ["hello", -5, [1, 2]] });
	await bus.stop();
});

test.skipIf(!hasBusDaemon)("a service that declines, and one that is not there, are values", async () => {
	await own.serve("test.Echo", () => "test.Error.No");
	const bus = createBus(own.address, "test bus");
	expect(await bus.call(ECHO)).toMatchObject({ ok: false, error: { kind: "declined" } });
	expect(await bus.call({ ...ECHO, to: "test.Nobody" })).toMatchObject({ ok: false, error: { kind: "declined" } });
	await bus.stop();
});

test.skipIf(!hasBusDaemon)("services that come and go are noticed", async () => {
	const bus = createBus(own.address, "test bus");
	expect(await bus.has("test.Echo")).toEqual({ ok: true, value: false });
	const service = await own.serve("test.Echo", () => ["s", "x"]);
	await expect.poll(() => bus.has("test.Echo")).toEqual({ ok: true, value: true });
	await service.end();
	await expect.poll(() => bus.has("test.Echo")).toEqual({ ok: true, value: false });
	await bus.stop();
});

test.skipIf(!hasBusDaemon)("signals are heard, whether the wish came before or after the connection", async () => {
	const service = await own.serve("test.Echo", () => ["s", "x"]);
	const bus = createBus(own.address, "test bus");
	const heard: unknown[] = [];
	bus.listen({ from: "test.Echo", signal: "test.Echo.Early" }, (body) => heard.push(body?.[0]));
	await bus.call(ECHO);
	bus.listen({ from: "test.Echo", signal: "test.Echo.Late", about: "me" }, (body) => heard.push(body?.[0]));
	await bus.call(ECHO);
	service.send("/test", "test.Echo.Early", "s", ["one"]);
	service.send("/test", "test.Echo.Late", "s", ["you"]);
	service.send("/test", "test.Echo.Late", "s", ["me"]);
	await expect.poll(() => heard).toEqual(["one", "me"]);
	await bus.stop();
});

test.skipIf(!hasBusDaemon)("a bus that goes away fails calls, says so to listeners, and ends nobody", async () => {
	await own.serve("test.Echo", () => ["s", "x"]);
	const bus = createBus(own.address, "test bus");
	const heard: unknown[] = [];
	bus.listen({ from: "test.Echo", signal: "test.Echo.Any" }, (body) => heard.push(body));
	expect(await bus.call(ECHO)).toMatchObject({ ok: true });
	await own.stop();
	expect(await bus.call(ECHO)).toMatchObject({ ok: false, error: { kind: "failed" } });
	expect(heard).toEqual([null]);
	expect(await bus.call(ECHO)).toMatchObject({ ok: false, error: { kind: "failed" } });
	await bus.stop();
	own = await startPrivateBus();
});

test("a computer without a bus has none", async () => {
	const tree = plantTree();
	const bus = createBus(`unix:path=${join(tree.root, "bus")}`, "test bus");
	expect(await bus.call(ECHO)).toMatchObject({ ok: false, error: { kind: "absent" } });
	await bus.stop();
	tree.remove();
});
