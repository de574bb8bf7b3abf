import type { Catalogue, CatalogueModel } from "../../native/contract/contract.ts";
import { formatCount } from "../state/format.ts";
import type { Resource } from "../state/resource.ts";
import { Card, Disclosure, Failure, Loading } from "../ui/ui.ts";
import { words } from "../words/words.ts";
import { groupByFit } from "./catalogue.ts";
import { CatalogueEntry } from "./catalogue-entry.tsx";
import { ReferenceForm } from "./reference-form.tsx";
import type { DownloadsHandle } from "./use-downloads.ts";

const text = words.models.more;

/** What getting more models takes. */
export interface GetMoreProps {
	readonly resource: Resource<Catalogue>;
	/** On the disk that downloads go to; null: not known yet. */
	readonly freeBytes: number | null;
	readonly handle: DownloadsHandle;
	readonly onRetry: () => void;
}

/** A short list of models worth having, and any other by its reference. */
export function GetMore({ resource, freeBytes, handle, onRetry }: GetMoreProps) {
	return (
		<Card title={text.title}>
			<div className="@container flex flex-col gap-5">
				{resource.state === "loading" && <Loading />}
				{resource.state === "failed" && <Failure error={resource.error} onRetry={onRetry} />}
				{resource.state === "there" && <Groups catalogue={resource.value} freeBytes={freeBytes} handle={handle} />}
				<ReferenceForm onStarted={handle.put} />
			</div>
		</Card>
	);
}

function Groups({
	catalogue,
	...rest
}: Pick<GetMoreProps, "freeBytes" | "handle"> & { readonly catalogue: Catalogue }) {
	if (catalogue.data.length === 0) return <p className="text-muted">{text.nothing}</p>;
	return (
		<>
			{groupByFit(catalogue.data).map(({ kind, models }) =>
				kind === "too-big" ? (
					<Disclosure key={kind} label={text.foldedTooBig(formatCount(models.length))}>
						<Entries models={models} {...rest} />
					</Disclosure>
				) : (
					<section key={kind} aria-label={text.groups[kind]}>
						<h3 className="mb-2 text-sm font-medium text-muted">{text.groups[kind]}</h3>
						<Entries models={models} {...rest} />
					</section>
				),
			)}
			<p className="-mt-2 text-xs text-muted">{text.asOf(catalogue.as_of)}</p>
		</>
	);
}

function Entries({
	models,
	freeBytes,
	handle,
}: Pick<GetMoreProps, "freeBytes" | "handle"> & { readonly models: readonly CatalogueModel[] }) {
	return (
		<ul className="grid gap-2.5 @xl:grid-cols-2">
			{models.map((model) => (
				<li key={model.reference} className="min-w-0">
					<CatalogueEntry model={model} freeBytes={freeBytes} downloads={handle.downloads} onStarted={handle.put} />
				</li>
			))}
		</ul>
	);
}
