/**
 * Models: those on this machine and what each is used as, those on their way, and getting more. Owns how they are shown; must never
 * decide what fits or where a file lies: that the service says.
 */
import { RotateCw } from "lucide-react";
import { useEffect } from "react";
import type { Catalogue, MachineModelList } from "../../native/contract/contract.ts";
import { formatBytes } from "../state/format.ts";
import { useResource } from "../state/resource.ts";
import { IconButton, PageHeader } from "../ui/ui.ts";
import { words } from "../words/words.ts";
import { doneKey } from "./downloads.ts";
import { DownloadsCard } from "./downloads-card.tsx";
import { GetMore } from "./get-more.tsx";
import { ModelsHere } from "./models-here.tsx";
import { useDownloads } from "./use-downloads.ts";

/** The screen. */
export function Models() {
	const { resource: here, reload: reloadHere } = useResource<MachineModelList>("/api/models");
	const { resource: catalogue, reload: reloadCatalogue } = useResource<Catalogue>("/api/models/catalogue");
	const handle = useDownloads();
	const done = doneKey(handle.downloads);
	// A download that is done is a model more, here and in the catalogue.
	useEffect(() => {
		if (done === "") return;
		reloadHere();
		reloadCatalogue();
	}, [done, reloadHere, reloadCatalogue]);
	const reload = (): void => {
		reloadHere();
		reloadCatalogue();
	};
	const freeBytes = here.state === "there" ? here.value.free_bytes : null;

	return (
		<>
			<PageHeader title={words.models.title}>
				{freeBytes !== null && (
					<span className="text-sm text-muted">{words.models.here.free(formatBytes(freeBytes))}</span>
				)}
				<IconButton label={words.models.here.lookAgain} onClick={reload}>
					<RotateCw aria-hidden className="size-4" />
				</IconButton>
			</PageHeader>
			<div className="flex flex-col gap-4">
				<DownloadsCard handle={handle} />
				<ModelsHere resource={here} onChanged={reload} />
				<GetMore resource={catalogue} freeBytes={freeBytes} handle={handle} onRetry={reloadCatalogue} />
			</div>
		</>
	);
}
