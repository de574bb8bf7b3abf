import { afterEach, beforeEach, expect, test } from "vitest";
import type { Platform } from "../base/base.ts";
import type { Card } from "../notifications/notifications.ts";
import { createFakeLink, type FakeLink } from "../testing/fake-link.ts";
import { createFakeLog } from "../testing/fake-log.ts";
import { FakePrograms } from "../testing/fake-programs.ts";
import { sampleMesh, up } from "../testing/sample-state.ts";
import { firewallWords } from "../words/firewall.ts";
import { createFirewall, type Firewall } from "./firewall.ts";

const PROGRAM = "C:\\Users\\Ada\\AppData\\Local\\Programs\\Nightshift\\Nightshift.exe";
const MARK = "HKCU\\Software\\Nightshift\\FirewallRule";
const meshOn = sampleMesh("idle");
const meshOff = { ...meshOn, is_on: false };

let link: FakeLink;
let windows: FakePrograms;
let log: ReturnType<typeof createFakeLog>;
let told: Card[];
let firewall: Firewall;
/** What was offered each time that somebody was told to look. */
let seen: boolean[];

interface Start {
	readonly platform?: Platform;
	readonly isPackaged?: boolean;
	readonly execPath?: string;
}

function start({ platform = "win32", isPackaged = true, execPath = PROGRAM }: Start = {}): void {
	const environment = { SystemRoot: "C:\\Windows" };
	const tell = (card: Card) => void told.push(card);
	firewall = createFirewall({ link, run: windows.run, platform, isPackaged, execPath, environment, tell, log });
	firewall.watch(() => void seen.push(firewall.isOffered));
}

/** Starts it on a machine whose mesh is on, until the rule is offered. */
async function startOffered(options: Start = {}): Promise<void> {
	start(options);
	await expect.poll(() => firewall.isOffered).toBe(true);
}

beforeEach(() => {
	link = createFakeLink({ service: up, mesh: meshOn });
	windows = new FakePrograms();
	log = createFakeLog();
	told = [];
	seen = [];
});
afterEach(() => firewall.stop());

test("the rule is offered once the mesh is switched on, and no longer when it is off or the service is down", async () => {
	link = createFakeLink({ service: up, mesh: meshOff });
	start();
	expect(firewall.isOffered).toBe(false);
	link.become({ mesh: null });
	expect(windows.commands).toEqual([]);
	link.become({ mesh: meshOn });
	await expect.poll(() => seen).toEqual([true]);
	link.become({ mesh: meshOff });
	expect(firewall.isOffered).toBe(false);
	link.become({ mesh: meshOn, service: { kind: "stopped" } });
	expect(firewall.isOffered).toBe(false);
	link.become({ service: up });
	expect(firewall.isOffered).toBe(true);
	// The registry was asked once, and Windows asked nobody anything.
	expect(windows.commands).toHaveLength(1);
	expect(windows.consentsAsked).toBe(0);
});

test("with an administrator's consent the rule is made and marked, and offered no more, also after a restart", async () => {
	await startOffered();
	const allowing = firewall.allow();
	expect(firewall.isOffered).toBe(false);
	windows.consent?.agree();
	await allowing;
	expect(windows.rules).toMatchObject([{ name: "Nightshift", action: "allow", dir: "in", program: PROGRAM }]);
	expect(windows.registry.get(MARK)).toBe("1");
	expect(told).toMatchObject([{ title: firewallWords.made, body: firewallWords.madeBody, hash: "#/machines" }]);
	expect(firewall.isOffered).toBe(false);
	firewall.stop();
	seen = [];
	start();
	await expect.poll(() => seen).toEqual([false]);
	await firewall.allow();
	expect(windows.consentsAsked).toBe(1);
});

test("rules by which Windows blocks the program give way to ours, and other programs' rules stay", async () => {
	const others = [
		{ name: "Nightshift", dir: "in", action: "allow", program: "C:\\other.exe" },
		{ name: "nightshift.exe", dir: "out", action: "block", program: PROGRAM },
	];
	const blocked = { name: "nightshift.exe", dir: "in", action: "block", program: PROGRAM };
	windows.rules = [{ ...blocked, protocol: "TCP" }, ...others, { ...blocked, protocol: "UDP" }];
	await startOffered();
	const allowing = firewall.allow();
	windows.consent?.agree();
	await allowing;
	expect(windows.rules).toEqual([...others, expect.objectContaining({ action: "allow", program: PROGRAM })]);
});

test("who does not agree is told what was refused, and may choose it again", async () => {
	await startOffered();
	const allowing = firewall.allow();
	windows.consent?.refuse();
	await allowing;
	expect(told).toMatchObject([{ title: firewallWords.notMade, body: firewallWords.refused }]);
	expect([windows.rules, windows.registry.size, firewall.isOffered]).toEqual([[], 0, true]);
	expect(seen).toEqual([true, false, true]);
	const again = firewall.allow();
	windows.consent?.agree();
	await again;
	expect([windows.rules.length, firewall.isOffered]).toEqual([1, false]);
});

test("while Windows asks, nothing makes it ask a second time", async () => {
	await startOffered();
	const allowing = firewall.allow();
	await firewall.allow();
	link.become({ mesh: meshOff });
	link.become({ mesh: meshOn });
	await firewall.allow();
	expect([windows.consentsAsked, firewall.isOffered]).toEqual([1, false]);
	windows.consent?.refuse();
	await allowing;
});

test("a command that fails is told in its own words, and the rule stays offered", async () => {
	windows.broken.set("powershell.exe", { kind: "ended", code: 1, output: "Blocked by group policy." });
	await startOffered();
	await firewall.allow();
	expect(told).toMatchObject([{ body: firewallWords.failed("Blocked by group policy.") }]);
	expect(firewall.isOffered).toBe(true);
});

test("a rule that could not be marked is there all the same, and its owner knows what that means", async () => {
	windows.broken.set("reg.exe add", { kind: "ended", code: 1, output: "ERROR: Access is denied." });
	await startOffered();
	const allowing = firewall.allow();
	windows.consent?.agree();
	await allowing;
	expect(told).toMatchObject([
		{ title: firewallWords.made, body: firewallWords.notMarked("ERROR: Access is denied.") },
	]);
	expect([windows.rules.length, firewall.isOffered]).toEqual([1, false]);
});

test("a registry that can't be asked is written down, and keeps nobody from the rule", async () => {
	windows.broken.set("reg.exe query", { kind: "failed", message: "spawn UNKNOWN" });
	await startOffered();
	expect(log.lines).toEqual([expect.stringContaining("spawn UNKNOWN")]);
});

test("a program whose path the firewall would misread is told of, and Windows asks nothing", async () => {
	await startOffered({ execPath: "C:\\100%\\Nightshift.exe" });
	await firewall.allow();
	expect(told).toMatchObject([{ body: firewallWords.path }]);
	expect([windows.consentsAsked, firewall.isOffered]).toEqual([0, true]);
});

test.each([{ platform: "linux" }, { platform: "darwin" }, { isPackaged: false }] as const)(
	"with %o nothing is offered and nothing is run",
	async (options) => {
		start(options);
		link.become({ mesh: { ...meshOn } });
		await firewall.allow();
		expect([firewall.isOffered, windows.commands]).toEqual([false, []]);
	},
);
