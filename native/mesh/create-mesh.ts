/** The mesh as the service has it: a thread while it is switched on, this machine by itself while it is not. */
import { hostname } from "node:os";
import { type Clock, err, type Log, ok, type Result } from "../base/base.ts";
import type { MachineAbout, SettingsValues } from "../contract/contract.ts";
import type { Sharing } from "../jobs/sharing.ts";
import type { WorkPermit } from "../jobs/work-permit.ts";
import type { Ledger } from "../ledger/ledger.ts";
import type { Locations } from "../locations/locations.ts";
import type { MachineFiles } from "../models/downloads/machine-files.ts";
import type { Models } from "../models/models.ts";
import type { Settings } from "../settings/settings.ts";
import { toDeviceName } from "./identity/identity.ts";
import { createLoneMesh } from "./lone-mesh.ts";
import type { Mesh, MeshFault } from "./mesh.ts";
import type { NodeStart } from "./node/messages.ts";
import { createForgetIdentity } from "./share/forget-identity.ts";
import { createMachineFiles, NOT_ALLOWED } from "./share/machine-files.ts";
import { createNodeLife, type NodeLife } from "./share/node-life.ts";
import { DEVICE_NOTE, SHARED_NOTE } from "./share/notes.ts";
import { createOwnerAsks } from "./share/owner-asks.ts";
import { createSelfNews } from "./share/self-news.ts";
import { createShare, type Share } from "./share/share.ts";
import { createStanding, type Standing } from "./share/standing.ts";
import type { Traffic } from "./transport/transport.ts";

