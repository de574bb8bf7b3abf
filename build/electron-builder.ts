/**
 * How installers are made. `npm run package` reads it; what goes into them is in `pack/files.ts`. For which processors is said on the
 * command line, `--x64 --arm64`: named here, they would be built whatever the command line says. Nothing here reaches the network
 * but through electron-builder's own downloads (Electron, and the tools of dmg, NSIS, AppImage and fpm), each checked by digest.
 */
import { readFileSync } from "node:fs";
import type { Configuration } from "electron-builder";
import { z } from "zod";
import { ownFiles, platformFiles, unpackedFiles } from "./pack/files.ts";
import { completeService, refuseIncomplete } from "./pack/hooks.ts";

/** Fixed for ever: installed copies are found by it, and Windows ties notifications to it. */
export const appId = "app.nightshift.desktop";

const { devDependencies } = z
	.object({ devDependencies: z.object({ electron: z.string() }) })
	.parse(JSON.parse(readFileSync(new URL("../package.json", import.meta.url), "utf8")));

/** The exact version that tests and types were made against. */
export const electronVersion = devDependencies.electron;

/** The configuration for an environment; see build/README.md for the variables. */
export function configuration(environment: NodeJS.ProcessEnv): Configuration {
	const repository = parseRepository(environment.NIGHTSHIFT_REPOSITORY);
	return {
		appId,
		productName: "Nightshift",
		copyright: "Copyright © Nightshift contributors",
		electronVersion,
		...(environment.NIGHTSHIFT_ELECTRON_DIST ? { electronDist: environment.NIGHTSHIFT_ELECTRON_DIST } : {}),
		// All native packages come with Node-API binaries, which fit every Electron.
		npmRebuild: false,
		// A production package that is not there must fail here, not at a user's.
		allowMissingDependencies: false,
		directories: { buildResources: "build/resources", output: "release" },
		files: ownFiles,
		asarUnpack: unpackedFiles,
		beforePack: refuseIncomplete,
		afterPack: completeService,
		electronFuses: fuses,
		// Chromium's words in its own menus and dialogs; the app itself speaks English.
		electronLanguages: ["en-US", "en-GB"],
		// An update is fetched by this name, so it has no spaces, and none is like another's.
		// biome-ignore lint/suspicious/noTemplateCurlyInString: electron-builder fills these in.
		artifactName: "nightshift-${version}-${os}-${arch}.${ext}",
		protocols: [{ name: "Nightshift", schemes: ["nightshift"] }],
		mac: mac(environment),
		dmg: { sign: false, writeUpdateInfo: false },
		win: windows(environment),
		nsis,
		linux,
		deb: {
			fpm: [linuxLauncher],
			// The tray on desktops that draw it by that library, which Debian 12 no longer has under electron-builder's name for it; and
			// what speaks to graphics cards.
			recommends: ["libayatana-appindicator3-1", "libvulkan1"],
		},
		rpm: { fpm: [linuxLauncher] },
		toolsets: {
			// The static runtime: the older one needs FUSE 2, which current distributions no longer install.
			appimage: "1.0.3",
		},
		...(repository === null
			? { publish: null }
			: {
					publish: { provider: "github", ...repository, releaseType: "draft" },
					// deb and rpm insist on one.
					extraMetadata: { homepage: `https://github.com/${repository.owner}/${repository.repo}` },
				}),
	};
}

/** What Electron's own binary may still do; the reasons are in the README's security section. */
export const fuses = {
	// The service, the inference process and the command line are Node programs that this binary runs.
	runAsNode: true,
	enableNodeOptionsEnvironmentVariable: false,
	enableNodeCliInspectArguments: false,
	enableEmbeddedAsarIntegrityValidation: true,
	onlyLoadAppFromAsar: true,
	// It asks for the keychain's password on unsigned builds, and our only cookie lives as long as the window.
	enableCookieEncryption: false,
	// It wants a snapshot of our own beside the binary, and without one nothing starts.
	loadBrowserProcessSpecificV8Snapshot: false,
	grantFileProtocolExtraPrivileges: false,
} as const;

/** What the file manager is told of batch files. Others keep theirs: opening with Nightshift is offered, not made the default. */
const batchFile = {
	ext: "jsonl",
	name: "Nightshift batch",
	description: "JSON Lines batch",
	role: "Viewer",
	rank: "Alternate",
} as const;

