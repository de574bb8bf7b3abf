/** Helpers for tests of files the owner's choices lie in. Must never be imported by the product. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Log } from "../base/base.ts";

/** A folder of its own, removed at the end of `using`. */
export interface TestFolder extends Disposable {
	/** Path of a file in it. */
	path(name: string): string;
}

/** Makes an empty folder. */
export function testFolder(): TestFolder {
	const folder = mkdtempSync(join(tmpdir(), "nightshift-settings-"));
	return {
		path: (name) => join(folder, name),
		[Symbol.dispose]: () => rmSync(folder, { recursive: true, force: true }),
	};
}

/** A log that keeps what people are told. */
export interface TestLog extends Log {
	readonly told: readonly string[];
}

/** Makes a log that keeps warnings and errors. */
export function testLog(): TestLog {
	const told: string[] = [];
	const keep = (_fields: object, message: string) => void told.push(message);
	return { told, debug() {}, info() {}, warn: keep, error: keep };
}
