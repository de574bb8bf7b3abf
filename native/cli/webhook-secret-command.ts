import { locate } from "../locations/locations.ts";
import { ensureSecret } from "../notify/secret.ts";
import { type ExitCode, exitCodes } from "./exit-codes.ts";
import type { GlobalOptions } from "./global-options.ts";

/** Prints the secret that signs webhooks, alone on stdout; makes it where there is none yet. */
export async function webhookSecretCommand({ dataDir }: GlobalOptions): Promise<ExitCode> {
	const secret = await ensureSecret(locate(dataDir).webhookSecretPath);
	if (secret.ok) process.stdout.write(`${secret.value}\n`);
	else process.stderr.write(`nightshift: ${secret.error}\n`);
	return secret.ok ? exitCodes.done : exitCodes.broken;
}
