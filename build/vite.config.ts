import { fileURLToPath } from "node:url";
import tailwindcss from "@tailwindcss/vite";
import react from "@vitejs/plugin-react";
import { defineConfig } from "vite";

const root = (path: string): string => fileURLToPath(new URL(`../${path}`, import.meta.url));

/** Builds the page. In development it is served here and asks a running service, so both are one origin. */
export default defineConfig({
	root: root("renderer"),
	base: "/",
	plugins: [react(), tailwindcss()],
	build: {
		outDir: root("dist/renderer"),
		emptyOutDir: true,
		target: "es2024",
		// The page's policy allows no inline anything, data: addresses of pictures excepted.
		assetsInlineLimit: 0,
		modulePreload: { polyfill: false },
		reportCompressedSize: false,
		// The page's packages are shipped inside it only, and all their licences ask to be shipped with them.
		license: { fileName: "licences.md" },
	},
	server: { port: 22008, proxy: { "/api": "http://127.0.0.1:22007", "/v1": "http://127.0.0.1:22007" } },
});
