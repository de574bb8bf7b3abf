/** What we use of the package `x11` 4.2, which has no types of its own. */
declare module "x11" {
	import type { EventEmitter } from "node:events";

	/** Last argument of every request. What it returns true for is no `error` event. */
	type Answer<T> = (error: Error | null | undefined, value: T) => boolean | undefined;

	interface Property {
		/** Atom; 0: there is no such property. */
		readonly type: number;
		readonly data: Buffer;
	}

	interface ScreenSaver {
		QueryInfo(drawable: number, answer: Answer<{ readonly idle: number }>): void;
	}

	/** Events: `error`, `end`, and `event` with what the server tells. */
	interface Client extends EventEmitter {
		/** Atoms known so far. One object for all clients of all servers, though each server numbers them anew. */
		atoms: Readonly<Record<string, number>>;
		InternAtom(onlyIfThere: boolean, name: string, answer: Answer<number>): void;
		GetProperty(
			isToDelete: 0 | 1,
			window: number,
			property: number,
			type: number,
			offset: number,
			length: number,
			answer: Answer<Property>,
		): void;
		QueryExtension(name: string, answer: Answer<{ readonly present: number }>): void;
		ChangeWindowAttributes(window: number, changes: { readonly eventMask: number }): void;
		require(extension: "screen-saver", answer: Answer<ScreenSaver>): void;
		terminate(): void;
		// For tests:
		AllocID(): number;
		CreateWindow(window: number, parent: number, x: number, y: number, width: number, height: number): void;
		DestroyWindow(window: number): void;
		/** `mode` 0: in place of what there was; `unit`: bits of one item. */
		ChangeProperty(mode: 0, window: number, property: number, type: number, unit: 8 | 32, data: Buffer | string): void;
	}

	interface Display {
		readonly client: Client;
		readonly screen: readonly { readonly root: number }[];
	}

	/** Throws where the display's name can't be read. Answers the client before it is connected. */
	export function createClient(
		options: { readonly display: string; readonly xauthority?: string; readonly shm?: "off" },
		ready: (error: Error | null | undefined, display: Display) => void,
	): Client;
}
