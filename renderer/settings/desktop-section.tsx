import type { SettingsValues } from "../../native/contract/contract.ts";
import { words } from "../words/words.ts";
import { ChoiceSetting } from "./choice-setting.tsx";
import { SettingGroup } from "./setting-group.tsx";
import { ToggleSetting } from "./toggle-setting.tsx";

const text = words.settings;

/** What the desktop program does around this page; shown in its windows only. */
export function DesktopSection({ values }: { readonly values: SettingsValues }) {
	return (
		<>
			<StartGroup desktop={values.desktop} />
			<NotificationsGroup notifications={values.notifications} />
			<UpdatesGroup updates={values.updates} />
		</>
	);
}

function StartGroup({ desktop }: Pick<SettingsValues, "desktop">) {
	return (
		<SettingGroup title={text.desktop.title}>
			<ToggleSetting
				path="desktop.startAtLogin"
				label={text.desktop.startAtLogin}
				hint={text.desktop.startAtLoginHint}
				value={desktop.startAtLogin}
				patch={(startAtLogin) => ({ desktop: { startAtLogin } })}
			/>
			<div>
				<h3 className="mb-1 font-medium">{text.desktop.openedFiles}</h3>
				<ChoiceSetting
					path="desktop.openedFiles"
					label={text.desktop.openedFiles}
					value={desktop.openedFiles}
					choices={(["ask", "queue"] as const).map((value) => ({ value, ...text.desktop.openedFilesChoices[value] }))}
					patch={(openedFiles) => ({ desktop: { openedFiles } })}
				/>
			</div>
		</SettingGroup>
	);
}

function NotificationsGroup({ notifications }: Pick<SettingsValues, "notifications">) {
	return (
		<SettingGroup title={text.notifications.title} hint={text.notifications.hint}>
			{(["done", "failed", "attention", "morning"] as const).map((kind) => (
				<ToggleSetting
					key={kind}
					path={`notifications.${kind}`}
					label={text.notifications[kind]}
					hint={text.notifications[`${kind}Hint`]}
					value={notifications[kind]}
					patch={(isOn) => ({ notifications: { [kind]: isOn } })}
				/>
			))}
		</SettingGroup>
	);
}

function UpdatesGroup({ updates }: Pick<SettingsValues, "updates">) {
	return (
		<SettingGroup title={text.updates.title} hint={text.updates.hint}>
			<ChoiceSetting
				path="updates.channel"
				label={text.updates.channel}
				value={updates.channel}
				choices={(["latest", "beta"] as const).map((value) => ({ value, ...text.updates.channels[value] }))}
				patch={(channel) => ({ updates: { channel } })}
			/>
			<ToggleSetting
				path="updates.download"
				label={text.updates.download}
				hint={text.updates.downloadHint}
				value={updates.download}
				patch={(download) => ({ updates: { download } })}
			/>
		</SettingGroup>
	);
}
