/** Parts of the page that are fetched when they are first shown, also when the service was away just then. */
import { type ComponentType, type LazyExoticComponent, lazy } from "react";
import { useConnection } from "./connection.ts";

/** By then it is known whether the service is gone, or it was the connection alone. */
const PAUSE_MS = 500;
/** A page that was loaded anew and misses a part again so soon would do so for ever. */
const ENOUGH_MS = 30_000;
/** When this window's page was last loaded anew for a part, Unix milliseconds. */
const RELOADED_AT = "reloaded-for-a-part";

/** Makes a component that comes when it is first shown. It fails, for the error boundary around it, only when it can't be had at all. */
export function part<Props>(load: () => Promise<ComponentType<Props>>): LazyExoticComponent<ComponentType<Props>> {
	return lazy(async () => {
		try {
			return { default: await load() };
		} catch (error) {
			return await loadPageAnew(error);
		}
	});
}

/**
 * Browsers remember that a module could not be fetched and never try again; a page loaded anew does, at the same place. Rejects with
 * the cause where that was of no use.
 */
async function loadPageAnew(cause: unknown): Promise<never> {
	await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
	await untilBack();
	const reloadedAtMs = Number(sessionStorage.getItem(RELOADED_AT) ?? 0);
	if (Date.now() - reloadedAtMs < ENOUGH_MS) throw cause;
	sessionStorage.setItem(RELOADED_AT, String(Date.now()));
	location.reload();
	return new Promise<never>(() => {});
}

/** Resolves when the service answers; at once if it does. */
function untilBack(): Promise<void> {
	return new Promise((resolve) => {
		const look = (phase: string): void => {
			if (phase === "offline" || phase === "connecting") return;
			stop();
			resolve();
		};
		const stop = useConnection.subscribe((state) => look(state.phase));
		look(useConnection.getState().phase);
	});
}
