import { silentLog } from "../base/base.ts";
import { locate } from "../locations/locations.ts";
import { createModels } from "../models/models.ts";
import { type ExitCode, exitCodes } from "./exit-codes.ts";
import type { GlobalOptions } from "./global-options.ts";

/** Lists the models on this machine and where to put more. */
export function modelsCommand(options: GlobalOptions): ExitCode {
	const locations = locate(options.dataDir);
	const models = createModels({ ...locations, log: silentLog }).list();
	const widest = Math.max(...models.map((model) => model.name.length));
	for (const model of models) {
		const megabytes = (model.sizeBytes / 1e6).toFixed(0).padStart(7);
		process.stdout.write(`${model.name.padEnd(widest)}  ${megabytes} MB  ${model.path}\n`);
	}
	process.stdout.write(`\nPut GGUF files into ${locations.modelsDir} to use them by name.\n`);
	return exitCodes.done;
}
