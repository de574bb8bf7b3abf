/** Does what the core wants done: what goes to other machines here, the rest by the service. */
import { assertNever, type Log } from "../../base/base.ts";
import type { Effect } from "../core/core.ts";
import type { Transport } from "../transport/transport.ts";
import type { Happening } from "./driver.ts";
import type { EpochFile } from "./epoch-file.ts";
import type { HostRecord } from "./host-record.ts";
import type { FromNode } from "./messages.ts";
import type { ServiceAsks } from "./service-asks.ts";
import type { Storing } from "./storing.ts";
import { framesOf, storedOf } from "./traffic.ts";

/** What doing is made of. */
export interface EffectsDeps {
	readonly log: Log;
	readonly transport: Pick<Transport, "send">;
	readonly storing: Pick<Storing, "take">;
	readonly asks: Pick<ServiceAsks, "read">;
	readonly epochs: Pick<EpochFile, "save">;
	readonly hostRecord: Pick<HostRecord, "took">;
	tell(happening: Happening): void;
	post(message: FromNode): void;
	/** The node can't go on: a sentence. */
	fail(message: string): void;
}

/** Answers a function that does effects. */
export function createEffects(deps: EffectsDeps): (effect: Effect) => void {
	const { log, transport, storing, asks, epochs, hostRecord } = deps;

	async function sendOperations({
		to,
		origin,
		first,
		last,
	}: Extract<Effect, { kind: "send-operations" }>): Promise<void> {
		for (const message of framesOf(await asks.read(origin, first, last))) {
			// What does not go out now the core sends again when the other side does not report it as kept.
			if (!transport.send(to, { kind: "core", message })) return;
		}
	}

	async function saveEpoch({ maxEpoch, ownTerm }: Extract<Effect, { kind: "save-epoch" }>): Promise<void> {
		const saved = await epochs.save({ maxEpoch, ownTerm });
		if (saved.ok) deps.tell({ kind: "epoch-saved", ownTerm });
		else deps.fail(saved.error);
	}

	return (effect) => {
		switch (effect.kind) {
			case "send":
				if (effect.message.kind === "operations") throw new Error("Operations go by `send-operations`.");
				transport.send(effect.to, { kind: "core", message: effect.message });
				return;
			case "send-operations":
				void sendOperations(effect);
				return;
			case "store":
				storing.take(storedOf(effect.operations));
				return;
			case "save-epoch":
				void saveEpoch(effect);
				return;
			case "host-changed":
				if (effect.epoch !== null) hostRecord.took(effect.epoch, effect.cause);
				log.info(
					{ epoch: effect.epoch },
					effect.epoch === null ? "this machine is host no longer" : "this machine is host",
				);
				return;
			case "forked":
				log.error(effect, "a log has two different operations in one place; it is not exchanged any more");
				deps.post({ kind: "effect", effect });
				return;
			case "start-slice":
			case "shrink-slice":
			case "acknowledged":
			case "too-many-waiting":
			case "build-output":
			case "append-seal":
			case "append-published":
				deps.post({ kind: "effect", effect });
				return;
			default:
				assertNever(effect);
		}
	};
}
