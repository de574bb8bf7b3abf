/** What the icons are made of, and its digest. */
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const local = (path: string): string => fileURLToPath(new URL(`../../${path}`, import.meta.url));

/** Where all icon files lie. */
export const assetsDir = local("assets");
/** The one drawing. */
export const drawingPath = join(assetsDir, "icon", "nightshift.svg");
/** The digest of what the committed icons were made of. */
export const digestPath = join(assetsDir, "icon", "made-from.sha256");

/** The drawing and every file that decides what becomes of it. */
const sources = [
	drawingPath,
	local("build/icons.ts"),
	local("build/icons/containers.ts"),
	local("build/icons/pictures.ts"),
];

/** A digest of them, the same whatever line ends a checkout has. */
export function sourceDigest(): string {
	const hash = createHash("sha256");
	for (const path of sources) hash.update(readFileSync(path, "utf8").replaceAll("\r\n", "\n")).update("\0");
	return hash.digest("hex");
}
