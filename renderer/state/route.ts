/** Which screen is shown: the part of the address behind `#`, so that any server and any window can hold it. */
import { useSyncExternalStore } from "react";

/** A screen, and of what. */
export type Route =
	| { readonly screen: "home" | "machines" | "models" | "morning" | "welcome" }
	| { readonly screen: "jobs"; readonly id: string | null }
	| { readonly screen: "chat"; readonly id: string | null }
	| { readonly screen: "settings"; readonly section: string | null };

/** The screens there are. */
export type Screen = Route["screen"];

/** Reads the route of an address's hash; what it does not know is home. */
export function parseRoute(hash: string): Route {
	const [screen = "", rest = ""] = hash.replace(/^#\/?/, "").split("/");
	const detail = rest === "" ? null : decodeURIComponent(rest);
	switch (screen) {
		case "machines":
		case "models":
		case "morning":
		case "welcome":
			return { screen };
		case "jobs":
		case "chat":
			return { screen, id: detail };
		case "settings":
			return { screen, section: detail };
		default:
			return { screen: "home" };
	}
}

/** The address of a screen, for links. */
export function routeTo(screen: Screen, detail: string | null = null): string {
	return `#/${screen === "home" ? "" : screen}${detail === null ? "" : `/${encodeURIComponent(detail)}`}`;
}

/** Goes to a screen. */
export function go(screen: Screen, detail: string | null = null): void {
	location.hash = routeTo(screen, detail);
}

function watch(onChange: () => void): () => void {
	window.addEventListener("hashchange", onChange);
	return () => window.removeEventListener("hashchange", onChange);
}

/** The route now. */
export function useRoute(): Route {
	const hash = useSyncExternalStore(watch, () => location.hash);
	return parseRoute(hash);
}