/** The mesh and what the service needs of it beside. */
export interface RunningMesh extends Mesh {
	/** How the jobs share their work. */
	readonly sharing: Sharing;
	/** What this machine is called, apart from all others. */
	readonly ownName: string;
	/** Models of other machines, as downloads read them. */
	readonly machineFiles: MachineFiles;
	/** The owner wants a model of another machine, also on battery. */
	insist(digest: string): void;
	/** Gets a blob from another machine into the blob folder; false: nobody has it. */
	fetchBlob(digest: string, sizeBytes: number): Promise<boolean>;
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

const ON_BATTERY = "This computer runs on its battery; models are copied once it is plugged in.";

/** Switched off until `start`. */
export function createMesh(deps: MeshDeps): RunningMesh {
	const { ledger, settings, log } = deps;
	const life: NodeLife = createNodeLife(lifeDeps(deps, () => ({ share, standing, begun, setShared, removed })));
	const forgetIdentity = createForgetIdentity({ ...deps, life });
	const share: Share = createShare({
		...deps,
		protection: () => settings.current.mesh.acknowledge,
		wasShared: settings.current.mesh.isOn && ledger.exchange.note(SHARED_NOTE) === "yes",
		post: (message) => life.post(message),
		othersAtWork: (batchId) => standing.othersAtWork(batchId),
		fetch: (blobs) => life.ask("fetch", { blobs }),
		async keepElsewhere(blobs) {
			const kept = await life.ask("keep-elsewhere", { blobs });
			return kept.ok ? kept.value : "nobody";
		},
	});
	const lone = createLoneMesh({ ledger, self: () => selfOf(deps) });
	const standing: Standing = createStanding({
		alone: () => lone.view,
		isOn: () => settings.current.mesh.isOn,
		trouble: () => life.trouble,
	});
	const selfNews = createSelfNews({
		...deps,
		about: () => ({ ...deps.about(), version: deps.version, lines_per_second: share.linesPerSecond }),
		post: (message) => life.post(message),
	});
	let timer: NodeJS.Timeout | null = null;
	let stopSettings = (): void => {};

	function begun(): void {
		share.begun();
		selfNews.forget();
		selfNews.tell();
	}

	function removed(): void {
		forgetIdentity().catch((error: unknown) => {
			log.error({ error: String(error) }, "what this machine was before it was removed could not be taken away");
		});
	}

	function setShared(isShared: boolean): void {
		if (isShared === share.sharing.isShared) return;
		share.setShared(isShared);
		ledger.exchange.keepNote(SHARED_NOTE, isShared ? "yes" : "no").catch((error: unknown) => {
			log.error({ error: String(error) }, "it could not be written down that work is shared");
		});
	}

	function applySettings(current: SettingsValues, previous: SettingsValues): void {
		if (!current.mesh.isOn) {
			void life.stop();
			setShared(false);
		} else if (needsRestart(current, previous)) life.restart();
		else if (current.mesh.hosting !== previous.mesh.hosting) {
			life.post({ kind: "hosting", hosting: current.mesh.hosting });
		}
	}

	return {
		...createOwnerAsks({ ...deps, life, standing, forgetIdentity }),
		...batchesOf(deps, { lone, share, standing }),
		...bytesOf(deps, { life, standing }),
		sharing: share.sharing,
		get ownName() {
			return standing.view?.machines.find(({ is_self }) => is_self)?.name ?? nameOf(settings.current);
		},
		get view() {
			return standing.present();
		},
		watch: standing.watch,
		start() {
			share.start();
			stopSettings = settings.watch(applySettings);
			timer ??= setInterval(selfNews.tell, ABOUT_MS);
			if (settings.current.mesh.isOn) life.start();
		},
		traffic: () => life.ask("traffic", null),
		async stop() {
			stopSettings();
			if (timer !== null) clearInterval(timer);
			timer = null;
			share.stop();
			await life.stop();
		},
	};
}

/** What the life of the thread has to do with the rest, which is there by the time it is asked for. */
function lifeDeps(
	deps: MeshDeps,
	rest: () => {
		readonly share: Share;
		readonly standing: Standing;
		begun(): void;
		setShared(isShared: boolean): void;
		removed(): void;
	},
): Parameters<typeof createNodeLife>[0] {
	const { ledger, clock, log } = deps;
	return {
		log,
		clock,
		startOf: () => nodeStart(deps),
		logs: () => rest().share.logs(),
		onBegun(deviceId) {
			ledger.exchange.keepNote(DEVICE_NOTE, deviceId).catch((error: unknown) => {
				log.error({ error: String(error) }, "it could not be written down who this machine is");
			});
			rest().begun();
		},
		onEnded() {
			rest().share.ended();
			rest().standing.forget();
		},
		onMessage(message) {
			const { share, standing, setShared, removed } = rest();
			if (message.kind === "view" || message.kind === "code" || message.kind === "durability") standing.take(message);
			else share.receive(message);
			// Where there is no other it works by itself, as one that was never paired. While that is not known, all stays as it was.
			if (message.kind !== "view") return;
			setShared(message.view.machines.some(({ is_self }) => !is_self));
			// Not even itself: it was removed.
			if (message.view.machines.length === 0) removed();
		},
	};
}

/** What is asked about batches. */
function batchesOf(
	{ ledger }: MeshDeps,
	{ lone, share, standing }: { readonly lone: Mesh; readonly share: Share; readonly standing: Standing },
): Pick<Mesh, "durabilityOf" | "acknowledge" | "choose" | "chosen"> {
	const durabilityOf: Mesh["durabilityOf"] = (batchId) => {
		if (!share.sharing.isShared) return lone.durabilityOf(batchId);
		if (ledger.batch(batchId) === null) return null;
		const level = standing.levelOf(batchId);
		const reason = share.inputReason(batchId);
		return level.level === 2 && reason !== null ? { level: 1, reason } : level;
	};
	return {
		durabilityOf,
		async acknowledge(batchId) {
			const answered = await share.acknowledge(batchId);
			if (answered === null) return durabilityOf(batchId) ?? standing.levelOf(batchId);
			const isInputAlone = share.inputReason(batchId) !== null;
			if (share.sharing.isShared) standing.answered(batchId, isInputAlone ? { level: 2, reason: null } : answered);
			return answered;
		},
		async choose(batchId, machines) {
			if (ledger.batch(batchId) === null) return err({ kind: "not-found", message: "There is no such batch." });
			await ledger.chooseMachines(batchId, machines);
			standing.tell();
			return ok(undefined);
		},
		chosen(batchId) {
			const machines = ledger.batch(batchId)?.machines;
			return machines === undefined ? null : { only: machines.only?.slice() ?? null, never: machines.never.slice() };
		},
	};
}

/** Bytes that are on other machines. */
function bytesOf(
	{ settings, handicap }: MeshDeps,
	{ life, standing }: { readonly life: NodeLife; readonly standing: Standing },
): Pick<RunningMesh, "machineFiles" | "insist" | "fetchBlob"> {
	const insisted = new Set<string>();
	return {
		machineFiles: createMachineFiles({
			ask: life.ask,
			machines: () => standing.present().machines,
			refusalOf(digest) {
				if (!settings.current.mesh.shareModels) return NOT_ALLOWED;
				return handicap() > 0 && !insisted.has(digest) ? ON_BATTERY : null;
			},
		}),
		insist: (digest) => void insisted.add(digest),
		fetchBlob: async (digest, sizeBytes) => (await life.ask("fetch", { blobs: [{ digest, sizeBytes }] })).ok,
	};
}

/** Whether the thread has to begin anew for a change of settings to count. */
function needsRestart({ mesh: now }: SettingsValues, { mesh: before }: SettingsValues): boolean {
	const names = ["isOn", "name", "port", "acknowledge", "publish"] as const;
	return names.some((name) => now[name] !== before[name]);
}

function nodeStart({ ledger, settings, locations, version, logLevel }: MeshDeps): NodeStart {
	const { mesh } = settings.current;
	return {
		paths: {
			identity: locations.meshIdentityPath,
			members: locations.meshMembersPath,
			addresses: locations.meshAddressesPath,
			epochs: locations.meshEpochsPath,
			blobs: locations.blobsDir,
		},
		expectedId: knownId(ledger),
		origin: ledger.exchange.origin,
		name: nameOf(settings.current),
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
	const id = knownId(ledger);
	if (id === null) return null;
	const told = { ...about(), version, lines_per_second: null };
	return { id, name: nameOf(settings.current), hosting: settings.current.mesh.hosting, about: told };
}

/** Who this machine was when the mesh was last on; null: nobody yet. */
function knownId({ exchange }: Ledger): string | null {
	const id = exchange.note(DEVICE_NOTE);
	return id === null || id === "" ? null : id;
}

function nameOf({ mesh }: SettingsValues): string {
	return toDeviceName(mesh.name ?? hostname());
}
