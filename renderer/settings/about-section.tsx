import type { Status } from "../../native/contract/contract.ts";
import { useResource } from "../state/resource.ts";
import { useWhenBack } from "../state/when-back.ts";
import { Card, Failure, Loading } from "../ui/ui.ts";
import { words } from "../words/words.ts";

const text = words.settings.about;

/** What this program is. */
export function AboutSection() {
	const { resource, reload } = useResource<Status>("/api/status");
	useWhenBack(reload);
	return (
		<Card title={text.title}>
			{resource.state === "loading" && <Loading />}
			{resource.state === "failed" && <Failure error={resource.error} onRetry={reload} />}
			{resource.state === "there" && (
				<dl className="mb-3 flex justify-between gap-4">
					<dt className="text-muted">{text.version}</dt>
					<dd>{resource.value.version}</dd>
				</dl>
			)}
			<p>{text.privacy}</p>
			<p className="mt-2 text-muted">{text.licence}</p>
		</Card>
	);
}
