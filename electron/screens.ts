/**
 * Screens of the page that the shell leads to, as the page's address has them from its `#` on (renderer/state/route.ts). Pure; whoever
 * leads somewhere takes the place from here.
 */
export const screens = {
	home: "#/",
	jobs: "#/jobs",
	machines: "#/machines",
	morning: "#/morning",
	settings: "#/settings",
	/** One section of the settings, e.g. `energy`. */
	section: (name: string) => `#/settings/${name}`,
	job: (id: string) => `#/jobs/${encodeURIComponent(id)}`,
} as const;
