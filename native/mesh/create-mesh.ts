/** The mesh as the service has it: a thread while it is switched on, this machine by itself while it is not. */
import { rm } from "node:fs/promises";
import { hostname } from "node:os";
import { type Clock, createListeners, err, type Log, ok, type Result } from "../base/base.ts";
import type { Durability, MachineAbout, MeshView, SettingsValues } from "../contract/contract.ts";
import type { Sharing } from "../jobs/sharing.ts";
import type { WorkPermit } from "../jobs/work-permit.ts";
import type { Ledger } from "../ledger/ledger.ts";
import type { Locations } from "../locations/locations.ts";
import type { Models } from "../models/models.ts";
import type { Settings } from "../settings/settings.ts";
import { toDeviceName } from "./identity/identity.ts";
import { createLoneMesh } from "./lone-mesh.ts";
import type { Mesh, MeshFault } from "./mesh.ts";
import type { NodeStart, QuestionKind, Questions } from "./node/messages.ts";
import { createNodeLife, type NodeLife } from "./share/node-life.ts";
import { createShare, type Share } from "./share/share.ts";
import type { Traffic } from "./transport/transport.ts";

/** The mesh and what the service needs of it beside. */
export interface RunningMesh extends Mesh {
	/** How the jobs share their work. */
	readonly sharing: Sharing;
	/** Begins to be what the settings say. */
	start(): void;
	/** How much this machine and the others said and gave to each other since the thread began. */
	traffic(): Promise<Result<Traffic, MeshFault>>;
	stop(): Promise<void>;
}

/** What it is made of. */
export interface MeshDeps {
	readonly ledger: Ledger;
	readonly models: Models;
	readonly settings: Settings;
	readonly locations: Locations;
	readonly permit: () => WorkPermit;
	readonly clock: Clock;
	readonly log: Log;
	readonly logLevel: string;
	readonly version: string;
	/** What this machine is and does right now, but for its speed. */
	about(): Omit<MachineAbout, "lines_per_second" | "version">;
	/** Reasons against this machine as host: on battery. Lower is better. */
	handicap(): number;
	/** Something is to be done by the jobs, or not any more. */
	attend(): void;
}

/** How often what this machine tells of itself is looked at. */
const ABOUT_MS = 2_000;

/** Nothing was heard of it yet. */
const unknownDurability: Durability = { level: 1, reason: "pending" };

/** Name of the note beside the ledger that says who this machine is. */
const DEVICE_NOTE = "device";

/** Name of the note that says whether there were other machines. */
const SHARED_NOTE = "shared";

