/**
 * Copies models from other machines that batches here need, or that the owner asked for. Decides when; the downloads carry it out, and
 * whatever their owner does to them there goes before.
 */
import { type Clock, err, type Log, type Result } from "../../base/base.ts";
import type { Download, MachineSnapshot, MeshView } from "../../contract/contract.ts";
import type { WorkPermit } from "../../jobs/work-permit.ts";
import type { Ledger } from "../../ledger/ledger.ts";
import type { DownloadFault, Downloads } from "../../models/downloads/downloads.ts";
import type { Models } from "../../models/models.ts";
import type { Settings } from "../../settings/settings.ts";
import { NOT_ALLOWED } from "./machine-files.ts";
import { wishedModel } from "./model-wish.ts";

/** Copying models. */
export interface ModelCopies {
	/** Copies a model that another machine told of, because the owner wants it. */
	copy(digest: string): Promise<Result<Download, DownloadFault>>;
	start(): void;
	stop(): void;
}

/** What copying is made of. */
export interface ModelCopiesDeps {
	readonly ledger: Pick<Ledger, "openBatches">;
	readonly models: Pick<Models, "list" | "knownDigest">;
	readonly downloads: Pick<Downloads, "addFromMachines" | "fromMachines" | "resume">;
	/** `insist`: the owner wants it, so that it is copied on battery too. */
	readonly mesh: { readonly view: MeshView; insist(digest: string): void };
	readonly settings: Pick<Settings, "current">;
	readonly permit: () => WorkPermit;
	readonly machine: { readonly snapshot: Pick<MachineSnapshot, "power"> };
	readonly clock: Clock;
	readonly log: Log;
	/** Shorter in tests. */
	readonly lookMs?: number;
}

/** A batch lasts hours and a copy minutes, so that seconds are nothing; looking costs some file times. */
const LOOK_MS = 5_000;

/** After a try that came to nothing: its owner may let it be copied by now, or be there again. */
const RETRY_MS = 60_000;

/** Makes one that does nothing by itself until `start`. */
export function createModelCopies(deps: ModelCopiesDeps): ModelCopies {
	const { models, downloads, mesh, settings, permit, machine, clock, log, lookMs = LOOK_MS } = deps;
	/** When each was tried last; monotonic. */
	const triedAtMs = new Map<string, number>();
	/** Begun here and not removed since. */
	const begun = new Set<string>();
	/** Removed by the owner, who is not asked again until the service starts anew. */
	const declined = new Set<string>();
	let timer: NodeJS.Timeout | null = null;
	let isBusy = false;

	const isAllowed = (): boolean => settings.current.mesh.isOn && settings.current.mesh.shareModels;

	function putOff(): ReadonlySet<string> {
		const nowMs = clock.monotonicMs();
		for (const [digest, atMs] of triedAtMs) if (nowMs - atMs >= RETRY_MS) triedAtMs.delete(digest);
		return new Set([...declined, ...triedAtMs.keys()]);
	}

	const here = () => models.list().map((model) => ({ name: model.name, digest: models.knownDigest(model) }));

	function noteRemoved(): void {
		const digests = new Set([...downloads.fromMachines(), ...here()].map(({ digest }) => digest));
		for (const digest of begun) {
			if (digests.has(digest)) continue;
			begun.delete(digest);
			declined.add(digest);
		}
	}

	async function look(): Promise<void> {
		const view = mesh.view;
		if (view.self === null) return;
		noteRemoved();
		const wish = wishedModel({
			isAllowed: isAllowed(),
			mayWork: permit().isGranted,
			isOnBattery: machine.snapshot.power.supply === "battery",
			self: view.self,
			machines: view.machines,
			open: deps.ledger.openBatches(),
			here: here(),
			copies: downloads.fromMachines(),
			putOff: putOff(),
		});
		if (wish === null) return;
		triedAtMs.set(wish.digest, clock.monotonicMs());
		if (wish.kind === "resume") return void (await downloads.resume(wish.id));
		const added = await downloads.addFromMachines(wish, namesOf(models));
		if (added.ok) begun.add(wish.digest);
		const { name, digest } = wish;
		if (added.ok) log.info({ model: name, digest }, "the model of a batch is copied from another machine");
		else log.warn({ model: name, digest, reason: added.error.message }, "the model of a batch can't be copied");
	}

	function lookOnce(): void {
		if (isBusy) return;
		isBusy = true;
		look()
			.catch((error: unknown) => log.error({ error: String(error) }, "models of other machines could not be looked at"))
			.finally(() => {
				isBusy = false;
			});
	}

	return {
		async copy(digest) {
			if (!isAllowed()) return err({ kind: "unreachable", message: NOT_ALLOWED });
			const told = mesh.view.machines.flatMap(({ is_self, about }) => (is_self ? [] : (about?.models ?? [])));
			const model = told.find((one) => one.digest === digest);
			if (model === undefined) {
				return err({ kind: "reference", message: "No other machine has told of a model with this digest." });
			}
			const present = models.list().find((one) => models.knownDigest(one) === digest);
			if (present !== undefined) {
				return err({ kind: "name-taken", message: `This model is here already, as ${present.name}.` });
			}
			declined.delete(digest);
			mesh.insist(digest);
			const added = await downloads.addFromMachines(model, namesOf(models));
			if (added.ok) begun.add(digest);
			return added;
		},
		start() {
			timer ??= setInterval(lookOnce, lookMs);
		},
		stop() {
			if (timer !== null) clearInterval(timer);
			timer = null;
		},
	};
}

function namesOf(models: Pick<Models, "list">): ReadonlySet<string> {
	return new Set(models.list().map(({ name }) => name));
}
