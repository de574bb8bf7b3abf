/** Sources that are functions of the system's libraries: opened at the first look, and again after one that could not. */
import { err, ok, type Result } from "../base/base.ts";
import { type Library, type NativeFunction, openLibrary } from "./library.ts";
import type { Question, Sight, Source, SourceFault } from "./source.ts";

/**
 * Takes a function that must be there from a library. What is missing is told after all were asked for, and what came in its place
 * must never be called.
 */
export type Need = (libraryPath: string, prototype: string) => Promise<NativeFunction>;

/**
 * Takes functions from libraries; an absent one makes it all absent. Libraries stay open for the life of the process: they are the
 * system's own, another source may have them too, and a call that hangs may still be in them.
 */
export async function bind<Functions>(
	take: (need: Need) => Promise<Functions>,
): Promise<Result<Functions, SourceFault>> {
	const libraries = new Map<string, Library | null>();
	const missing: string[] = [];
	async function open(path: string): Promise<Library | null> {
		const known = libraries.get(path);
		if (known !== undefined) return known;
		const opened = await openLibrary([path]);
		if (!opened.ok) missing.push(opened.error.message);
		const library = opened.ok ? opened.value : null;
		libraries.set(path, library);
		return library;
	}
	const functions = await take(async (path, prototype) => {
		const library = await open(path);
		const found = library?.find(prototype) ?? null;
		if (library !== null && found === null) missing.push(`${path} has no ${nameIn(prototype)}`);
		return found ?? neverCalled(prototype);
	});
	if (missing.length === 0) return ok(functions);
	return err({ kind: "absent", message: missing.join("; ") });
}

/** What a source of such functions is. */
export interface NativeSourceParts<Functions> {
	readonly name: string;
	readonly tells: string;
	open(): Promise<Result<Functions, SourceFault>>;
	look(functions: Functions, question: Question): Promise<Result<Sight, SourceFault>>;
	/** Lets go of what `look` holds. */
	close?(functions: Functions): Promise<void>;
}

/** Makes the source. */
export function createNativeSource<Functions>(parts: NativeSourceParts<Functions>): Source {
	let opened: Functions | null = null;
	let looksUnderWay = 0;
	return {
		name: parts.name,
		tells: parts.tells,
		async look(question) {
			if (opened === null) {
				const bound = await parts.open();
				if (!bound.ok) return bound;
				opened = bound.value;
			}
			looksUnderWay++;
			try {
				return await parts.look(opened, question);
			} finally {
				looksUnderWay--;
			}
		},
		async stop() {
			// What a call that hangs is using must not be closed under it; the end of the process closes it.
			if (opened !== null && looksUnderWay === 0) await parts.close?.(opened);
			opened = null;
		},
	};
}

function nameIn(prototype: string): string {
	return /(\w+)\s*\(/.exec(prototype)?.[1] ?? prototype;
}

function neverCalled(prototype: string): NativeFunction {
	const complain = (): never => {
		throw new Error(`${nameIn(prototype)} is missing and was called`);
	};
	return { call: async () => complain(), callHere: complain };
}
