/** Files held over and dropped on the window, wherever on it: they are taken, and the browser never goes to them. */
import { go, parseRoute } from "../state/route.ts";
import { hasFiles, readDrop } from "./dropped.ts";
import { takeFiles } from "./sending.ts";
import { happen } from "./store.ts";

/** Begins to take what is dropped on the window, on whatever screen; answers a function that ends it. */
export function startDrops(): () => void {
	const stop = new AbortController();
	const { signal } = stop;

	window.addEventListener(
		"dragover",
		(event) => {
			if (!hasFiles(event.dataTransfer)) return;
			event.preventDefault();
			if (event.dataTransfer !== null) event.dataTransfer.dropEffect = "copy";
			happen({ kind: "over", isOver: true });
		},
		{ signal },
	);
	window.addEventListener(
		"dragleave",
		({ relatedTarget }) => {
			// Between two parts of the page there is always one that is entered.
			if (relatedTarget === null) happen({ kind: "over", isOver: false });
		},
		{ signal },
	);
	window.addEventListener(
		"drop",
		(event) => {
			if (!hasFiles(event.dataTransfer) || event.dataTransfer === null) return;
			event.preventDefault();
			happen({ kind: "over", isOver: false });
			void readDrop(event.dataTransfer).then(takeFiles);
			if (parseRoute(location.hash).screen !== "home") go("home");
		},
		{ signal },
	);
	return () => stop.abort();
}
