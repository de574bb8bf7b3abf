/** Packs this repository for tests, without the network, and tells what came of it. */
import { execFile } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, statSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { getRawHeader } from "@electron/asar";
import { z } from "zod";
import { electronVersion } from "../electron-builder.ts";
import { writeStandInElectron } from "./stand-in-electron.ts";

const run = promisify(execFile);

/** The repository. */
export const repositoryDir = fileURLToPath(new URL("../..", import.meta.url));

/** electron-builder's output at most; it says little, but each file it warns of is a line. */
const MOST_OUTPUT_BYTES = 16 * 1024 * 1024;

/** A package that was not put into an installer. */
export interface Packed {
	/** What an installer would install. */
	readonly appDir: string;
	readonly resourcesDir: string;
	/** Plain files beside the archive. */
	readonly unpackedDir: string;
	/** What electron-builder printed. */
	readonly log: string;
}

/** Compiles what is not compiled yet and packs it for Linux on x64, below a folder. */
export async function packForLinux(folder: string): Promise<Packed> {
	await buildWhatIsMissing();
	const electronDir = join(folder, "electron");
	await writeStandInElectron(electronDir, electronVersion);
	const { stdout, stderr } = await run(
		process.execPath,
		[
			join(repositoryDir, "node_modules", "electron-builder", "cli.js"),
			...["--config", "build/electron-builder.ts", "--linux", "--x64", "--dir", "--publish", "never"],
			`-c.directories.output=${join(folder, "release")}`,
		],
		{
			cwd: repositoryDir,
			maxBuffer: MOST_OUTPUT_BYTES,
			env: { ...process.env, ...withoutNetwork, NIGHTSHIFT_ELECTRON_DIST: electronDir, NIGHTSHIFT_REPOSITORY: "" },
		},
	);
	const appDir = join(folder, "release", "linux-unpacked");
	const resourcesDir = join(appDir, "resources");
	return { appDir, resourcesDir, unpackedDir: join(resourcesDir, "app.asar.unpacked"), log: stdout + stderr };
}

/** Where every download would fail at once: nothing listens on the discard port. */
const withoutNetwork = {
	HTTP_PROXY: "http://127.0.0.1:9",
	HTTPS_PROXY: "http://127.0.0.1:9",
	ELECTRON_MIRROR: "http://127.0.0.1:9/",
	ELECTRON_BUILDER_BINARIES_MIRROR: "http://127.0.0.1:9/",
};

/** The compiler looks for itself what has changed; the page is only built where there is none. */
async function buildWhatIsMissing(): Promise<void> {
	const bin = join(repositoryDir, "node_modules", ".bin");
	await run(process.execPath, [join(bin, "tsc"), "-b"], { cwd: repositoryDir });
	if (!existsSync(join(repositoryDir, "dist", "renderer", "licences.md"))) {
		const config = ["--config", "build/vite.config.ts", "--logLevel", "warn"];
		// As users get it, though this is a test: React would come with its checks for developers.
		const env = { ...process.env, NODE_ENV: "production" };
		await run(process.execPath, [join(bin, "vite"), "build", ...config], { cwd: repositoryDir, env });
	}
	const main = join(repositoryDir, "dist", "electron", "main.js");
	if (existsSync(main)) return;
	mkdirSync(dirname(main), { recursive: true });
	writeFileSync(main, "export {};\n");
}

/** A file of the archive, as its header has it. */
export interface ArchiveFile {
	/** With slashes, from the archive's root. */
	readonly path: string;
	/** Whether it lies beside the archive. */
	readonly isUnpacked: boolean;
}

type HeaderNode = { readonly files?: Record<string, HeaderNode> | undefined; readonly unpacked?: boolean | undefined };
const headerSchema: z.ZodType<HeaderNode> = z.object({
	files: z.lazy(() => z.record(z.string(), headerSchema)).optional(),
	unpacked: z.boolean().optional(),
});

/** Every file of an archive. */
export function archiveFiles(archivePath: string): readonly ArchiveFile[] {
	const collect = (node: HeaderNode, path: string): readonly ArchiveFile[] =>
		node.files === undefined
			? [{ path, isUnpacked: node.unpacked === true }]
			: Object.entries(node.files).flatMap(([name, child]) => collect(child, path === "" ? name : `${path}/${name}`));
	return collect(headerSchema.parse(getRawHeader(archivePath).header), "");
}

/** Bytes of all files below a folder, or of one file. */
export function sizeBytes(path: string): number {
	if (!statSync(path).isDirectory()) return statSync(path).size;
	return readdirSync(path, { recursive: true, withFileTypes: true })
		.filter((entry) => entry.isFile())
		.reduce((sum, entry) => sum + statSync(join(entry.parentPath, entry.name)).size, 0);
}
