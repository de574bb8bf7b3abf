/** Where npm's registry is, and where in it a package lies. */
import type { Log } from "../../base/base.ts";
import { type PackPart, partName } from "./pack-list.ts";

/** The registry of those who chose nothing else. */
export const REGISTRY_ADDRESS = "https://registry.npmjs.org";

/**
 * Reads NIGHTSHIFT_NPM_REGISTRY, else npm's own `npm_config_registry`, for networks that have a mirror. What comes from there is
 * compared with the program's own checksums, so a mirror need not be trusted. One that can't be an address is told and left aside.
 */
export function registryAddress(environment: NodeJS.ProcessEnv, log: Log): string {
	const chosen = (environment.NIGHTSHIFT_NPM_REGISTRY ?? environment.npm_config_registry ?? "").trim();
	if (chosen === "") return REGISTRY_ADDRESS;
	if (URL.canParse(chosen) && /^https?:$/.test(new URL(chosen).protocol)) return chosen.replace(/\/+$/, "");
	log.warn({ chosen }, "the address of the npm registry is none and is left aside");
	return REGISTRY_ADDRESS;
}

/** Name of a part's tarball, in the registry and here: `linux-x64-cuda-3.22.1.tgz`. */
export function tarballName(part: Pick<PackPart, "package">, version: string): string {
	return `${partName(part)}-${version}.tgz`;
}

/** Address of a part's tarball, as every registry has them. */
export function tarballUrl(registry: string, part: Pick<PackPart, "package">, version: string): string {
	return `${registry}/${part.package}/-/${tarballName(part, version)}`;
}
