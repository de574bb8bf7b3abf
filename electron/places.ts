/** Every path the shell uses, in one place. Owns names; must never open one. */
import { join, resolve } from "node:path";

/** Absolute paths. */
export interface Places {
	/** Entry of the service, where any Node can run it. */
	readonly serviceEntry: string;
	readonly preload: string;
	/** The page that is shown while the service is down. */
	readonly downPage: string;
	readonly assetsDir: string;
	/** The program's picture, for windows. */
	readonly icon: string;
	/** Twenty lines of these are run by `--smoke`. */
	readonly exampleBatch: string;
}

/** What belongs to the program, below its folder. Of a package's archive only Electron can read; what others read lies beside it. */
export function placesIn(programDir: string): Places {
	const beside = programDir.replace(/app\.asar$/, "app.asar.unpacked");
	return {
		serviceEntry: join(beside, "dist", "native", "main.js"),
		preload: join(programDir, "dist", "electron", "preload.cjs"),
		downPage: join(programDir, "electron", "windows", "down", "down.html"),
		assetsDir: join(programDir, "assets"),
		icon: join(programDir, "assets", "icon", "256.png"),
		exampleBatch: join(beside, "assets", "examples", "tickets.jsonl"),
	};
}

/**
 * Where Electron keeps what is the shell's own; null: its usual place. With a data folder of its own an instance has a shell of its own:
 * the lock that lets only one run lies there too.
 */
export function userDataIn(environment: NodeJS.ProcessEnv): string | null {
	return environment.NIGHTSHIFT_HOME ? join(resolve(environment.NIGHTSHIFT_HOME), "shell") : null;
}