/** `owner/name` as GitHub Actions gives it; null where there is none, and then nothing is published and no update looked for. */
export function parseRepository(text: string | undefined): { readonly owner: string; readonly repo: string } | null {
	if (text === undefined || text === "") return null;
	const [, owner, repo] = /^([A-Za-z0-9-]+)\/([A-Za-z0-9._-]+)$/.exec(text) ?? [];
	if (owner === undefined || repo === undefined)
		throw new Error(`NIGHTSHIFT_REPOSITORY must be "owner/name", not "${text}".`);
	return { owner, repo };
}

/** The command line's launcher, in `resources/bin` of the package. */
function launcher(name: string): { from: string; to: string; filter: string[] } {
	return { from: "build/resources/bin", to: "bin", filter: [name] };
}

function mac(environment: NodeJS.ProcessEnv): NonNullable<Configuration["mac"]> {
	const hasCertificate = Boolean(environment.CSC_LINK || environment.CSC_NAME);
	const entitlements = `build/resources/entitlements.mac${hasCertificate ? "" : ".adhoc"}.plist`;
	return {
		category: "public.app-category.productivity",
		icon: "assets/icon/icon.icns",
		// Updates are installed from the zip.
		target: ["dmg", "zip"],
		// Electron 44 and later.
		minimumSystemVersion: "13.0",
		hardenedRuntime: true,
		// Apple's processors start nothing unsigned. Without a certificate the signature names nobody, and then the runtime takes our
		// libraries for somebody else's unless it is told not to look.
		...(hasCertificate ? {} : { identity: "-" }),
		entitlements,
		entitlementsInherit: entitlements,
		notarize: hasCertificate && Boolean(environment.APPLE_API_KEY || environment.APPLE_ID),
		files: platformFiles("darwin"),
		extraResources: [launcher("nightshift")],
		fileAssociations: [batchFile],
		extendInfo: {
			// In the menu bar only; the Dock shows it while its window is open.
			LSUIElement: true,
			// Without this text macOS 15 and later deny the local network without asking, and without any trace in Settings.
			NSLocalNetworkUsageDescription: "Nightshift finds your other machines and shares batch work with those you pair.",
			NSBonjourServices: ["_nightshift._tcp"],
			// Banners have no buttons.
			NSUserNotificationAlertStyle: "alert",
		},
	};
}

function windows(environment: NodeJS.ProcessEnv): NonNullable<Configuration["win"]> {
	const {
		AZURE_SIGN_ENDPOINT: endpoint,
		AZURE_SIGN_ACCOUNT: codeSigningAccountName,
		AZURE_SIGN_PROFILE: certificateProfileName,
		AZURE_SIGN_PUBLISHER: publisherName,
	} = environment;
	const isSigned = endpoint && codeSigningAccountName && certificateProfileName && publisherName;
	return {
		icon: "assets/icon/icon.ico",
		target: ["nsis"],
		extraResources: [launcher("nightshift.cmd")],
		files: platformFiles("win32"),
		...(isSigned
			? { azureSignOptions: { endpoint, codeSigningAccountName, certificateProfileName, publisherName } }
			: {}),
	};
}

const nsis: NonNullable<Configuration["nsis"]> = {
	// For this user, without asking for an administrator. That is also why it can't make a firewall rule.
	oneClick: true,
	perMachine: false,
	packElevateHelper: false,
	// One installer for each processor: one for both would be twice as large.
	buildUniversalInstaller: false,
	deleteAppDataOnUninstall: false,
	// Batch files' "Open with", and taking away the firewall rule that the app may have made.
	include: "build/resources/installer.nsh",
	// An update of one line then costs that line, not the whole archive.
	differentialPackage: "store-asar",
};

const linux: NonNullable<Configuration["linux"]> = {
	// `nightshift` is the command line.
	executableName: "nightshift-desktop",
	// `desktopName` of package.json, by which Wayland knows whose window it is.
	syncDesktopName: true,
	category: "Utility",
	icon: "assets/icon/linux",
	synopsis: "Works through OpenAI batch files at night",
	maintainer: "Nightshift contributors <nightshift@users.noreply.github.com>",
	vendor: "Nightshift contributors",
	target: ["AppImage", "deb", "rpm"],
	files: platformFiles("linux"),
	extraResources: [launcher("nightshift")],
	fileAssociations: [{ ...batchFile, mimeType: "application/jsonl" }],
};

/** /usr/bin/nightshift, in fpm's way of saying what goes where. */
const linuxLauncher = "build/resources/linux/nightshift=/usr/bin/nightshift";

export default configuration(process.env);
