/** `npm start`: compiles what has changed and starts the tray app. Where Electron is not to be had, says what there is instead. */
import { spawn, spawnSync } from "node:child_process";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { fetchElectron, findElectron } from "./start/electron.ts";

const repositoryDir = fileURLToPath(new URL("..", import.meta.url));
const packageDir = join(repositoryDir, "node_modules", "electron");

const executable = await electron();
if (executable === null) {
	console.error(
		"The tray app needs Electron, which is not here and could not be fetched: `npm run serve` has the same page for your browser, at http://127.0.0.1:22007.",
	);
	process.exitCode = 1;
} else if (build()) {
	start(executable);
} else {
	process.exitCode = 1;
}

async function electron(): Promise<string | null> {
	const found = findElectron(packageDir, process.env);
	if (found !== null) return found;
	// To whom a minute of silence would look like a hang.
	if (process.stderr.isTTY) process.stderr.write("Fetching Electron, this once.\n");
	await fetchElectron(packageDir, process.env);
	return findElectron(packageDir, process.env);
}

/** Compiles shell and service, and builds the page; false when either fails, which then has said why itself. */
function build(): boolean {
	const modules = join(repositoryDir, "node_modules");
	const steps = [
		[join(modules, "typescript", "bin", "tsc"), "-b"],
		[join(modules, "vite", "bin", "vite.js"), "build", "--config", "build/vite.config.ts", "--logLevel", "warn"],
	];
	// Whatever the caller is, e.g. a test: React would come with its checks for developers.
	const env = { ...process.env, NODE_ENV: "production" };
	return steps.every(
		(step) => spawnSync(process.execPath, step, { cwd: repositoryDir, env, stdio: "inherit" }).status === 0,
	);
}

/** Runs the app until it ends; how it ends is how this ends. */
function start(executable: string): void {
	// A terminal inside another Electron program hands this on, and then there would be no window.
	const { ELECTRON_RUN_AS_NODE: _asNode, ...environment } = process.env;
	const app = spawn(executable, [repositoryDir, ...process.argv.slice(2)], { env: environment, stdio: "inherit" });
	app.once("error", (error) => {
		console.error(`Electron did not start: ${error.message}`);
		process.exitCode = 1;
	});
	app.once("exit", (code) => {
		process.exitCode = code ?? 1;
	});
	// Ctrl-C reaches the app by itself, and it then has the time it needs to stop the service.
	process.on("SIGINT", () => undefined);
	process.on("SIGTERM", () => void app.kill("SIGTERM"));
}
