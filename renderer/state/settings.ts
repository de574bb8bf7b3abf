/** The owner's settings. A change shows when the service has it on disk, never before, be it made here, on another page or in the file. */
import { create } from "zustand";
import type { SettingsPatch, SettingsValues } from "../../native/contract/contract.ts";
import { type Answer, type ApiFailure, call } from "../api/client.ts";

/** What is known of the settings. */
export interface SettingsState {
	/** Null: not told yet. */
	readonly values: SettingsValues | null;
	/** Why they could not be read. */
	readonly error: ApiFailure | null;
}

/** The store. */
export const useSettings = create<SettingsState>(() => ({ values: null, error: null }));

/** Reads them. */
export async function loadSettings(): Promise<void> {
	take(await call<SettingsValues>("/api/settings"));
}

/** Changes some; the answer is what holds then, or why it does not. */
export async function changeSettings(patch: SettingsPatch): Promise<Answer<SettingsValues>> {
	const answer = await call<SettingsValues>("/api/settings", { method: "PATCH", body: patch });
	if (answer.ok) take(answer);
	return answer;
}

function take(answer: Answer<SettingsValues>): void {
	useSettings.setState(answer.ok ? { values: answer.value, error: null } : { error: answer.error });
}
