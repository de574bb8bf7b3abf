/**
 * Every path the service reads or writes, in one place. Owns names of files and folders; must never open one.
 */
import { existsSync } from "node:fs";
import { homedir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";

/** Absolute paths, all below `dataDir` but for the ones that came with the program. */
export interface Locations {
	/** The ledger lies here too, under names of its own. */
	readonly dataDir: string;
	/** Where a user puts GGUF files to be found by name. */
	readonly modelsDir: string;
	/** Models on their way here. On the disk of the models folder, so that a whole one is only renamed. */
	readonly modelDownloadsDir: string;
	/** The short list of models worth having that came with the program. */
	readonly modelCataloguePath: string;
	/** Digests of model files, so that gigabytes are hashed once. */
	readonly modelDigestsPath: string;
	/** GPU packs, a folder each. */
	readonly gpuPacksDir: string;
	/** Packs on their way here. On the same disk. */
	readonly gpuPackDownloadsDir: string;
	/** The list of packs there are for the engine that came with the program. */
	readonly gpuPackListPath: string;
	readonly logPath: string;
	/** Port and process id of the running server, for our own tools. */
	readonly serverPath: string;
	/** What the user chose. */
	readonly settingsPath: string;
	/** Digests of the API keys made on this machine. */
	readonly apiKeysPath: string;
	/** Digests of the sessions of browsers that are signed in. */
	readonly sessionsPath: string;
	/** Secret of the running server, for our own tools: readable by its owner only, new at each start. */
	readonly tokenPath: string;
	/** When batch work stepped aside, one JSON line each. */
	readonly yieldsPath: string;
	/** Whether the owner paused or snoozed batch work. */
	readonly restPath: string;
	/** Who this machine is among others: its private key and its certificate. Readable by its owner only, kept. */
	readonly meshIdentityPath: string;
	/** What machines of the mesh have signed about who belongs to it. */
	readonly meshMembersPath: string;
	/** Terms as host that this machine knows of or had, which must survive a crash. */
	readonly meshEpochsPath: string;
	/** Bytes of the ledger, named by their digests. */
	readonly blobsDir: string;
	/** Where other machines were reached, and addresses the owner typed. */
	readonly meshAddressesPath: string;
	/** Conversations of the chat window, a file each. */
	readonly threadsDir: string;
	/** Secret that signs webhooks: readable by its owner only, kept. */
	readonly webhookSecretPath: string;
	/** The owner's own price table of hosted APIs; need not exist. */
	readonly pricesPath: string;
	/** The price table that came with the program. */
	readonly bundledPricesPath: string;
	/** The built page; absent until it is built. */
	readonly pageDir: string;
	/** The bundled model for trying and testing. */
	readonly demoModelPath: string;
}

/** The platform's folder for application data, unless NIGHTSHIFT_HOME names another. */
export function defaultDataDir(environment: NodeJS.ProcessEnv, platform: NodeJS.Platform): string {
	if (environment.NIGHTSHIFT_HOME) return resolve(environment.NIGHTSHIFT_HOME);
	switch (platform) {
		case "win32":
			return join(environment.LOCALAPPDATA ?? join(homedir(), "AppData", "Local"), "Nightshift");
		case "darwin":
			return join(homedir(), "Library", "Application Support", "Nightshift");
		default:
			return join(environment.XDG_DATA_HOME ?? join(homedir(), ".local", "share"), "nightshift");
	}
}

/** Names every path below a data folder. */
export function locate(dataDir: string): Locations {
	return {
		dataDir,
		modelsDir: join(dataDir, "models"),
		modelDownloadsDir: join(dataDir, "models", ".downloads"),
		modelCataloguePath: join(programDir(), "assets", "catalogue", "models.json"),
		modelDigestsPath: join(dataDir, "model-digests.json"),
		gpuPacksDir: join(dataDir, "gpu-packs"),
		gpuPackDownloadsDir: join(dataDir, "gpu-packs", ".downloads"),
		gpuPackListPath: join(programDir(), "assets", "gpu-packs", "packs.json"),
		logPath: join(dataDir, "nightshift.log"),
		serverPath: join(dataDir, "server.json"),
		settingsPath: join(dataDir, "settings.json"),
		apiKeysPath: join(dataDir, "api-keys.json"),
		sessionsPath: join(dataDir, "sessions.json"),
		tokenPath: join(dataDir, "server-token"),
		yieldsPath: join(dataDir, "yields.jsonl"),
		restPath: join(dataDir, "rest.json"),
		meshIdentityPath: join(dataDir, "mesh-identity.pem"),
		meshMembersPath: join(dataDir, "mesh-members.jsonl"),
		meshEpochsPath: join(dataDir, "mesh-epochs.json"),
		blobsDir: join(dataDir, "blobs"),
		meshAddressesPath: join(dataDir, "mesh-addresses.json"),
		threadsDir: join(dataDir, "threads"),
		webhookSecretPath: join(dataDir, "webhook-secret"),
		pricesPath: join(dataDir, "prices.json"),
		bundledPricesPath: join(programDir(), "assets", "prices", "hosted-batch-prices.json"),
		pageDir: join(programDir(), "dist", "renderer"),
		demoModelPath: join(programDir(), "assets", "demo-model", "nightshift-demo.gguf"),
	};
}

/** The folder that holds `assets/`: the repository when run from source, the package when run from `dist/`. */
function programDir(): string {
	let folder = dirname(fileURLToPath(import.meta.url));
	while (!existsSync(join(folder, "assets", "demo-model"))) {
		const parent = dirname(folder);
		if (parent === folder)
			throw new Error("The assets folder that comes with Nightshift is missing: install it again.");
		folder = parent;
	}
	return folder;
}
