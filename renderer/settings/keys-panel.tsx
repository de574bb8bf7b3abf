import { useState } from "react";
import type { ApiKey, ApiKeyCreated, ApiKeyList } from "../../native/contract/contract.ts";
import { call } from "../api/client.ts";
import { useConnection } from "../state/connection.ts";
import type { ResourceHandle } from "../state/resource.ts";
import { Button, Card, CopyButton, Failure, Loading, TextInput } from "../ui/ui.ts";
import { words } from "../words/words.ts";
import { KeyRow } from "./key-row.tsx";

const text = words.settings.api;

/** The API keys: made, shown once, taken back. */
export function KeysPanel({ keys: { resource, reload } }: { readonly keys: ResourceHandle<ApiKeyList> }) {
	const [made, setMade] = useState<ApiKeyCreated | null>(null);
	return (
		<Card title={text.keys}>
			<p className="-mt-2 mb-3 text-sm text-muted">{text.keysHint}</p>
			{resource.state === "loading" && <Loading />}
			{resource.state === "failed" && <Failure error={resource.error} onRetry={reload} />}
			{resource.state === "there" && <Keys keys={resource.value.keys} onChanged={reload} />}
			{made === null ? (
				<NewKey
					onMade={(created) => {
						setMade(created);
						reload();
					}}
				/>
			) : (
				<Made created={made} onDone={() => setMade(null)} />
			)}
		</Card>
	);
}

function Keys({ keys, onChanged }: { readonly keys: readonly ApiKey[]; readonly onChanged: () => void }) {
	if (keys.length === 0) return <p>{text.noKeys}</p>;
	return (
		<ul className="divide-y divide-line">
			{keys.map((key) => (
				<KeyRow key={key.id} apiKey={key} isLast={keys.length === 1} onRevoked={onChanged} />
			))}
		</ul>
	);
}

function NewKey({ onMade }: { readonly onMade: (created: ApiKeyCreated) => void }) {
	const isOff = useConnection(({ phase }) => phase === "offline" || phase === "signed-out");
	const [name, setName] = useState("");
	const [fault, setFault] = useState<string | null>(null);
	const [isBusy, setIsBusy] = useState(false);
	const make = async (): Promise<void> => {
		setIsBusy(true);
		const answer = await call<ApiKeyCreated>("/api/keys", { body: { name } });
		setIsBusy(false);
		if (!answer.ok) return setFault(answer.error.message);
		onMade(answer.value);
	};
	return (
		<form
			className="mt-3"
			onSubmit={(event) => {
				event.preventDefault();
				void make();
			}}
		>
			<div className="flex max-w-md gap-2">
				<TextInput
					aria-label={text.keyName}
					placeholder={text.keyName}
					autoComplete="off"
					value={name}
					disabled={isOff}
					onChange={(event) => {
						setName(event.target.value);
						setFault(null);
					}}
				/>
				<Button type="submit" isBusy={isBusy} disabled={isOff || name.trim() === ""}>
					{text.makeKey}
				</Button>
			</div>
			{fault !== null && (
				<p role="alert" className="mt-1.5 text-sm text-bad">
					{fault}
				</p>
			)}
		</form>
	);
}

/** Stays until it is put away by hand: the key can't be had again. */
function Made({ created, onDone }: { readonly created: ApiKeyCreated; readonly onDone: () => void }) {
	return (
		<div role="status" className="mt-3 rounded-md bg-accent-soft p-3">
			<p className="font-medium">{text.keyMade(created.key.name)}</p>
			<p className="text-sm">{text.keyOnce}</p>
			<p className="mt-2 rounded-md bg-surface px-3 py-1.5 font-mono break-all">{created.secret}</p>
			<p className="mt-2 flex gap-2">
				<CopyButton text={created.secret} />
				<Button onClick={onDone}>{text.keyDone}</Button>
			</p>
		</div>
	);
}
