import { X } from "lucide-react";
import { useState } from "react";
import type { SettingsValues } from "../../native/contract/contract.ts";
import { CopyButton, IconButton } from "../ui/ui.ts";
import { words } from "../words/words.ts";
import { AddEntry } from "./add-entry.tsx";
import { hostOf } from "./entries.ts";
import { ListSetting } from "./list-setting.tsx";
import { NotSaved } from "./not-saved.tsx";
import { useSaving } from "./saving.ts";
import { SettingGroup } from "./setting-group.tsx";

const text = words.settings.webhooks;
type Endpoint = SettingsValues["webhooks"]["endpoints"][number];
const allEvents = ["completed", "failed", "expired", "cancelled", "needs_attention"] as const;

/** Which programs elsewhere are told of the ends of batches. */
export function WebhooksGroup({ webhooks }: Pick<SettingsValues, "webhooks">) {
	return (
		<SettingGroup title={text.title} hint={text.hint}>
			<ListSetting
				path="webhooks.allowedHosts"
				label={text.hosts}
				hint={text.hostsHint}
				entryLabel={text.host}
				placeholder="example.com"
				entries={webhooks.allowedHosts}
				normalise={hostOf}
				patch={(allowedHosts) => ({ webhooks: { allowedHosts } })}
			/>
			<Endpoints endpoints={webhooks.endpoints} hosts={webhooks.allowedHosts} />
			<p className="flex flex-wrap items-center gap-x-2 text-sm text-muted">
				{text.secret}
				<span className="flex items-center rounded-md bg-sunken pl-2 font-mono text-text">
					{text.secretCommand}
					<CopyButton text={text.secretCommand} isIcon />
				</span>
			</p>
		</SettingGroup>
	);
}

function Endpoints({
	endpoints,
	hosts,
}: {
	readonly endpoints: readonly Endpoint[];
	readonly hosts: readonly string[];
}) {
	const { save, say, fault, isOff } = useSaving("webhooks.endpoints");
	const [typed, setTyped] = useState("");
	const change = (next: readonly Endpoint[]): Promise<boolean> => save({ webhooks: { endpoints: next } });
	const add = async (): Promise<void> => {
		if (await change([...endpoints, { url: typed.trim(), events: allEvents }])) setTyped("");
	};
	return (
		<section aria-label={text.endpoints}>
			<h3 className="font-medium">{text.endpoints}</h3>
			{endpoints.length === 0 && <p className="text-sm text-muted">{text.noEndpoints}</p>}
			<ul className="mt-1 flex flex-col gap-2">
				{endpoints.map((endpoint, index) => (
					<EndpointRow
						key={endpoint.url}
						endpoint={endpoint}
						isAllowed={hosts.includes(hostOf(endpoint.url))}
						isOff={isOff}
						onChange={(next) => void change(endpoints.map((other, at) => (at === index ? next : other)))}
						onRemove={() => void change(endpoints.filter((other) => other !== endpoint))}
					/>
				))}
			</ul>
			<AddEntry
				label={text.endpoint}
				placeholder="https://example.com/hook"
				typed={typed}
				isOff={isOff}
				className="max-w-md"
				onType={(next) => {
					setTyped(next);
					if (fault !== null) say(null);
				}}
				onAdd={() => void add()}
			/>
			<NotSaved fault={fault} />
		</section>
	);
}

function EndpointRow({
	endpoint,
	isAllowed,
	isOff,
	onChange,
	onRemove,
}: {
	readonly endpoint: Endpoint;
	/** Its host is among those that webhooks are sent to. */
	readonly isAllowed: boolean;
	readonly isOff: boolean;
	readonly onChange: (endpoint: Endpoint) => void;
	readonly onRemove: () => void;
}) {
	return (
		<li className="flex items-start justify-between gap-2">
			<fieldset className="min-w-0" disabled={isOff}>
				<legend className="sr-only">{text.events(endpoint.url)}</legend>
				<p className="pt-1.5 font-mono text-sm">{endpoint.url}</p>
				{!isAllowed && <p className="text-sm text-warn">{text.notAllowed}</p>}
				<p className="mt-1 flex flex-wrap gap-x-4 gap-y-1 text-sm">
					{allEvents.map((event) => (
						<label key={event} className="flex items-center gap-1.5">
							<input
								type="checkbox"
								className="size-3.5 accent-accent"
								checked={endpoint.events.includes(event)}
								onChange={({ target }) =>
									onChange({
										...endpoint,
										events: allEvents.filter((one) => (one === event ? target.checked : endpoint.events.includes(one))),
									})
								}
							/>
							{text.event[event]}
						</label>
					))}
				</p>
			</fieldset>
			<IconButton label={words.settings.remove(endpoint.url)} disabled={isOff} onClick={onRemove}>
				<X aria-hidden className="size-4" />
			</IconButton>
		</li>
	);
}
