/**
 * Keeps the stores fed from the one stream of events, through broken connections and restarts of the service. Owns the connection; must
 * never know of a screen.
 */
import type {
	BatchesEvent,
	DownloadsEvent,
	EngineEvent,
	GpuPackList,
	MachineStatus,
	MeshView,
	NoticeObject,
	SettingsValues,
} from "../../native/contract/contract.ts";
import { call } from "../api/client.ts";
import { applyBatches, useBatches } from "./batches.ts";
import { useConnection } from "./connection.ts";
import { applyNotice, useNotices } from "./notices.ts";
import { usePresent } from "./present.ts";
import { useSettings } from "./settings.ts";

/** First pause before the service is asked again, doubled up to the longest: a restart takes a second, an update a minute. */
const FIRST_RETRY_MS = 500;
const LONGEST_RETRY_MS = 8_000;
/** The service says something at least this often (see its keep-alive and looks); silence is a dead connection. */
const LONGEST_SILENCE_MS = 45_000;

/** Starts feeding; answers a function that ends it. */
export function startFeed(): () => void {
	let source: EventSource | null = null;
	let retry: ReturnType<typeof setTimeout> | undefined;
	let silence: ReturnType<typeof setTimeout> | undefined;
	let retryMs = FIRST_RETRY_MS;
	let isOver = false;

	function open(): void {
		const { lastNumber } = useNotices.getState();
		source = new EventSource(`/api/events?topics=all${lastNumber === null ? "" : `&after=${lastNumber}`}`);
		source.addEventListener("open", () => {
			retryMs = FIRST_RETRY_MS;
			useConnection.setState({ phase: "online" });
			heard();
		});
		source.addEventListener("error", () => void lost());
		for (const [name, take] of Object.entries(takers)) {
			source.addEventListener(name, (event) => {
				heard();
				take(JSON.parse(event.data));
			});
		}
	}

	function heard(): void {
		clearTimeout(silence);
		silence = setTimeout(() => void lost(), LONGEST_SILENCE_MS);
	}

	/** A stream tells nothing of why it ended: asking does. */
	async function lost(): Promise<void> {
		source?.close();
		source = null;
		clearTimeout(silence);
		clearTimeout(retry);
		if (isOver) return;
		const asked = await call("/api/settings");
		if (isOver) return;
		if (!asked.ok && asked.error.kind === "signed-out") return useConnection.setState({ phase: "signed-out" });
		if (!asked.ok) useConnection.setState({ phase: "offline" });
		retry = setTimeout(open, retryMs);
		retryMs = Math.min(retryMs * 2, LONGEST_RETRY_MS);
	}

	open();
	return () => {
		isOver = true;
		clearTimeout(retry);
		clearTimeout(silence);
		source?.close();
	};
}

/** What each event does to the stores; the service and this page are of one version, so its data is taken at its word. */
const takers = {
	batches: (event: BatchesEvent) => useBatches.setState((state) => applyBatches(state, event, Date.now())),
	machine: (machine: MachineStatus) => usePresent.setState({ machine }),
	engine: (engine: EngineEvent) => usePresent.setState({ engine }),
	downloads: ({ downloads }: DownloadsEvent) => usePresent.setState({ downloads }),
	settings: (values: SettingsValues) => useSettings.setState({ values, error: null }),
	"gpu-packs": (gpuPacks: GpuPackList) => usePresent.setState({ gpuPacks }),
	mesh: (mesh: MeshView) => usePresent.setState({ mesh }),
	notice: (notice: NoticeObject) => useNotices.setState((state) => applyNotice(state, notice)),
};
