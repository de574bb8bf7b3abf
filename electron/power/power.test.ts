import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { presenceReportSchema } from "../../native/contract/contract.ts";
import { createFakeLink, type FakeLink } from "../testing/fake-link.ts";
import { createFakeLog, type FakeLog } from "../testing/fake-log.ts";
import { FakePowerMonitor } from "../testing/fake-power-monitor.ts";
import { FakePowerSaveBlocker } from "../testing/fake-power-save-blocker.ts";
import { up } from "../testing/sample-state.ts";
import type { Desktop } from "./idle-trust.ts";
import { createPower, type Power } from "./power.ts";

const windows: Desktop = { platform: "win32", environment: {} };
const wayland: Desktop = {
	platform: "linux",
	environment: { XDG_SESSION_TYPE: "wayland", WAYLAND_DISPLAY: "wayland-0", DISPLAY: ":0" },
};

let link: FakeLink;
let monitor: FakePowerMonitor;
let blocker: FakePowerSaveBlocker;
let power: Power;
let systemEnds: number;
let log: FakeLog;

function start(desktop: Desktop = windows): void {
	power = createPower({
		...desktop,
		monitor,
		blocker,
		link,
		onSystemEnd: () => {
			systemEnds += 1;
		},
		log,
	});
}

/** What the service was told so far. */
function reports() {
	return link.asked
		.filter(({ path }) => path === "/api/presence")
		.map(({ method, body }) => ({ method, ...presenceReportSchema.parse(body) }));
}

beforeEach(() => {
	vi.useFakeTimers();
	link = createFakeLink({ service: up });
	link.answer("PUT /api/presence", () => null);
	monitor = new FakePowerMonitor();
	blocker = new FakePowerSaveBlocker();
	systemEnds = 0;
	log = createFakeLog();
});
afterEach(() => {
	power.stop();
	vi.useRealTimers();
});

test("the service is told at once how it is, and then every five seconds", async () => {
	monitor.desk.idleSeconds = 7;
	start();
	expect(reports()).toEqual([{ method: "PUT", idleSeconds: 7, isLocked: false, supply: "mains", heat: null }]);
	monitor.desk.idleSeconds = 12;
	await vi.advanceTimersByTimeAsync(5_000);
	expect(reports().map(({ idleSeconds }) => idleSeconds)).toEqual([7, 12]);
	await vi.advanceTimersByTimeAsync(60_000);
	expect(reports()).toHaveLength(14);
});

test("nothing is asked of a service that is not up, and it is told as soon as it is", async () => {
	link.become({ service: { kind: "starting" } });
	start();
	await vi.advanceTimersByTimeAsync(30_000);
	expect(reports()).toEqual([]);
	link.become({ service: up });
	expect(reports()).toHaveLength(1);
	link.become({ service: { kind: "restarting", attempt: 1, delayMs: 500 } });
	monitor.emit("suspend");
	await vi.advanceTimersByTimeAsync(30_000);
	expect(reports()).toHaveLength(1);
});

test("a changed state of something else sends nothing more", async () => {
	start();
	link.become({ engine: null });
	link.become({ batches: new Map() });
	expect(reports()).toHaveLength(1);
});

test("locking and unlocking are told at once, also where the system still answers as before", async () => {
	start();
	await vi.advanceTimersByTimeAsync(0);
	monitor.emit("lock-screen");
	await vi.advanceTimersByTimeAsync(0);
	expect(reports().at(-1)?.isLocked).toBe(true);
	monitor.desk.lock = "locked";
	await vi.advanceTimersByTimeAsync(5_000);
	expect(reports().at(-1)?.isLocked).toBe(true);
	monitor.emit("unlock-screen");
	await vi.advanceTimersByTimeAsync(0);
	expect(reports().at(-1)?.isLocked).toBe(false);
});

test("a lock that the system knows nothing of is unknown", () => {
	monitor.desk.lock = "unknown";
	start();
	expect(reports()[0]?.isLocked).toBeNull();
});

