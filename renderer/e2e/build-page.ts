/** Run once before the tests of the whole page: builds it, unless what lies there is newer than all it is made of. */
import { execFileSync } from "node:child_process";
import { existsSync, readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { repositoryDir } from "../../native/cli/testing.ts";

/** Where the service looks for the page. */
const builtPath = join(repositoryDir, "dist", "renderer", "index.html");
/** What it is made of; the tests beside it change nothing of it. */
const sources = ["renderer", "native/contract", "build/vite.config.ts", "package.json", "package-lock.json"];
const isTest = (path: string) => path.includes("e2e") || path.endsWith(".test.ts");

/** Builds the page where it has to be; vitest calls it before the first test. */
export default function buildPage(): void {
	if (isFresh()) return;
	// As users get it: in a process that does not know that this is a test, for React would come with its checks for developers.
	const env = { ...process.env, NODE_ENV: "production" };
	const vitePath = join(repositoryDir, "node_modules", "vite", "bin", "vite.js");
	const args = [vitePath, "build", "--config", "build/vite.config.ts", "--logLevel", "warn"];
	execFileSync(process.execPath, args, {
		cwd: repositoryDir,
		env,
		stdio: "inherit",
	});
}

function isFresh(): boolean {
	if (!existsSync(builtPath)) return false;
	const builtAtMs = statSync(builtPath).mtimeMs;
	return sources.every((source) => changedAtMs(join(repositoryDir, source)) < builtAtMs);
}

/** When a file, or the newest below a folder, was changed; folders count too, for a file may have been removed. */
function changedAtMs(path: string): number {
	const { mtimeMs } = statSync(path);
	if (!statSync(path).isDirectory()) return mtimeMs;
	const below = readdirSync(path)
		.filter((name) => !isTest(name))
		.map((name) => changedAtMs(join(path, name)));
	return Math.max(mtimeMs, ...below);
}
