/** Pictures, known by the file they came of. */
import type { ImagePort } from "../tray/ports.ts";

/** A picture. */
export class FakeNativeImage implements ImagePort {
	readonly path: string;
	readonly #isEmpty: boolean;

	constructor(path: string, isEmpty = false) {
		this.path = path;
		this.#isEmpty = isEmpty;
	}

	isEmpty(): boolean {
		return this.#isEmpty;
	}
}

/** Stands for Electron's `nativeImage`. `isThere` tells which files there are. */
export function createFakeNativeImage(isThere: (path: string) => boolean = () => true) {
	return {
		createFromPath: (path: string) => new FakeNativeImage(path, !isThere(path)),
		createEmpty: () => new FakeNativeImage("", true),
	};
}
