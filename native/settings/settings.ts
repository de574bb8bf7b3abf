/**
 * What the owner of this machine chose: settings.json, the API keys and the secret of the running server. Owns these files;
 * must never lose a choice, nor let a broken file change what holds. No setting opens the API to other machines: there is
 * none, on purpose; `mesh.port` is another door, which opens to paired machines alone.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { isDeepStrictEqual } from "node:util";
import { err, errorCode, type Log, ok, type Result } from "../base/base.ts";
import type { SettingsPatch, SettingsValues } from "../contract/contract.ts";
import { editFile, type FileFault } from "./edit-file.ts";
import { type FileVersion, fileVersion, noFile } from "./file-version.ts";
import { mergePatch, noSettings, type ParsedSettings, parseSettings } from "./parse-settings.ts";

/** Why settings were not changed. Messages name no path. */
export type SettingsFault =
	| FileFault
	/** The patch contradicts what is set. `param` is the setting, e.g. `stepAside.longestQuietMs`. */
	| { readonly kind: "invalid"; readonly message: string; readonly param: string };

/** Hears of changed settings. */
export type SettingsListener = (current: SettingsValues, previous: SettingsValues) => void;

/** The settings in force. */
export interface Settings {
	/** Every setting, with the default where nothing was chosen. */
	readonly current: SettingsValues;
	/** Changes some; on disk when it resolves. Only what was chosen is written, so that defaults can get better. */
	update(patch: SettingsPatch): Promise<Result<SettingsValues, SettingsFault>>;
	/** Calls the listener after every change, by `update` or in the file. Answers a function that ends it. */
	watch(listener: SettingsListener): () => void;
	/** Ends the looking at the file. */
	stop(): void;
}

/** What settings are made from. */
export interface SettingsDeps {
	readonly path: string;
	readonly log: Log;
	/** How often the file is looked at; shorter in tests. */
	readonly pollMs?: number;
}

/**
 * Looking costs microseconds and works where file events don't, such as network drives. A change counts once two looks in a
 * row saw the same, so that a file half written is not read.
 */
const POLL_MS = 500;
/** Broken files kept aside: each comes of a mistake by hand, so nobody gets here; bounds the search for a free name. */
const MOST_BROKEN_FILES = 100;

/** Reads the settings and follows their file. A file that can't be used is told in the log, left as it is, and changes nothing. */
export function createSettings({ path, log, pollMs = POLL_MS }: SettingsDeps): Settings {
	const listeners = new Set<SettingsListener>();
	let inForce = noSettings;
	let readVersion: FileVersion = noFile;
	let seenVersion: FileVersion = noFile;

	function take(next: ParsedSettings): void {
		const previous = inForce;
		inForce = next;
		if (isDeepStrictEqual(previous.values, next.values)) return;
		log.info({ settings: next.values }, "settings changed");
		for (const listener of [...listeners]) listener(next.values, previous.values);
	}

	function read(): void {
		readVersion = fileVersion(path);
		seenVersion = readVersion;
		const parsed = readSettings(path);
		if (!parsed.ok) {
			const { problem } = parsed.error;
			log.error(
				{ path, problem },
				`settings.json can't be used: ${problem} The settings of before stay in force. Mend the file, or delete it to get the defaults.`,
			);
			return;
		}
		for (const name of parsed.value.unknownNames) {
			if (inForce.unknownNames.includes(name)) continue;
			log.warn({ path, name }, `settings.json: there is no setting ${name}; it is kept and changes nothing`);
		}
		take(parsed.value);
	}

	function look(): void {
		const version = fileVersion(path);
		const isSettled = version === seenVersion;
		seenVersion = version;
		if (isSettled && version !== readVersion) read();
	}

	async function update(patch: SettingsPatch): Promise<Result<SettingsValues, SettingsFault>> {
		const changed: { settings: ParsedSettings | null } = { settings: null };
		const written = await editFile<SettingsFault>(path, (content) => {
			const present = content === null ? ok(noSettings) : parseSettings(content);
			if (!present.ok && content !== null) {
				const kept = keepAside(path, content, log);
				if (!kept.ok) return kept;
			}
			const merged = mergePatch((present.ok ? present.value : inForce).chosen, patch);
			if (!merged.ok) return err({ kind: "invalid", ...merged.error });
			changed.settings = merged.value;
			return ok(`${JSON.stringify(merged.value.chosen, null, "\t")}\n`);
		});
		if (!written.ok) {
			if (written.error.kind !== "invalid") log.error({ path, fault: written.error }, "settings could not be written");
			return written;
		}
		// The next look reads the file once more, and finds in it what is taken here or what somebody wrote since.
		if (changed.settings !== null) take(changed.settings);
		return ok(inForce.values);
	}

	read();
	const looking = setInterval(look, pollMs);
	looking.unref();
	return {
		get current() {
			return inForce.values;
		},
		update,
		watch(listener) {
			listeners.add(listener);
			return () => void listeners.delete(listener);
		},
		stop: () => clearInterval(looking),
	};
}

function readSettings(path: string): Result<ParsedSettings, { readonly problem: string }> {
	try {
		return parseSettings(readFileSync(path, "utf8"));
	} catch (error) {
		const code = errorCode(error);
		if (code === "") throw error;
		return code === "ENOENT" ? ok(noSettings) : err({ problem: `It can't be read (${code}).` });
	}
}

/** Copies a broken file to a name of its own before it is written over. */
function keepAside(path: string, content: string, log: Log): Result<void, FileFault> {
	for (let number = 1; number <= MOST_BROKEN_FILES; number++) {
		const asidePath = `${path}.broken-${number}`;
		try {
			writeFileSync(asidePath, content, { flag: "wx", mode: 0o600 });
			log.warn({ path, asidePath }, "settings.json could not be used and is written anew; the old one was kept aside");
			return ok(undefined);
		} catch (error) {
			if (errorCode(error) !== "EEXIST") throw error;
		}
	}
	const message = `The settings file is broken, and ${MOST_BROKEN_FILES} broken ones are kept beside it already: mend or delete them.`;
	return err({ kind: "not-written", message });
}
