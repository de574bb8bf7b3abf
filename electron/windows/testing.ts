/** What tests of windows begin with: a desk, a service, and everything a window is made from. */
import type { MenuItemConstructorOptions } from "electron";
import { createTrustedSenders } from "../security/trusted-ipc.ts";
import { createFakeLink } from "../testing/fake-link.ts";
import { createFakeLog } from "../testing/fake-log.ts";
import { FakeMenu } from "../testing/fake-menu.ts";
import { FakeNativeTheme } from "../testing/fake-native-theme.ts";
import { FakeScreen } from "../testing/fake-screen.ts";
import { createFakeDesk } from "../testing/fake-window.ts";
import { up } from "../testing/sample-state.ts";
import type { DownAction } from "./down-page.ts";
import { createPageAddress } from "./sign-in.ts";

/** Where the service is in these tests. */
export const serviceUrl = "http://127.0.0.1:22007";
/** The page for a service that is down. */
export const downPage = "/app/electron/windows/down/down.html";

/** A desk with a service and no windows. */
export function setDesk() {
	const desk = createFakeDesk();
	const service = createFakeLink({ service: up });
	const downActions: DownAction[] = [];
	const log = createFakeLog();
	/** Menus that were opened in pages. */
	const menus: FakeMenu[] = [];
	/** Codes given out so far. */
	const codes: string[] = [];
	const page = {
		service,
		pageAddress: createPageAddress({
			service,
			session: desk.session,
			codeAddress: async () => {
				const phase = service.state.service;
				if (phase.kind !== "up") return { ok: false, error: { kind: "down", message: "It is down.", status: null } };
				codes.push(`code-${codes.length + 1}`);
				return { ok: true, value: `${phase.url}/#code=${codes.at(-1)}` };
			},
		}),
		downPage,
		onDownAction: (action: DownAction) => void downActions.push(action),
		log,
	};
	return {
		desk,
		service,
		page,
		codes,
		downActions,
		warnings: log.warnings,
		screen: new FakeScreen(),
		theme: new FakeNativeTheme(),
		senders: createTrustedSenders(),
		menus,
		popUpMenu: (template: MenuItemConstructorOptions[]) => void menus.push(new FakeMenu(template)),
	};
}

/** What the words of a page for a service that is down are. */
export function wordsOf(address: string): Record<string, string> {
	return Object.fromEntries(new URL(address).searchParams);
}
