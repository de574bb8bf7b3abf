import type { Status } from "../../native/contract/contract.ts";
import { shell } from "../shell.ts";
import { useResource } from "../state/resource.ts";
import { useWhenBack } from "../state/when-back.ts";
import { Button, Card, CopyButton, Failure, Loading } from "../ui/ui.ts";
import { words } from "../words/words.ts";

const text = words.settings.about;

/** What this program is and where it keeps things. */
export function AboutSection() {
	const { resource, reload } = useResource<Status>("/api/status");
	useWhenBack(reload);
	return (
		<Card title={text.title}>
			{resource.state === "loading" && <Loading />}
			{resource.state === "failed" && <Failure error={resource.error} onRetry={reload} />}
			{resource.state === "there" && (
				<>
					<dl className="mb-2 grid grid-cols-[auto_1fr] items-center gap-x-4 gap-y-2">
						<dt className="text-muted">{text.version}</dt>
						<dd className="text-right">{resource.value.version}</dd>
						<dt className="text-muted">{text.dataDir}</dt>
						<dd className="flex min-w-0 items-center justify-end gap-1.5">
							<DataFolder path={resource.value.dataDir} />
						</dd>
					</dl>
					<p className="mb-3 text-sm text-muted">{text.dataDirNote}</p>
				</>
			)}
			<p>{text.privacy}</p>
			<p className="mt-2 text-muted">{text.licence}</p>
		</Card>
	);
}

function DataFolder({ path }: { readonly path: string }) {
	const bridge = shell;
	return (
		<>
			<code className="min-w-0 break-all text-right text-sm">{path}</code>
			<CopyButton isIcon text={path} label={text.copyDataDir} />
			{bridge !== null && <Button onClick={() => void bridge.revealInFolder(path)}>{text.showDataDir}</Button>}
		</>
	);
}
