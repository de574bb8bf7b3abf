/** A memory without a disk. */
import { type Memory, type Remembered, rememberedSchema } from "../memory/memory.ts";

/** The memory, and how often it was made sure of. */
export interface FakeMemory extends Memory {
	/** All that was remembered is on disk. */
	readonly isSettled: boolean;
}

/** Makes one in which nothing but this is remembered. */
export function createFakeMemory(remembered: Partial<Remembered> = {}): FakeMemory {
	let current: Remembered = { ...rememberedSchema.parse({}), ...remembered };
	let isSettled = true;
	return {
		get current() {
			return current;
		},
		get isSettled() {
			return isSettled;
		},
		remember(change) {
			current = { ...current, ...change };
			isSettled = false;
		},
		async settle() {
			isSettled = true;
		},
	};
}
