import { Card, Failure } from "../ui/ui.ts";
import { words } from "../words/words.ts";
import { DownloadRow } from "./download-row.tsx";
import type { DownloadsHandle } from "./use-downloads.ts";

/** Models on their way here; nothing where none is. */
export function DownloadsCard({ handle }: { readonly handle: DownloadsHandle }) {
	const { downloads, error, retry } = handle;
	if (downloads.length === 0 && error === null) return null;
	return (
		<Card title={words.models.downloads.title}>
			{error !== null && <Failure error={error} onRetry={retry} />}
			<ul aria-label={words.models.downloads.title} className="-my-2">
				{downloads.map((download) => (
					<li key={download.id} className="border-line not-first:border-t">
						<DownloadRow download={download} handle={handle} />
					</li>
				))}
			</ul>
		</Card>
	);
}
