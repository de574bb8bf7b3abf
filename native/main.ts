/**
 * Entry of the service when a shell forks it. Looks at the runtime before anything that would crash on an older one is loaded; must
 * import nothing statically for that reason.
 */

/** The major that Electron 45 carries; better-sqlite3 13 crashes on 20. */
const NEEDED_NODE_MAJOR = 24;

if (Number.parseInt(process.versions.node, 10) < NEEDED_NODE_MAJOR) {
	process.stderr.write(`Nightshift needs Node ${NEEDED_NODE_MAJOR} or newer and this is ${process.version}.\n`);
	process.exitCode = 1;
	// An open channel would keep this process alive, and its shell waiting.
	process.disconnect?.();
} else {
	const { runUnderShell } = await import("./under-shell.ts");
	process.exitCode = await runUnderShell(process.argv.slice(2));
}
