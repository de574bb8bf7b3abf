/** Saves single settings, one after the other, and remembers at which field the service refused. */
import { useCallback, useEffect, useState } from "react";
import { create } from "zustand";
import type { SettingsPatch } from "../../native/contract/contract.ts";
import type { ApiFailure } from "../api/client.ts";
import { useConnection } from "../state/connection.ts";
import { changeSettings } from "../state/settings.ts";
import { words } from "../words/words.ts";
import { faultPath, faultWords, type SettingPath } from "./faults.ts";

/** Why a setting is not what somebody wanted it to be. */
interface Fault {
	readonly text: string;
	/** The setting whose change was refused; a contradiction is told at another. */
	readonly changed: SettingPath;
}

/** What was refused, by the setting at which it is told. */
const useFaults = create<{ readonly faults: ReadonlyMap<string, Fault> }>(() => ({ faults: new Map() }));
/** The settings that have a field on the screen. */
const shown = new Set<string>();
/** Changes go one after the other, so that the answer that comes last is the newest. */
let last: Promise<unknown> = Promise.resolve();

/** Takes back what was said because of a setting, and says what is wrong now. */
function tell(changed: SettingPath, said: readonly (readonly [string, string])[]): void {
	useFaults.setState(({ faults }) => {
		const kept = [...faults].filter(([at, fault]) => fault.changed !== changed && at !== changed);
		return { faults: new Map([...kept, ...said.map(([at, text]) => [at, { text, changed }] as const)]) };
	});
}

/** What a field needs to save its setting. */
export interface Saving {
	/** True once the service has it on disk; false: it refused, and `fault` of a field says why. */
	readonly save: (patch: SettingsPatch) => Promise<boolean>;
	readonly isSaving: boolean;
	/** Why the service refused what concerns this setting; null: it did not. */
	readonly fault: string | null;
	/** Says what is wrong before anything is sent; null takes it back. */
	readonly say: (fault: string | null) => void;
	/** Nobody would answer. */
	readonly isOff: boolean;
}

/** The saving of one setting; `perUnit` is how much of what is kept one of the unit shown is. */
export function useSaving(path: SettingPath, perUnit = 1): Saving {
	const fault = useFaults((state) => state.faults.get(path)?.text ?? null);
	const isOff = useConnection(({ phase }) => phase === "offline" || phase === "signed-out");
	const [running, setRunning] = useState(0);
	useEffect(() => {
		shown.add(path);
		return () => {
			shown.delete(path);
			tell(path, []);
		};
	}, [path]);
	const save = useCallback(
		async (patch: SettingsPatch): Promise<boolean> => {
			setRunning((before) => before + 1);
			const change = last.then(() => changeSettings(patch));
			last = change;
			const answer = await change;
			setRunning((before) => before - 1);
			tell(path, answer.ok ? [] : refusalsOf(answer.error, path, perUnit));
			return answer.ok;
		},
		[path, perUnit],
	);
	const say = useCallback((said: string | null) => tell(path, said === null ? [] : [[path, said]]), [path]);
	return { save, isSaving: running > 0, fault, say, isOff };
}

/** At the setting it is about; where that is another one, the changed one says so too, for it still shows what was typed. */
function refusalsOf(error: ApiFailure, path: SettingPath, perUnit: number): readonly (readonly [string, string])[] {
	const at = faultPath(error.param, path, shown);
	const text = faultWords(error.message, perUnit);
	return at === path
		? [[path, text]]
		: [
				[at, text],
				[path, words.settings.contradicts],
			];
}
