import { platform, release } from "node:os";
import { err, type Result } from "../base/base.ts";
import { gpuPackListSchema, type MachineStatus, machineStatusSchema } from "../contract/contract.ts";
import { probeBackends } from "../engine/backends.ts";
import { installedModules } from "../engine/packs/create-packs.ts";
import { packsFor, readPackList } from "../engine/packs/pack-list.ts";
import { locate } from "../locations/locations.ts";
import { type DoctorFacts, describeDoctor } from "./doctor-view.ts";
import { type ExitCode, exitCodes } from "./exit-codes.ts";
import type { GlobalOptions } from "./global-options.ts";
import type { ClientFailure, ServiceClient } from "./service-client.ts";
import { reportClientFailure, withAnyService } from "./use-service.ts";
import { version } from "./version.ts";

/** Options of `nightshift doctor`. */
export interface DoctorOptions extends GlobalOptions {
	readonly json?: boolean;
}

/** Prints what this computer is, who told, what would stop batch work now, and what inference can run on. */
export function doctorCommand(options: DoctorOptions): Promise<ExitCode> {
	return withAnyService({ ...options, conduct: "scheduled" }, async ({ client, isOwn }) => {
		const asked = await askMachine(client);
		if (!asked.ok) return reportClientFailure(asked.error);
		// Only now: trying them takes the processor, which the looks would take for somebody else's work.
		const { gpuPackListPath, gpuPacksDir } = locate(options.dataDir);
		const packs = installedModules(packsFor(readPackList(gpuPackListPath), process), gpuPacksDir);
		const backends = await probeBackends({ packs });
		const packList = await client.call("/api/gpu-packs", gpuPackListSchema);
		if (!packList.ok) return reportClientFailure(packList.error);
		const system = `${platform()} ${release()}, ${process.arch}, Node ${process.versions.node}`;
		const facts: DoctorFacts = {
			version: version(),
			system,
			isServing: !isOwn,
			backends,
			packs: packList.value,
			...asked.value,
		};
		process.stdout.write(options.json ? `${JSON.stringify(facts, null, 2)}\n` : describeDoctor(facts));
		return exitCodes.done;
	});
}

/** Shares of time and of the processor are told from one look to the next, so it takes two. */
async function askMachine(client: ServiceClient): Promise<Result<MachineStatus, ClientFailure>> {
	let asked: Result<MachineStatus, ClientFailure> = err({
		kind: "not-answering",
		message: "The service was not asked.",
		status: null,
		param: null,
	});
	for (let looks = 0; looks < 2; looks++) {
		asked = await client.call("/api/machine", machineStatusSchema);
		if (!asked.ok) return asked;
	}
	return asked;
}
