import { chmodSync, existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { silentLog } from "../../base/base.ts";
import { createIdleLock } from "./idle-lock.ts";
import { hasBusDaemon, type PrivateBus, plantTree, type Reply, startPrivateBus, type Tree } from "./testing.ts";
import { createLinuxWakefulness } from "./wakefulness.ts";

let tree: Tree;
let environment: NodeJS.ProcessEnv;
beforeEach(() => {
	tree = plantTree();
	const bus = `unix:path=${join(tree.root, "no-bus")}`;
	environment = { PATH: `${tree.root}:/usr/bin:/bin`, DBUS_SESSION_BUS_ADDRESS: bus };
});
afterEach(() => tree.remove());

/** Stands in for a tool of systemd's: a shell script that is found first. */
function tool(name: string, script: string): void {
	tree.write({ [name]: `#!/bin/sh\n${script}\n` });
	chmodSync(join(tree.root, name), 0o700);
}

function said(name: string): string {
	const path = join(tree.root, name);
	return existsSync(path) ? readFileSync(path, "utf8") : "";
}

/** As `systemd-inhibit` does: says what it was asked, runs the command, and ends with it. */
const HOLD = `echo "$1 $2 $4" >> "$(dirname "$0")/held"; shift 4; "$@"; echo ended >> "$(dirname "$0")/held"`;

describe.skipIf(process.platform === "win32")("kept awake without a desktop", () => {
	test("the computer is by a child that ends when it is told to", async () => {
		tool("systemd-inhibit", HOLD);
		const wakefulness = createLinuxWakefulness({ log: silentLog, environment });
		expect(await wakefulness.keepAwake(true)).toEqual({ kind: "done" });
		expect(await wakefulness.keepAwake(true)).toEqual({ kind: "done" });
		expect(said("held")).toBe("--what=idle --who=Nightshift --mode=block\n");
		await wakefulness.keepAwake(false);
		expect(said("held")).toBe("--what=idle --who=Nightshift --mode=block\nended\n");
		await wakefulness.stop();
	});

	test("it can't be where the tool refuses, and its words say why", async () => {
		tool("systemd-inhibit", 'echo "Failed to connect to bus: No such file or directory" >&2; exit 1');
		const wakefulness = createLinuxWakefulness({ log: silentLog, environment });
		expect(await wakefulness.keepAwake(true)).toEqual({
			kind: "impossible",
			message: "systemd-inhibit: Failed to connect to bus: No such file or directory",
		});
		await wakefulness.stop();
	});

	test("it can't be where there is no such tool", async () => {
		const wakefulness = createLinuxWakefulness({ log: silentLog, environment: { ...environment, PATH: tree.root } });
		expect(await wakefulness.keepAwake(true)).toMatchObject({
			kind: "impossible",
			message: expect.stringContaining("systemd-inhibit is not on this computer"),
		});
		await wakefulness.stop();
	});

	test("it is again when the child was lost", async () => {
		tool("systemd-inhibit", 'echo held; echo $$ >> "$(dirname "$0")/pids"; exec cat');
		const lock = createIdleLock({ log: silentLog, environment, restartAfterMs: 1 });
		await lock.hold();
		const pids = () => said("pids").trim().split("\n").filter(Boolean).map(Number);
		await expect.poll(() => pids().length).toBe(1);
		process.kill(pids()[0] ?? 0, "SIGKILL");
		await expect.poll(() => pids().length).toBe(2);
		await lock.release();
		expect(() => process.kill(pids()[1] ?? 0, 0)).toThrow();
	});
});

describe.skipIf(!hasBusDaemon)("kept awake on a desktop", () => {
	let bus: PrivateBus;
	beforeEach(async () => {
		bus = await startPrivateBus();
	});
	afterEach(async () => {
		await bus.stop();
	});

	test("GNOME is asked not to suspend, and nothing else is", async () => {
		const asked: unknown[] = [];
		await bus.serve("org.gnome.SessionManager", (_path, method, body): Reply => {
			asked.push([method, ...body]);
			return method.endsWith(".Inhibit") ? ["u", 42] : [""];
		});
		tool("systemd-inhibit", HOLD);
		const own = { ...environment, DBUS_SESSION_BUS_ADDRESS: bus.address };
		const wakefulness = createLinuxWakefulness({ log: silentLog, environment: own });
		expect(await wakefulness.keepAwake(true)).toEqual({ kind: "done" });
		await wakefulness.keepAwake(true);
		await wakefulness.keepAwake(false);
		expect(asked).toEqual([
			["org.gnome.SessionManager.Inhibit", "Nightshift", 0, "Batch work is running", 4],
			["org.gnome.SessionManager.Uninhibit", 42],
		]);
		expect(said("held")).toBe("");
		await wakefulness.stop();
	});

	test("a desktop that was started anew is asked anew", async () => {
		let asked = 0;
		const answer = (_path: string, method: string): Reply => {
			if (method.endsWith(".Inhibit")) asked++;
			return method.endsWith(".Inhibit") ? ["u", 1] : [""];
		};
		const first = await bus.serve("org.freedesktop.PowerManagement", answer);
		const own = { ...environment, DBUS_SESSION_BUS_ADDRESS: bus.address };
		const wakefulness = createLinuxWakefulness({ log: silentLog, environment: own });
		await wakefulness.keepAwake(true);
		expect(asked).toBe(1);
		await first.end();
		await bus.serve("org.freedesktop.PowerManagement", answer);
		await expect.poll(() => wakefulness.keepAwake(true).then(() => asked)).toBe(2);
		await wakefulness.stop();
	});
});

describe.skipIf(process.platform === "win32")("waking", () => {
	beforeEach(() => {
		tool("systemctl", 'echo "$@" >> "$(dirname "$0")/stopped"');
	});

	test("is a timer of the user's, and another moment takes its place", async () => {
		tool("systemd-run", 'echo "$@" >> "$(dirname "$0")/planned"');
		const wakefulness = createLinuxWakefulness({ log: silentLog, environment });
		expect(await wakefulness.wakeAt(Date.UTC(2026, 11, 1, 2, 0, 5))).toEqual({ kind: "done" });
		expect(said("planned")).toContain("--on-calendar=2026-12-01 02:00:05 UTC");
		expect(said("planned")).toContain("--timer-property=WakeSystem=true");
		const stopped = "--user stop nightshift-wake.timer\n";
		expect(said("stopped")).toBe(stopped);
		expect(await wakefulness.wakeAt(null)).toEqual({ kind: "done" });
		expect(await wakefulness.wakeAt(null)).toEqual({ kind: "done" });
		expect(said("stopped")).toBe(stopped + stopped);
		await wakefulness.stop();
	});

	test("that systemd refuses is told in its words", async () => {
		tool("systemd-run", 'echo "Failed to start transient timer unit: Operation not permitted" >&2; exit 1');
		const wakefulness = createLinuxWakefulness({ log: silentLog, environment });
		expect(await wakefulness.wakeAt(Date.UTC(2026, 11, 1))).toEqual({
			kind: "impossible",
			message: "systemd-run: Failed to start transient timer unit: Operation not permitted",
		});
		await wakefulness.stop();
	});
});
