import { hash } from "node:crypto";
import { assertNever } from "../../base/base.ts";
import type { Effect, Message, SealBody } from "../core/core.ts";
import { planSync } from "./disk.ts";
import type { Machine } from "./machine.ts";
import { resultName, type SimulatedResult } from "./virtual-ledger.ts";
import { beginJob, shrinkJob } from "./working.ts";
import type { World } from "./world.ts";

/** How long it takes to build an output, at most. */
const BUILD_MS = 1_500;

/** Part of all outputs that can't be built at the first try. */
const FAILING_PART = 0.05;

/** Does what a core wants done, as the service around it would. */
export function perform(world: World, machine: Machine, effect: Effect): void {
	switch (effect.kind) {
		case "send":
			send(world, machine, effect.to, effect.message);
			break;
		case "send-operations": {
			const operations = machine.ledger.read(effect.origin, effect.first, effect.last);
			send(world, machine, effect.to, { kind: "operations", operations });
			break;
		}
		case "store":
			machine.ledger.store(effect.operations);
			planSync(world, machine);
			break;
		case "save-epoch":
			saveEpoch(world, machine, effect);
			break;
		case "start-slice":
			world.note(machine, `starts ${effect.slice.leaseId} of ${effect.slice.batchId}`);
			beginJob(world, machine, effect.slice);
			break;
		case "shrink-slice":
			shrinkJob(world, machine, effect.leaseId, effect.lines);
			break;
		case "build-output":
			buildOutput(world, machine, effect);
			break;
		case "append-seal":
			appendSeal(world, machine, effect.batchId, effect.seal);
			break;
		case "append-published":
			world.note(machine, `publishes ${effect.digest} of ${effect.batchId} on ${effect.durability.level}`);
			append(world, machine, { kind: "published", batchId: effect.batchId, digest: effect.digest });
			break;
		case "host-changed":
			world.note(machine, effect.epoch === null ? "is host no longer" : `is host of term ${effect.epoch.term}`);
			break;
		case "acknowledged":
			world.note(machine, `acknowledges ${effect.request} on ${effect.durability.level}`);
			break;
		case "forked":
		case "too-many-waiting":
			break;
		default:
			assertNever(effect);
	}
}

/** Appends to a machine's own log. */
export function append(
	world: World,
	machine: Machine,
	fact: Parameters<Machine["ledger"]["append"]>[0],
	content: readonly SimulatedResult[] = [],
): void {
	world.tell(machine, { kind: "appended", operation: machine.ledger.append(fact, content) });
	planSync(world, machine);
}

function send(world: World, from: Machine, to: string, message: Message): void {
	const target = world.machines.find(({ device }) => device === to);
	if (target === undefined) return;
	for (const delayMs of world.network.delaysOf(from.index, target.index, message)) {
		world.after(delayMs, () => {
			if (target.condition !== "up" || !world.network.isOpen(from.index, target.index)) return;
			world.tell(target, { kind: "received", from: from.device, message });
		});
	}
}

/** Writes overtake each other; what is on disk is the last that was asked for. */
function laterOf(saved: Machine["saved"], { maxEpoch, ownTerm }: Machine["saved"]): Machine["saved"] {
	const isLater = (maxEpoch?.term ?? 0) >= (saved.maxEpoch?.term ?? 0);
	return { maxEpoch: isLater ? maxEpoch : saved.maxEpoch, ownTerm: Math.max(ownTerm, saved.ownTerm) };
}

function saveEpoch(world: World, machine: Machine, wanted: Machine["saved"]): void {
	world.afterOn(machine, world.random.between(1, machine.diskDelayMs), () => {
		machine.saved = laterOf(machine.saved, wanted);
		world.tell(machine, { kind: "epoch-saved", ownTerm: wanted.ownTerm });
	});
}

function buildOutput(world: World, machine: Machine, wanted: Extract<Effect, { kind: "build-output" }>): void {
	const { batchId, outcome, round } = wanted;
	world.afterOn(machine, world.random.between(50, BUILD_MS), () => {
		if (world.random.chance(FAILING_PART)) {
			world.tell(machine, { kind: "duty-failed", batchId });
			return;
		}
		const content = machine.ledger.winners(batchId);
		const digest = digestOf(batchId, content);
		world.checker.outputs.built(digest, content);
		world.tell(machine, { kind: "output-built", batchId, digest, outcome, round });
	});
}

function appendSeal(world: World, machine: Machine, batchId: string, seal: SealBody): void {
	world.note(machine, `seals ${batchId} as ${seal.digest}`);
	append(world, machine, { kind: "seal", batchId, ...seal }, world.checker.outputs.contentOf(seal.digest));
}

function digestOf(batchId: string, content: readonly SimulatedResult[]): string {
	const text = content.map((result) => `${result.line} ${resultName(result)}`).join("\n");
	return hash("sha256", `${batchId}\n${text}`).slice(0, 12);
}
