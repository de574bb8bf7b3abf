/** What of the shell's environment its service gets. Pure. */
import { resolve } from "node:path";

/**
 * Settings of the shell's own runtime that would have the service start otherwise than it was tested, or not at all: options of Node
 * (which the packaged app refuses itself), code loaded into every process, debugging output of libraries, TLS that trusts anybody.
 * VS Code drops `DEBUG`, `LD_PRELOAD` and `DYLD_*` of its processes for the crashes they cause.
 */
const DROPPED: ReadonlySet<string> = new Set([
	"NODE_OPTIONS",
	"NODE_REPL_EXTERNAL_MODULE",
	"NODE_REPL_HISTORY",
	"NODE_V8_COVERAGE",
	"NODE_PENDING_DEPRECATION",
	"NODE_TLS_REJECT_UNAUTHORIZED",
	"NODE_DEBUG",
	"NODE_DEBUG_NATIVE",
	"DEBUG",
	"LD_PRELOAD",
	"DYLD_INSERT_LIBRARIES",
	"DYLD_LIBRARY_PATH",
	// Would have Chromium's part of the runtime log to a file or a console of its own.
	"ELECTRON_ENABLE_LOGGING",
	"ELECTRON_LOG_FILE",
]);

/** The environment of the service. `workingDir` is the shell's own, which paths in it are relative to. */
export function serviceEnvironment(environment: NodeJS.ProcessEnv, workingDir: string): NodeJS.ProcessEnv {
	// Windows knows no case in names.
	const kept = Object.entries(environment).filter(([name]) => !DROPPED.has(name.toUpperCase()));
	const { NIGHTSHIFT_HOME: home } = environment;
	// The service runs in another folder than the shell.
	return { ...Object.fromEntries(kept), ...(home ? { NIGHTSHIFT_HOME: resolve(workingDir, home) } : {}) };
}
