#!/usr/bin/env node
/**
 * Entry of the `nightshift` command. Looks at the runtime before anything that would crash on an older one is loaded; must
 * import nothing statically for that reason.
 */

/** The major that Electron 45 carries; better-sqlite3 13 crashes on 20. */
const NEEDED_NODE_MAJOR = 24;

if (Number.parseInt(process.versions.node, 10) < NEEDED_NODE_MAJOR) {
	process.stderr.write(
		`Nightshift needs Node ${NEEDED_NODE_MAJOR} or newer and this is ${process.version}. ` +
			`Start it with "npm run nightshift -- …", which brings its own Node, or install Node ${NEEDED_NODE_MAJOR}.\n`,
	);
	process.exitCode = 1;
} else {
	const { runCli } = await import("./cli.ts");
	process.exitCode = await runCli(process.argv);
}
