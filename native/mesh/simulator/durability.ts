import { type Durability, lengthIn, type Operation, type Place } from "../core/core.ts";
import type { Figures } from "./figures.ts";
import type { Machine } from "./machine.ts";
import { Violation } from "./violation.ts";

/** An acknowledgement that was given; at the end it must have been true. */
export interface GivenWord {
	readonly operation: Operation;
	readonly level: Durability["level"];
	readonly by: string;
	readonly about: string;
}

/** I3, durability, and that part of I4, one log for each origin, which can be seen when operations arrive. */
export interface DurabilityCheck {
	readonly words: readonly GivenWord[];
	/** A machine says that an operation is safe: it must be on so many disks at that moment. */
	gaveWord(machine: Machine, place: Place, durability: Durability, about: string): void;
	/** A machine takes operations of others: nobody may hold a different one in such a place. */
	stored(operations: readonly Operation[]): void;
	/** A disk is about to be lost. What was on it counts as having been safe there. */
	lost(machine: Machine): void;
}

/** Has seen nothing yet. */
export function createDurabilityCheck(machines: () => readonly Machine[], figures: Figures): DurabilityCheck {
	const words: GivenWord[] = [];
	let lostOperations: ReadonlySet<Operation> = new Set();

	function countCopies(place: Place, operation: Operation): number {
		let copies = lostOperations.has(operation) ? 1 : 0;
		for (const { ledger } of machines()) {
			const isOnDisk = lengthIn(ledger.durable, place.origin) >= place.sequence;
			if (isOnDisk && ledger.at(place) === operation) copies += 1;
		}
		return copies;
	}

	return {
		words,
		gaveWord({ device, ledger }, place, { level }, about) {
			const operation = ledger.at(place);
			if (operation === null) throw new Violation(`I3: ${device} acknowledges ${about}, which it does not have`);
			const copies = countCopies(place, operation);
			if (copies < level) {
				throw new Violation(`I3: ${device} acknowledges ${about} on ${level} disks, it is on ${copies}`);
			}
			if (level === 1) figures.acknowledgedOnOne += 1;
			else figures.acknowledgedOnTwo += 1;
			words.push({ operation, level, by: device, about });
		},
		stored(operations) {
			for (const operation of operations) {
				for (const { device, ledger } of machines()) {
					if ((ledger.at(operation) ?? operation) === operation) continue;
					const place = `${operation.origin}/${operation.sequence}`;
					throw new Violation(`I4: ${device} holds another operation at ${place}`);
				}
			}
		},
		lost({ ledger }) {
			const onDisk = [...ledger.operations()].filter(
				({ origin, sequence }) => lengthIn(ledger.durable, origin) >= sequence,
			);
			lostOperations = new Set(onDisk);
		},
	};
}
