import { homedir } from "node:os";
import { silentLog, systemClock } from "../base/base.ts";
import { foreignModelLocations } from "../locations/foreign-models.ts";
import { locate } from "../locations/locations.ts";
import { createModels, type Models } from "../models/models.ts";
import { createSettings } from "../settings/settings.ts";
import { type ExitCode, exitCodes } from "./exit-codes.ts";
import type { GlobalOptions } from "./global-options.ts";

/** Lists the models on this machine, which of them answer for other names, and where to put more. */
export function modelsCommand(options: Pick<GlobalOptions, "dataDir">): ExitCode {
	const locations = locate(options.dataDir);
	const settings = createSettings({ path: locations.settingsPath, log: silentLog });
	const names = settings.current.models;
	settings.stop();
	const models = createModels({
		...locations,
		names: () => names,
		foreign: foreignModelLocations(process.env, homedir(), process.platform),
		clock: systemClock,
		log: silentLog,
	});
	const listed = models.list();
	const widest = Math.max(...listed.map((model) => model.name.length));
	for (const model of listed) {
		const megabytes = (model.sizeBytes / 1e6).toFixed(0).padStart(7);
		process.stdout.write(`${model.name.padEnd(widest)}  ${megabytes} MB  ${model.path}\n`);
	}
	process.stdout.write(`\nPut GGUF files into ${locations.modelsDir} to use them by name.\n`);
	for (const [name, target] of Object.entries(names.map)) {
		process.stdout.write(`${name} is answered by ${answering(models, name, target)}.\n`);
	}
	if (names.default !== null) {
		process.stdout.write(`Other names are answered by ${answering(models, null, names.default)}.\n`);
	}
	return exitCodes.done;
}

/** Who looks at the list should see that a model is gone before a batch does. */
function answering(models: Models, name: string | null, chosen: string): string {
	return models.resolve(name)?.name ?? `${chosen}, which is not here`;
}
