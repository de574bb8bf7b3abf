import { readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { afterEach, beforeEach, expect, test } from "vitest";
import { originSchema, type SettingsValues, settingsPatchSchema, settingsSchema } from "../contract/contract.ts";
import { createSettings, type Settings } from "./settings.ts";
import { type TestFolder, type TestLog, testFolder, testLog } from "./testing.ts";

let folder: TestFolder;
let path: string;
let log: TestLog;
const opened: Settings[] = [];

beforeEach(() => {
	folder = testFolder();
	path = folder.path("settings.json");
	log = testLog();
});
afterEach(() => {
	for (const settings of opened.splice(0)) settings.stop();
	folder[Symbol.dispose]();
});

const usualNight = [{ from: "23:00", to: "07:00" }];
const defaults: SettingsValues = {
	endpoint: { allowedOrigins: [], interactiveLanes: 2, interactiveContextTokens: null, mostModels: 2 },
	stepAside: { quietMs: 2_000, longestQuietMs: 30_000 },
	models: { default: null, chat: null, batch: null, embedding: null, map: {} },
	batches: { keepCollectedDays: 30, nightTokens: null, nightMinutes: null },
	energy: { pricePerKilowattHour: null, currency: "EUR", estimatedWatts: null },
	webhooks: { allowedHosts: [], endpoints: [] },
	schedule: { mode: "when-idle", awayMinutes: 10 },
	night: {
		monday: usualNight,
		tuesday: usualNight,
		wednesday: usualNight,
		thursday: usualNight,
		friday: usualNight,
		saturday: usualNight,
		sunday: usualNight,
	},
	limits: {
		othersGpuPercent: 20,
		othersGpuMemoryPercent: 50,
		leastFreeGpuMegabytes: 256,
		othersCpuPercent: 50,
		leastFreeMemoryPercent: 4,
		temperatureCelsius: 87,
		onBattery: false,
		leastBatteryPercent: 50,
		stopFor: [],
		ignore: [],
		coolDownMinutes: 5,
		gameCoolDownMinutes: 30,
	},
	day: { gpuPercent: 100, gpuWatts: null },
	outOfMemory: { settleFor: "fewer-layers" },
	sleep: { keepAwake: true, wakeForNight: false },
	desktop: { startAtLogin: true, openedFiles: "ask" },
	notifications: { done: true, failed: true, attention: true, morning: true },
	updates: { channel: "latest", download: true },
	mesh: {
		isOn: false,
		name: null,
		port: 22_008,
		hosting: "allowed",
		acknowledge: "auto",
		publish: "available",
		shareModels: false,
	},
};

function open(): Settings {
	const settings = createSettings({ path, log, pollMs: 5 });
	opened.push(settings);
	return settings;
}

test("are the defaults where nothing was chosen, and no file is made for that", () => {
	expect(open().current).toEqual(defaults);
	expect(readdirSync(folder.path("."))).toEqual([]);
});

test("none opens the API to other machines: these are all there are", () => {
	const names = Object.entries(settingsSchema.parse({})).flatMap(([group, values]) =>
		Object.keys(values).map((name) => `${group}.${name}`),
	);
	expect(names).toEqual([
		"models.default",
		"models.chat",
		"models.batch",
		"models.embedding",
		"models.map",
		"batches.keepCollectedDays",
		"batches.nightTokens",
		"batches.nightMinutes",
		"energy.pricePerKilowattHour",
		"energy.currency",
		"energy.estimatedWatts",
		"webhooks.allowedHosts",
		"webhooks.endpoints",
		"endpoint.allowedOrigins",
		"endpoint.interactiveLanes",
		"endpoint.interactiveContextTokens",
		"endpoint.mostModels",
		"stepAside.quietMs",
		"stepAside.longestQuietMs",
		"schedule.mode",
		"schedule.awayMinutes",
		"night.monday",
		"night.tuesday",
		"night.wednesday",
		"night.thursday",
		"night.friday",
		"night.saturday",
		"night.sunday",
		"limits.othersGpuPercent",
		"limits.othersGpuMemoryPercent",
		"limits.leastFreeGpuMegabytes",
		"limits.othersCpuPercent",
		"limits.leastFreeMemoryPercent",
		"limits.temperatureCelsius",
		"limits.onBattery",
		"limits.leastBatteryPercent",
		"limits.stopFor",
		"limits.ignore",
		"limits.coolDownMinutes",
		"limits.gameCoolDownMinutes",
		"day.gpuPercent",
		"day.gpuWatts",
		"outOfMemory.settleFor",
		"sleep.keepAwake",
		"sleep.wakeForNight",
		"desktop.startAtLogin",
		"desktop.openedFiles",
		"notifications.done",
		"notifications.failed",
		"notifications.attention",
		"notifications.morning",
		"updates.channel",
		"updates.download",
		"mesh.isOn",
		"mesh.name",
		"mesh.port",
		"mesh.hosting",
		"mesh.acknowledge",
		"mesh.publish",
		"mesh.shareModels",
	]);
	writeFileSync(path, JSON.stringify({ endpoint: { host: "0.0.0.0", lan: true } }));
	expect(open().current).toEqual(defaults);
	expect(log.told).toEqual([
		expect.stringContaining("no setting endpoint.host"),
		expect.stringContaining("no setting endpoint.lan"),
	]);
});

test("that are changed hold at once, after a restart, and for the owner's eyes only", async () => {
	const settings = open();
	expect((await settings.update({ endpoint: { interactiveLanes: 4 } })).ok).toBe(true);
	await settings.update({ stepAside: { quietMs: 0 } });
	const changed = {
		...defaults,
		endpoint: { ...defaults.endpoint, interactiveLanes: 4 },
		stepAside: { ...defaults.stepAside, quietMs: 0 },
	};
	expect(settings.current).toEqual(changed);
	expect(open().current).toEqual(changed);
	if (process.platform !== "win32") expect(statSync(path).mode & 0o777).toBe(0o600);
});

test("write down what was chosen alone, so that defaults can get better", async () => {
	await open().update({ endpoint: { mostModels: 1 } });
	expect(JSON.parse(readFileSync(path, "utf8"))).toEqual({ endpoint: { mostModels: 1 } });
});

test("keep what another version wrote", async () => {
	writeFileSync(path, JSON.stringify({ endpoint: { newer: 1, mostModels: 1 }, moon: "full" }));
	await open().update({ endpoint: { interactiveLanes: 1 } });
	expect(JSON.parse(readFileSync(path, "utf8"))).toEqual({
		endpoint: { newer: 1, mostModels: 1, interactiveLanes: 1 },
		moon: "full",
	});
});

test("that contradict each other are refused and change nothing", async () => {
	const settings = open();
	const refused = await settings.update({ stepAside: { quietMs: 40_000 } });
	expect(refused).toMatchObject({ ok: false, error: { kind: "invalid", param: "stepAside.longestQuietMs" } });
	expect(settings.current).toEqual(defaults);
	expect(readdirSync(folder.path("."))).toEqual([]);
	expect((await settings.update({ stepAside: { quietMs: 40_000, longestQuietMs: 40_000 } })).ok).toBe(true);
});

test("tell their listeners of changes, and only of changes, until they stop listening", async () => {
	const settings = open();
	const heard: [number, number][] = [];
	const end = settings.watch((current, previous) => {
		heard.push([current.stepAside.quietMs, previous.stepAside.quietMs]);
	});
	await settings.update({ stepAside: { quietMs: 1 } });
	await settings.update({ stepAside: { quietMs: 1 } });
	end();
	await settings.update({ stepAside: { quietMs: 2 } });
	expect(heard).toEqual([[1, 2_000]]);
});

test("follow edits of the file, also a deleted one and one that was swapped", async () => {
	const settings = open();
	writeFileSync(path, JSON.stringify({ stepAside: { quietMs: 7 } }));
	await expect.poll(() => settings.current.stepAside.quietMs).toBe(7);
	writeFileSync(`${path}~`, '\uFEFF{ "stepAside": { "quietMs": 8 } }');
	renameSync(`${path}~`, path);
	await expect.poll(() => settings.current.stepAside.quietMs).toBe(8);
	rmSync(path);
	await expect.poll(() => settings.current).toEqual(defaults);
});

test.each([
	["{ no json", "not valid JSON"],
	["", "not valid JSON"],
	["[]", "has to be a JSON object"],
	['{ "endpoint": 1 }', "endpoint:"],
	['{ "endpoint": { "interactiveLanes": 9 } }', "endpoint.interactiveLanes: Too big"],
	['{ "stepAside": { "quietMs": "2s" } }', "stepAside.quietMs: Invalid input: expected number"],
	['{ "endpoint": { "allowedOrigins": ["https://a.example/"] } }', "endpoint.allowedOrigins[0]: An origin is written"],
])("stay as they were while the file says %s", async (content, problem) => {
	const settings = open();
	await settings.update({ stepAside: { quietMs: 5 } });
	writeFileSync(path, content);
	await expect.poll(() => log.told).toEqual([expect.stringContaining(problem)]);
	expect(log.told[0]).toContain("Mend the file, or delete it");
	expect(settings.current.stepAside.quietMs).toBe(5);
	expect(readFileSync(path, "utf8")).toBe(content);
	writeFileSync(path, JSON.stringify({ stepAside: { quietMs: 6 } }));
	await expect.poll(() => settings.current.stepAside.quietMs).toBe(6);
});

test("are the defaults where the file is broken from the start, and it is kept when settings are changed", async () => {
	for (const number of [1, 2]) {
		writeFileSync(path, `broken ${number}`);
		const settings = open();
		expect(settings.current).toEqual(defaults);
		expect((await settings.update({ stepAside: { quietMs: number } })).ok).toBe(true);
		expect(settings.current.stepAside.quietMs).toBe(number);
		expect(readFileSync(`${path}.broken-${number}`, "utf8")).toBe(`broken ${number}`);
	}
});

test("take as a machine's name what can be shown in a list, and null for the computer's own", () => {
	const patch = (name: string | null) => settingsPatchSchema.safeParse({ mesh: { name } }).success;
	expect([patch("desk"), patch("Anna's PC"), patch("x"), patch(null)]).toEqual([true, true, true, true]);
	expect([patch(""), patch(" desk"), patch("desk "), patch("a\nb"), patch("x".repeat(65))]).not.toContain(true);
});

test("take origins as browsers write them, and nothing that merely looks like one", () => {
	for (const origin of ["http://localhost:3000", "https://example.com", "http://[::1]:8080", "app://obsidian.md"]) {
		expect(originSchema.safeParse(origin).success).toBe(true);
	}
	for (const wrong of [
		"*",
		"null",
		"",
		"https://*",
		"https://*.example.com",
		"https://example.com/",
		"https://Example.com",
		"http://localhost:80",
		"https://example.com:443",
		"https://user@example.com",
		"example.com",
		"https://a, https://b",
	]) {
		expect(originSchema.safeParse(wrong).success, wrong).toBe(false);
	}
});
