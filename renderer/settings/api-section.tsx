import type { ApiKeyList, ModelList, SettingsValues } from "../../native/contract/contract.ts";
import { useResource } from "../state/resource.ts";
import { useWhenBack } from "../state/when-back.ts";
import { Card, CopyButton } from "../ui/ui.ts";
import { words } from "../words/words.ts";
import { originOf } from "./entries.ts";
import { KeysPanel } from "./keys-panel.tsx";
import { ListSetting } from "./list-setting.tsx";
import { NumberSetting } from "./number-setting.tsx";
import { baseUrlOf } from "./recipes.ts";
import { RecipesPanel } from "./recipes-panel.tsx";
import { SettingGroup } from "./setting-group.tsx";
import { WebhooksGroup } from "./webhooks-group.tsx";

const text = words.settings.api;

/** The API for programs of this computer: where it is, who may call, and who is told. */
export function ApiSection({ values }: { readonly values: SettingsValues }) {
	const keys = useResource<ApiKeyList>("/api/keys");
	const models = useResource<ModelList>("/v1/models");
	useWhenBack(keys.reload);
	useWhenBack(models.reload);
	const { origin } = location;
	const names = models.resource.state === "there" ? models.resource.value.data.map(({ id }) => id) : [];
	return (
		<>
			<Card title={text.address}>
				<dl className="flex flex-col gap-2">
					<Address label={text.openai} url={baseUrlOf(origin)} />
					<Address label={text.anthropic} url={origin} />
				</dl>
				<p className="mt-3 text-sm text-muted">{text.local}</p>
			</Card>
			<RecipesPanel
				origin={origin}
				model={values.models.default ?? names[0] ?? null}
				needsKey={keys.resource.state === "there" && keys.resource.value.keys.length > 0}
			/>
			<KeysPanel keys={keys} />
			<SettingGroup title={text.browsers}>
				<ListSetting
					path="endpoint.allowedOrigins"
					label={text.origins}
					hint={text.originsHint}
					entryLabel={text.origin}
					placeholder="http://localhost:3000"
					entries={values.endpoint.allowedOrigins}
					normalise={originOf}
					patch={(allowedOrigins) => ({ endpoint: { allowedOrigins } })}
				/>
			</SettingGroup>
			<LiveGroup endpoint={values.endpoint} />
			<WebhooksGroup webhooks={values.webhooks} />
		</>
	);
}

function Address({ label, url }: { readonly label: string; readonly url: string }) {
	return (
		<div>
			<dt className="text-sm text-muted">{label}</dt>
			<dd className="mt-1 flex items-center justify-between gap-2 rounded-md bg-sunken py-0.5 pr-0.5 pl-3 font-mono">
				{url}
				<CopyButton text={url} isIcon />
			</dd>
		</div>
	);
}

function LiveGroup({ endpoint }: Pick<SettingsValues, "endpoint">) {
	return (
		<SettingGroup title={text.live}>
			<NumberSetting
				path="endpoint.interactiveLanes"
				label={text.lanes}
				hint={text.lanesHint}
				unit=""
				value={endpoint.interactiveLanes}
				patch={(interactiveLanes) => ({ endpoint: { interactiveLanes } })}
			/>
			<NumberSetting
				path="endpoint.interactiveContextTokens"
				label={text.context}
				hint={text.contextHint}
				unit={words.settings.tokens}
				placeholder={words.settings.automatic}
				isOptional
				value={endpoint.interactiveContextTokens}
				patch={(interactiveContextTokens) => ({ endpoint: { interactiveContextTokens } })}
			/>
			<NumberSetting
				path="endpoint.mostModels"
				label={text.mostModels}
				hint={text.mostModelsHint}
				unit=""
				value={endpoint.mostModels}
				patch={(mostModels) => ({ endpoint: { mostModels } })}
			/>
		</SettingGroup>
	);
}
