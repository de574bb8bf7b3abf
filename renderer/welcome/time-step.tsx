import { Radio } from "@base-ui/react/radio";
import { RadioGroup } from "@base-ui/react/radio-group";
import { useEffect, useState } from "react";
import type { SettingsValues } from "../../native/contract/contract.ts";
import type { ApiFailure } from "../api/client.ts";
import { routeTo } from "../state/route.ts";
import { changeSettings, loadSettings, useSettings } from "../state/settings.ts";
import { Button, Failure, Loading, Notice, Tag } from "../ui/ui.ts";
import { words } from "../words/words.ts";
import { nightWords } from "./suggest.ts";

type Mode = SettingsValues["schedule"]["mode"];

/** In the order they are offered; the first is what most people want. */
const offered = ["when-idle", "night", "always"] as const satisfies readonly Mode[];
const w = words.welcome;

/** When work may run: one choice of three; what was chosen elsewhere is kept as a fourth. */
export function TimeStep({ onBack, onDone }: { readonly onBack: () => void; readonly onDone: () => void }) {
	const { values, error } = useSettings();
	const [chosen, setChosen] = useState<Mode | null>(null);
	const [isBusy, setIsBusy] = useState(false);
	const [refusal, setRefusal] = useState<ApiFailure | null>(null);
	useEffect(() => void loadSettings(), []);
	if (values === null)
		return error === null ? <Loading /> : <Failure error={error} onRetry={() => void loadSettings()} />;
	const mode = chosen ?? values.schedule.mode;
	const finish = async (): Promise<void> => {
		setIsBusy(true);
		const answer = mode === values.schedule.mode ? null : await changeSettings({ schedule: { mode } });
		setIsBusy(false);
		if (answer === null || answer.ok) onDone();
		else setRefusal(answer.error);
	};
	return (
		<>
			<Modes mode={mode} values={values} onChange={setChosen} />
			<p className="text-sm">
				<a href={routeTo("settings")} className="text-accent underline-offset-2 hover:underline">
					{w.changeHours}
				</a>
			</p>
			{refusal !== null && <Notice tone="bad">{refusal.message}</Notice>}
			<footer className="flex justify-between gap-3">
				<Button tone="quiet" className="-ml-3" onClick={onBack}>
					{w.back}
				</Button>
				<Button tone="primary" isBusy={isBusy} onClick={() => void finish()}>
					{w.finish}
				</Button>
			</footer>
		</>
	);
}

interface ModesProps {
	readonly mode: Mode;
	readonly values: SettingsValues;
	readonly onChange: (mode: Mode) => void;
}

function Modes({ mode, values, onChange }: ModesProps) {
	const { schedule, night } = values;
	const shown: readonly Mode[] = schedule.mode === "away" ? ["away", ...offered] : offered;
	return (
		<RadioGroup
			aria-label={w.timeTitle}
			value={mode}
			onValueChange={(value) => {
				const found = shown.find((one) => one === value);
				if (found !== undefined) onChange(found);
			}}
			className="flex flex-col gap-2"
		>
			{shown.map((one) => (
				<label
					key={one}
					htmlFor={`mode-${one}`}
					className="flex items-start gap-3 rounded-lg border border-line bg-surface px-4 py-3 has-data-[checked]:border-accent has-data-[checked]:bg-accent-soft"
				>
					<Radio.Root
						id={`mode-${one}`}
						value={one}
						className="mt-0.5 flex size-4 shrink-0 items-center justify-center rounded-full border border-strong-line bg-raised data-[checked]:border-accent data-[checked]:bg-accent"
					>
						<Radio.Indicator className="size-1.5 rounded-full bg-on-accent" />
					</Radio.Root>
					<span className="min-w-0 grow">
						<span className="flex items-center gap-2 font-medium">
							{w.modes[one].title}
							{one === "when-idle" && <Tag tone="accent">{w.suggested}</Tag>}
						</span>
						<span className="block text-sm text-muted">
							{w.modes[one].body(nightWords(night), String(schedule.awayMinutes))}
						</span>
					</span>
				</label>
			))}
		</RadioGroup>
	);
}
