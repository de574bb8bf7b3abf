import { Download as DownloadIcon } from "lucide-react";
import { useEffect, useState } from "react";
import type {
	Catalogue,
	CatalogueModel,
	Download,
	MachineModel,
	MachineModelList,
} from "../../native/contract/contract.ts";
import { call } from "../api/client.ts";
import { formatBytes, formatPercent } from "../state/format.ts";
import { usePresent } from "../state/present.ts";
import { useResource } from "../state/resource.ts";
import { routeTo } from "../state/route.ts";
import { changeSettings } from "../state/settings.ts";
import { Button, Loading, Notice, ProgressBar, say, Tag } from "../ui/ui.ts";
import { words } from "../words/words.ts";
import { worthOffering } from "./suggest.ts";

const w = words.welcome;

/** Which model answers: one that is here, or one out of the catalogue that fits this machine. */
export function ModelStep({ onNext }: { readonly onNext: () => void }) {
	const models = useResource<MachineModelList>("/api/models");
	const catalogue = useResource<Catalogue>("/api/models/catalogue");
	const arrived = usePresent(({ downloads }) => (downloads ?? []).filter(({ state }) => state === "done").length);
	const { reload } = models;
	// What has arrived is on this machine now, and can be made the default.
	useEffect(() => {
		if (arrived > 0) reload();
	}, [arrived, reload]);
	return (
		<>
			<section aria-labelledby="here-title">
				<h2 id="here-title" className="mb-2 text-base font-semibold">
					{w.here}
				</h2>
				{models.resource.state === "loading" && <Loading />}
				{models.resource.state === "failed" && <Notice>{w.catalogueFailed}</Notice>}
				{models.resource.state === "there" && (
					<ul className={list}>
						{models.resource.value.data
							.filter(({ is_embedding: isEmbedding, problem }) => !isEmbedding && problem === null)
							.map((model) => (
								<li key={model.path} className={row}>
									<HereModel model={model} onChanged={models.reload} />
								</li>
							))}
					</ul>
				)}
			</section>
			{catalogue.resource.state === "there" && <Offers catalogue={catalogue.resource.value} />}
			<footer className="flex items-center justify-between gap-3">
				<a href={routeTo("models")} className="text-accent hover:underline">
					{w.moreModels}
				</a>
				<Button tone="primary" onClick={onNext}>
					{w.next}
				</Button>
			</footer>
		</>
	);
}

const list = "divide-y divide-line rounded-lg border border-line bg-surface";
const row = "flex items-center gap-4 px-4 py-3";

function HereModel({ model, onChanged }: { readonly model: MachineModel; readonly onChanged: () => void }) {
	const [isBusy, setIsBusy] = useState(false);
	const isDemo = model.place === "bundled";
	const take = async (): Promise<void> => {
		setIsBusy(true);
		const answer = await changeSettings({ models: { default: model.name } });
		setIsBusy(false);
		if (answer.ok) onChanged();
		say(answer.ok ? w.isDefault(model.name) : answer.error.message);
	};
	return (
		<>
			<div className="min-w-0 grow">
				<p className="font-medium">{isDemo ? w.demo : model.name}</p>
				<p className="text-sm text-muted">
					{isDemo ? w.demoBody : `${formatBytes(model.size_bytes)}, ${model.fit.words}`}
				</p>
			</div>
			{model.roles.includes("default") ? (
				<Tag tone="good">{w.inUse}</Tag>
			) : (
				<Button aria-label={w.chooseNamed(model.name)} isBusy={isBusy} onClick={() => void take()}>
					{w.use}
				</Button>
			)}
		</>
	);
}

function Offers({ catalogue }: { readonly catalogue: Catalogue }) {
	const offers = worthOffering(catalogue);
	const [started, setStarted] = useState<readonly Download[]>([]);
	const told = usePresent((state) => state.downloads);
	const downloads = [...(told ?? []), ...started];
	if (offers.length === 0) return null;
	return (
		<section aria-labelledby="offers-title">
			<h2 id="offers-title" className="text-base font-semibold">
				{w.catalogue}
			</h2>
			<p className="mb-2 text-sm text-muted">{w.catalogueHint}</p>
			<ul className={list}>
				{offers.map((model) => (
					<li key={model.reference} className={row}>
						<Offer
							model={model}
							download={downloads.find(({ reference }) => reference === model.reference) ?? null}
							onStarted={(download) => setStarted((before) => [...before, download])}
						/>
					</li>
				))}
			</ul>
			{downloads.length > 0 && <p className="mt-2 text-sm text-muted">{w.goesOn}</p>}
		</section>
	);
}

interface OfferProps {
	readonly model: CatalogueModel;
	readonly download: Download | null;
	readonly onStarted: (download: Download) => void;
}

function Offer({ model, download, onStarted }: OfferProps) {
	const [isBusy, setIsBusy] = useState(false);
	const size = formatBytes(model.size_bytes);
	const start = async (): Promise<void> => {
		setIsBusy(true);
		const answer = await call<Download>("/api/models/downloads", { body: { reference: model.reference } });
		setIsBusy(false);
		if (answer.ok) onStarted(answer.value);
		else say(answer.error.message);
	};
	return (
		<>
			<div className="min-w-0 grow">
				<p className="font-medium">{model.title}</p>
				<p className="text-sm text-muted">{model.purpose}</p>
				<p className="text-xs text-muted first-letter:uppercase">{`${model.fit.words}. ${w.license(model.license)}`}</p>
				{download !== null && <Progress model={model} download={download} />}
			</div>
			{download === null && (
				<Button
					aria-label={w.downloadNamed(model.title, size)}
					icon={<DownloadIcon aria-hidden className="size-3.5" />}
					isBusy={isBusy}
					onClick={() => void start()}
				>
					{size}
				</Button>
			)}
		</>
	);
}

function Progress({ model, download }: { readonly model: CatalogueModel; readonly download: Download }) {
	const { total_bytes: total, received_bytes: received, state, problem } = download;
	const fraction = total === null || total === 0 ? null : received / total;
	return (
		<div className="mt-2">
			<ProgressBar label={w.progressOf(model.title)} fraction={state === "done" ? 1 : fraction} />
			<p className="mt-1 text-xs text-muted">
				{problem ?? w.downloadStates[state]}
				{state === "running" && fraction !== null && `, ${w.downloading(formatPercent(fraction))}`}
			</p>
		</div>
	);
}