/** Switched off until `start`. */
export function createMesh(deps: MeshDeps): RunningMesh {
	const { ledger, settings, locations, log } = deps;
	const listeners = createListeners<[MeshView]>();
	const durability = new Map<string, Durability>();
	let view: MeshView | null = null;
	let code: MeshView["pairing"] = null;
	let timer: NodeJS.Timeout | null = null;
	let toldAbout = "";

	const life: NodeLife = createNodeLife({
		log,
		clock: deps.clock,
		startOf: () => nodeStart(deps),
		logs: () => share.logs(),
		onBegun(deviceId) {
			void ledger.exchange.keepNote(DEVICE_NOTE, deviceId);
			toldAbout = "";
			share.begun();
			tellAbout();
		},
		onEnded() {
			share.ended();
			code = null;
			setView(null);
		},
		onMessage(message) {
			switch (message.kind) {
				case "view":
					return setView(message.view);
				case "code":
					code = message.code;
					return listeners.tell(present());
				case "durability":
					for (const [batchId, level] of message.levels) durability.set(batchId, level);
					return listeners.tell(present());
				default:
					share.receive(message);
			}
		},
	});
	const share: Share = createShare({
		...deps,
		protection: () => settings.current.mesh.acknowledge,
		wasShared: settings.current.mesh.isOn && ledger.exchange.note(SHARED_NOTE) === "yes",
		post: (message) => life.post(message),
		fetch: (blobs) => ask("fetch", { blobs }),
		async keepElsewhere(blobs) {
			const kept = await ask("keep-elsewhere", { blobs });
			return kept.ok ? kept.value : "nobody";
		},
	});
	const lone = createLoneMesh({ ledger, self: () => selfOf(deps) });

	function present(): MeshView {
		if (settings.current.mesh.isOn && view !== null) return { ...view, trouble: life.trouble ?? view.trouble };
		return { ...lone.view, is_on: settings.current.mesh.isOn, trouble: life.trouble };
	}

	function setView(next: MeshView | null): void {
		view = next;
		// Only this machine: it works by itself, as one that was never paired. While it is not known, all stays as it was.
		if (next !== null) setShared(next.machines.some(({ is_self }) => !is_self));
		listeners.tell(present());
	}

	function setShared(isShared: boolean): void {
		if (isShared === share.sharing.isShared) return;
		share.setShared(isShared);
		ledger.exchange
			.keepNote(SHARED_NOTE, isShared ? "yes" : "no")
			.catch((error: unknown) =>
				log.error({ error: String(error) }, "it could not be written down that work is shared"),
			);
	}

	async function ask<Kind extends QuestionKind>(
		question: Kind,
		asked: Questions[Kind]["asked"],
	): Promise<Result<Questions[Kind]["answered"], MeshFault>> {
		return life.ask(question, asked);
	}

	function durabilityOf(batchId: string): Durability | null {
		if (!share.sharing.isShared) return lone.durabilityOf(batchId);
		if (ledger.batch(batchId) === null) return null;
		const level = durability.get(batchId) ?? unknownDurability;
		const reason = share.inputReason(batchId);
		return level.level === 2 && reason !== null ? { level: 1, reason } : level;
	}

	/** Asks of people switch the mesh on: who wants to pair wants others to be found. */
	async function switchOn(): Promise<Result<void, MeshFault>> {
		if (!settings.current.mesh.isOn) {
			const set = await settings.update({ mesh: { isOn: true } });
			if (!set.ok) return err({ kind: "not-stored", message: set.error.message });
		}
		return life.ready();
	}

	async function askOn<Kind extends QuestionKind>(question: Kind, asked: Questions[Kind]["asked"]) {
		const on = await switchOn();
		return on.ok ? ask(question, asked) : on;
	}

	async function done(asked: Promise<Result<null, MeshFault>>): Promise<Result<void, MeshFault>> {
		const answered = await asked;
		return answered.ok ? ok(undefined) : answered;
	}

	function tellAbout(): void {
		const about = { ...deps.about(), version: deps.version, lines_per_second: share.linesPerSecond };
		const text = JSON.stringify(about);
		life.post({ kind: "handicap", handicap: deps.handicap() });
		if (text === toldAbout) return;
		toldAbout = text;
		life.post({ kind: "about", about });
	}

	function applySettings(current: SettingsValues, previous: SettingsValues): void {
		const [now, before] = [current.mesh, previous.mesh];
		if (!now.isOn) {
			void life.stop().then(() => setView(null));
			return setShared(false);
		}
		const isSame =
			now.isOn === before.isOn &&
			now.name === before.name &&
			now.port === before.port &&
			now.acknowledge === before.acknowledge &&
			now.publish === before.publish;
		if (!isSame) return life.restart();
		if (now.hosting !== before.hosting) life.post({ kind: "hosting", hosting: now.hosting });
	}

	/** Who leaves can't come back under the same name: the rest of what it was goes too. */
	async function forgetIdentity(): Promise<void> {
		await settings.update({ mesh: { isOn: false } });
		await life.stop();
		const { meshIdentityPath, meshMembersPath, meshEpochsPath, meshAddressesPath } = locations;
		for (const path of [meshIdentityPath, meshMembersPath, meshEpochsPath, meshAddressesPath]) {
			await rm(path, { force: true });
		}
		await ledger.exchange.keepNote(DEVICE_NOTE, "");
	}

	let stopSettings = () => {};
	return {
		sharing: share.sharing,
		get view() {
			return present();
		},
		watch: listeners.watch,
		async showCode() {
			const shown = await askOn("show-code", null);
			if (shown.ok) code = shown.value;
			return shown;
		},
		shownCode: () => code,
		async hideCode() {
			await ask("hide-code", null);
			code = null;
		},
		invite: (lifetimeMs) => askOn("invite", { lifetimeMs }),
		join: (address, typed) => askOn("join", { address, code: typed }),
		joinByToken: (token) => askOn("join", { token }),
		approve: (id) => done(askOn("approve", { id })),
		async remove(id) {
			const removed = await done(ask("remove", { id }));
			if (removed.ok && id === view?.self) await forgetIdentity();
			return removed;
		},
		addAddress: (address) => done(askOn("add-address", { address })),
		handOver: (id) => done(ask("hand-over", { id })),
		durabilityOf,
		acknowledge: async (batchId) => (await share.acknowledge(batchId)) ?? durabilityOf(batchId) ?? unknownDurability,
		async choose(batchId, machines) {
			if (ledger.batch(batchId) === null) return err({ kind: "not-found", message: "There is no such batch." });
			await ledger.chooseMachines(batchId, machines);
			return ok(undefined);
		},
		chosen(batchId) {
			const machines = ledger.batch(batchId)?.machines;
			return machines === undefined ? null : { only: machines.only?.slice() ?? null, never: machines.never.slice() };
		},
		start() {
			share.start();
			stopSettings = settings.watch(applySettings);
			timer ??= setInterval(tellAbout, ABOUT_MS);
			if (settings.current.mesh.isOn) life.start();
		},
		traffic: () => ask("traffic", null),
		async stop() {
			stopSettings();
			if (timer !== null) clearInterval(timer);
			timer = null;
			share.stop();
			await life.stop();
		},
	};
}

function nodeStart({ ledger, settings, locations, version, logLevel }: MeshDeps): NodeStart {
	const { mesh } = settings.current;
	const known = ledger.exchange.note(DEVICE_NOTE);
	return {
		paths: {
			identity: locations.meshIdentityPath,
			members: locations.meshMembersPath,
			addresses: locations.meshAddressesPath,
			epochs: locations.meshEpochsPath,
			blobs: locations.blobsDir,
		},
		expectedId: known === null || known === "" ? null : known,
		origin: ledger.exchange.origin,
		name: toDeviceName(mesh.name ?? hostname()),
		port: mesh.port,
		hosting: mesh.hosting,
		protection: mesh.acknowledge,
		publishAt: mesh.publish,
		version,
		logPath: locations.logPath,
		logLevel,
	};
}

function selfOf({ ledger, settings, about, version }: MeshDeps) {
	const id = ledger.exchange.note(DEVICE_NOTE);
	if (id === null || id === "") return null;
	const { mesh } = settings.current;
	const told = { ...about(), version, lines_per_second: null };
	return { id, name: toDeviceName(mesh.name ?? hostname()), hosting: mesh.hosting, about: told };
}