test("battery and heat are told as they change", async () => {
	start({ platform: "darwin", environment: {} });
	expect(reports()[0]).toMatchObject({ supply: "mains", heat: "nominal" });
	monitor.desk.isOnBattery = true;
	monitor.emit("on-battery");
	await vi.advanceTimersByTimeAsync(0);
	expect(reports().at(-1)?.supply).toBe("battery");
	monitor.desk.heat = "serious";
	monitor.emit("thermal-state-change");
	await vi.advanceTimersByTimeAsync(0);
	expect(reports().at(-1)?.heat).toBe("serious");
	monitor.desk.heat = "unknown";
	monitor.emit("thermal-state-change");
	await vi.advanceTimersByTimeAsync(0);
	expect(reports().at(-1)?.heat).toBeNull();
});

test("under Wayland nothing is claimed of the user: the shell is there, and that is all it knows", () => {
	monitor.desk.idleSeconds = 4_000;
	start(wayland);
	expect(reports()).toEqual([{ method: "PUT", idleSeconds: null, isLocked: null, supply: null, heat: null }]);
});

test("under X11 the idle time is believed, but not where X11 is only a guest of Wayland", () => {
	monitor.desk.idleSeconds = 30;
	start({ platform: "linux", environment: { XDG_SESSION_TYPE: "x11", DISPLAY: ":0" } });
	expect(reports()[0]?.idleSeconds).toBe(30);
	power.stop();
	start({ platform: "linux", environment: { XDG_SESSION_TYPE: "x11", WAYLAND_DISPLAY: "wayland-0" } });
	expect(reports()[1]?.idleSeconds).toBeNull();
	power.stop();
	start({ platform: "linux", environment: {} });
	expect(reports()[2]?.idleSeconds).toBeNull();
});

test("two reports are never on their way at once; what happened meanwhile is told after the answer, once", async () => {
	const held = Promise.withResolvers<void>();
	let underWay = 0;
	let most = 0;
	const { call } = link;
	start();
	await vi.advanceTimersByTimeAsync(0);
	link.call = async (question) => {
		underWay += 1;
		most = Math.max(most, underWay);
		await held.promise;
		underWay -= 1;
		return call(question);
	};
	power.stop();
	start();
	monitor.desk.idleSeconds = 99;
	monitor.emit("suspend");
	monitor.emit("on-ac");
	await vi.advanceTimersByTimeAsync(20_000);
	expect(most).toBe(1);
	held.resolve();
	await vi.advanceTimersByTimeAsync(0);
	expect(most).toBe(1);
	expect(reports().map(({ idleSeconds }) => idleSeconds)).toEqual([0, 0, 99]);
});

test("waking up is reported at once", async () => {
	start();
	await vi.advanceTimersByTimeAsync(0);
	monitor.emit("resume");
	expect(reports()).toHaveLength(2);
});

test("the end of the system is held up until the shell has ended in good order", () => {
	start();
	expect(monitor.shutDown()).toBe(true);
	expect(systemEnds).toBe(1);
});

test("the computer is kept awake by exactly one block while the service wants it", () => {
	start();
	link.keepAwake(true);
	link.keepAwake(true);
	expect(blocker.held).toEqual(["prevent-app-suspension"]);
	link.keepAwake(false);
	link.keepAwake(false);
	expect(blocker.held).toEqual([]);
});

test("a service that went away keeps nothing awake, nor does a shell that quits", () => {
	start();
	link.keepAwake(true);
	link.become({ service: { kind: "restarting", attempt: 1, delayMs: 500 } });
	expect(blocker.held).toEqual([]);
	link.become({ service: up });
	link.keepAwake(true);
	expect(blocker.held).toHaveLength(1);
	power.stop();
	expect(blocker.held).toEqual([]);
	link.keepAwake(true);
	expect(blocker.held).toEqual([]);
});

test("after its end nothing more is reported", async () => {
	start();
	await vi.advanceTimersByTimeAsync(0);
	power.stop();
	monitor.emit("lock-screen");
	monitor.emit("resume");
	await vi.advanceTimersByTimeAsync(30_000);
	expect(reports()).toHaveLength(1);
});

test("a service that refuses reports is told of once in the log, not every five seconds", async () => {
	link.call = async () => ({ ok: false, error: { kind: "refused", message: "No.", status: 400 } });
	start();
	await vi.advanceTimersByTimeAsync(60_000);
	expect(log.lines).toEqual([expect.stringMatching(/does not take what the shell sees.*No\./)]);
});
