/**
 * What the owner chooses, a screen in sections. Each setting is saved by itself when it was chosen or its field is left; what is shown is
 * what the service has accepted. Must never keep a setting of its own.
 */
import { useEffect } from "react";
import type { SettingsValues } from "../../native/contract/contract.ts";
import { shell } from "../shell.ts";
import { useConnection } from "../state/connection.ts";
import { routeTo } from "../state/route.ts";
import { loadSettings, useSettings } from "../state/settings.ts";
import { Failure, join, Loading, Notice, PageHeader } from "../ui/ui.ts";
import { words } from "../words/words.ts";
import { AboutSection } from "./about-section.tsx";
import { ApiSection } from "./api-section.tsx";
import { AsideSection } from "./aside-section.tsx";
import { DesktopSection } from "./desktop-section.tsx";
import { EnergySection } from "./energy-section.tsx";
import { MachinesSection } from "./machines-section.tsx";
import { WhenSection } from "./when-section.tsx";
import { WorkSection } from "./work-section.tsx";

const text = words.settings;
const everySection = ["when", "aside", "work", "machines", "api", "energy", "desktop", "about"] as const;
type Section = (typeof everySection)[number];
/** In a browser nobody starts with the session or shows notifications. */
const sections = everySection.filter((section) => section !== "desktop" || shell !== null);

/** The screen; an unknown section is the first. */
export function Settings({ section }: { readonly section: string | null }) {
	const { values, error } = useSettings();
	const phase = useConnection((state) => state.phase);
	const shown = sections.find((one) => one === section) ?? "when";
	// Anew when the service is back: somebody may have edited the file meanwhile.
	useEffect(() => {
		if (phase !== "offline") void loadSettings();
	}, [phase]);
	return (
		<>
			<PageHeader title={text.title} />
			<div className="flex flex-col gap-4 wide:flex-row wide:gap-6">
				<SectionLinks shown={shown} />
				<div className="flex min-w-0 max-w-2xl grow flex-col gap-4">
					{phase === "offline" && <Notice tone="warn">{text.offline}</Notice>}
					{values === null &&
						(error === null ? <Loading /> : <Failure error={error} onRetry={() => void loadSettings()} />)}
					{values !== null && <Shown section={shown} values={values} />}
				</div>
			</div>
		</>
	);
}

function SectionLinks({ shown }: { readonly shown: Section }) {
	return (
		<nav aria-label={text.sections} className="wide:w-44 wide:shrink-0">
			<ul className="flex flex-wrap gap-1 wide:sticky wide:top-0 wide:flex-col">
				{sections.map((section) => (
					<li key={section}>
						<a
							href={routeTo("settings", section)}
							aria-current={section === shown ? "page" : undefined}
							className={join(
								"block rounded-md px-2.5 py-1.5",
								section === shown ? "bg-sunken font-medium" : "text-muted hover:bg-hover hover:text-text",
							)}
						>
							{text.section[section]}
						</a>
					</li>
				))}
			</ul>
		</nav>
	);
}

function Shown({ section, values }: { readonly section: Section; readonly values: SettingsValues }) {
	switch (section) {
		case "when":
			return <WhenSection values={values} />;
		case "aside":
			return <AsideSection values={values} />;
		case "work":
			return <WorkSection values={values} />;
		case "machines":
			return <MachinesSection values={values} />;
		case "api":
			return <ApiSection values={values} />;
		case "energy":
			return <EnergySection values={values} />;
		case "desktop":
			return <DesktopSection values={values} />;
		case "about":
			return <AboutSection />;
		default:
			return section satisfies never;
	}
}
