import { startService } from "../service.ts";
import { type ExitCode, exitCodes } from "./exit-codes.ts";
import type { GlobalOptions } from "./global-options.ts";
import { onInterrupt, reportStartFailure } from "./start.ts";
import { version } from "./version.ts";

/** Options of `nightshift serve`. */
export interface ServeOptions extends GlobalOptions {
	readonly port: number;
	readonly model?: string;
	readonly lanes?: number;
	readonly threads?: number;
}

/** Serves the API until interrupted. */
export async function serveCommand(options: ServeOptions): Promise<ExitCode> {
	const started = await startService({
		...options,
		startJobs: true,
		conduct: "scheduled",
		model: options.model ?? null,
		lanes: options.lanes ?? null,
		threads: options.threads ?? null,
		version: version(),
	});
	if (!started.ok) return reportStartFailure(started.error);
	const service = started.value;
	if (service.server?.isFallback) process.stdout.write(`Port ${options.port} is taken; another one is used.\n`);
	const names = service.models.list().map((model) => model.name);
	const answer = service.modelOverride ? `every line by ${service.modelOverride.name}` : `models: ${names.join(", ")}`;
	process.stdout.write(`Nightshift serves ${service.server?.url}/v1 (${answer}). Stop with Ctrl-C.\n`);
	process.stdout.write("'nightshift open' prints an address that opens its page in a browser.\n");
	await new Promise<void>((resolve) => onInterrupt(resolve));
	process.stdout.write("Stopping; what is finished is kept.\n");
	await service.stop();
	return exitCodes.done;
}
