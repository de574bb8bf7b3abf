/** The packs there are for the engine in use: a committed list, so that what is fetched was known when the program was made. */
import { readFileSync } from "node:fs";
import { z } from "zod";

/** A package of npm that a pack is made of. */
const partSchema = z.strictObject({
	/** e.g. `@node-llama-cpp/linux-x64-cuda`. */
	package: z.string().regex(/^@node-llama-cpp\/[a-z0-9]+(?:-[a-z0-9]+)+$/),
	/** Of the whole tarball, as `package-lock.json` writes it (Subresource Integrity, SHA-512). */
	integrity: z.string().regex(/^sha512-[A-Za-z0-9+/]{86}==$/),
	/** Size of the tarball. */
	tarball_bytes: z.int().min(1),
	/** Size of its files when unpacked. */
	unpacked_bytes: z.int().min(1),
});

/** The file assets/gpu-packs/packs.json. */
export const packListSchema = z.strictObject({
	/** The version of node-llama-cpp that the packs belong to; with another they are of no use. */
	version: z.string().regex(/^\d+\.\d+\.\d+(?:-[a-z0-9.]+)?$/),
	packs: z.array(
		z.strictObject({
			/** As people and requests name it. */
			name: z.enum(["cuda"]),
			platform: z.enum(["linux", "win32"]),
			arch: z.enum(["x64", "arm64"]),
			parts: z.array(partSchema).min(1).max(4),
		}),
	),
});
/** The file assets/gpu-packs/packs.json. */
export type PackList = z.infer<typeof packListSchema>;
/** A package of npm that a pack is made of. */
export type PackPart = z.infer<typeof partSchema>;

/** A pack for this kind of computer. */
export interface Pack {
	readonly name: "cuda";
	readonly version: string;
	readonly parts: readonly PackPart[];
	/** Of all tarballs. */
	readonly downloadBytes: number;
	/** Of all files when unpacked. */
	readonly diskBytes: number;
}

/** Reads the list. Throws where it is damaged: it came with the program, so the program is. */
export function readPackList(path: string): PackList {
	return packListSchema.parse(JSON.parse(readFileSync(path, "utf8")));
}

/** The packs of the list that this kind of computer can run. */
export function packsFor({ version, packs }: PackList, computer: { platform: string; arch: string }): readonly Pack[] {
	return packs
		.filter(({ platform, arch }) => platform === computer.platform && arch === computer.arch)
		.map(({ name, parts }) => ({
			name,
			version,
			parts,
			downloadBytes: parts.reduce((sum, part) => sum + part.tarball_bytes, 0),
			diskBytes: parts.reduce((sum, part) => sum + part.unpacked_bytes, 0),
		}));
}

/** Name of a pack's folder, and of its download: `cuda@3.22.1`. */
export function packKey({ name, version }: Pick<Pack, "name" | "version">): string {
	return `${name}@${version}`;
}

/** Name of a part without its scope, for files and folders: `linux-x64-cuda`. */
export function partName({ package: name }: Pick<PackPart, "package">): string {
	return name.slice(name.indexOf("/") + 1);
}
