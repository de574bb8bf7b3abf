/**
 * Which files go into a package, as electron-builder's patterns. Two things its documents do not say (read in app-builder-lib 26.17's
 * `fileMatcher.js` and `macroExpander.js`): of the patterns only those with `!` reach node_modules, so what is to stay is named
 * inside a negation; and `${platform}` is the system it runs on, not the one it packs for, so systems are spelled out here.
 */
import { llamaPackages, type PackPlatform } from "./platforms.ts";

/** What of the repository itself goes in; the rest of it does not. */
export const ownFiles = [
	"dist/electron/**/*.{js,cjs}",
	"dist/native/**/*.js",
	// The page for a service that is down, as it is written.
	"electron/windows/down/*.{html,css,js}",
	"dist/renderer/{index.html,licences.md,assets/**}",
	"LICENSE",
	"assets/catalogue/models.json",
	"assets/demo-model/nightshift-demo.gguf",
	"assets/examples/tickets.jsonl",
	"assets/gpu-packs/packs.json",
	"assets/icon/256.png",
	"assets/prices/hosted-batch-prices.json",
	// What only tests import, by the names such files have here.
	"!dist/**/*.{test,contract}.{js,cjs}",
	"!dist/**/{testing,*-testing}.js",
	"!dist/**/testing/**",
	"!dist/native/clients/**",
	"!dist/native/mesh/simulator/**",
	"!dist/electron/e2e/**",
	"!dist/native/scheduler/{rest-child,sample-parts}.js",
	"!dist/native/ledger/frozen/**",
];

/** What of other people's packages is of no use while running: their sources, tests, documents and types. */
const idleModuleFiles = [
	"!**/*.test.{js,cjs,mjs}",
	"!**/*.{map,d.ts,d.mts,d.cts,ts,mts,cts,tsbuildinfo,flow}",
	"!node_modules/**/{test,tests,__tests__,example,examples,docs,doc,benchmark,benchmarks,coverage,website,.github}/**",
	// Licences and notices stay, whatever they are written in.
	"!node_modules/**/!(*LICENSE*|*license*|*LICENCE*|*NOTICE*).{md,markdown}",
	// Its compiler is a peer of node-llama-cpp, for those who write TypeScript.
	"!node_modules/{typescript,@typescript}/**",
	// What only compiling it anew needs, which a package never does: llama.cpp's whole history is 35 MB.
	"!node_modules/node-llama-cpp/{templates,bins}/**",
	"!node_modules/node-llama-cpp/llama/{addon,cmake,patches,profiles,toolchains,xpack}/**",
	"!node_modules/node-llama-cpp/llama/{CMakeLists.txt,gitRelease.bundle}",
	"!node_modules/better-sqlite3/{deps,src}/**",
	"!node_modules/koffi/{vendor,lib,doc}/**",
	"!node_modules/koffi/src/**/*.{c,cc,h,hh,cpp,hpp,inc,S,asm,txt,py}",
	"!node_modules/koffi/cnoke.cjs",
	"!node_modules/{node-addon-api,node-api-headers}/**",
	// How ipull clones files, when it downloads. Nothing here downloads with it, and npm has it for this computer's processor only.
	"!node_modules/@reflink/**",
	"!node_modules/x11/{autogen,browser,scripts}/**",
	// Copies of the same code for loaders that are not used here.
	"!node_modules/zod/src/**",
	"!node_modules/hono/dist/{cjs,types}/**",
	"!node_modules/csv-{parse,stringify}/dist/**",
	"!node_modules/@opentelemetry/api/build/{esm,esnext}/**",
];

/** The patterns for one system; `${arch}` is filled in by electron-builder. */
export function platformFiles(platform: PackPlatform): string[] {
	const llama = [...llamaPackages(platform, "x64"), ...llamaPackages(platform, "arm64")];
	return [
		`assets/tray/${platform}/**`,
		...idleModuleFiles,
		// D-Bus and X11 are asked on Linux only.
		...(platform === "linux" ? [] : ["!node_modules/{x11,@jellybrick}/**"]),
		`!node_modules/better-sqlite3/prebuilds/!(${platform}-\${arch}.node)`,
		`!node_modules/@koromix/!(koffi-${platform}-\${arch})/**`,
		// koffi's Linux packages carry a second binary, for musl; Electron runs on glibc only.
		"!node_modules/@koromix/*/musl_*/**",
		`!node_modules/@node-llama-cpp/!(${llamaFolders(llama)})/**`,
	];
}

/** Only the wanted architecture's folders, as alternatives of a pattern. */
function llamaFolders(packages: readonly string[]): string {
	const variants = new Set(
		// biome-ignore lint/suspicious/noTemplateCurlyInString: electron-builder fills these in.
		packages.map((name) => name.replace("@node-llama-cpp/", "").replace(/-(x64|arm64)/, "-${arch}")),
	);
	return [...variants].join("|");
}

/** The updater and what nothing but it needs: together with the shell it stays inside, where Electron checks the digests. */
export const shellModules = [
	"electron-updater",
	"builder-util-runtime",
	"lazy-val",
	"lodash.escaperegexp",
	"lodash.isequal",
	"tiny-typed-emitter",
	"js-yaml",
	"argparse",
	"sax",
];

/**
 * What lies beside the archive as plain files, so that any Node starts the service from there: its code, the page it serves, and the
 * packages it imports.
 */
export const unpackedFiles = [
	"dist/native/**",
	"dist/renderer/**",
	"assets/**",
	"node_modules/**",
	`!node_modules/{${shellModules.join(",")}}/**`,
];
