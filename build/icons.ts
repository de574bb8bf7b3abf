/**
 * Draws every icon from `assets/icon/nightshift.svg` with Chromium: `npm run icons`. The files are committed; a digest of what they were
 * made of lies beside the drawing, so that a test notices when they are older than it.
 */
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import type { Page } from "playwright-core";
import { launchBrowser } from "../renderer/e2e/browser.ts";
import { icns, ico, type SizedPng } from "./icons/containers.ts";
import { type IconFile, iconFiles, type Picture } from "./icons/pictures.ts";
import { assetsDir, digestPath, drawingPath, sourceDigest } from "./icons/source.ts";

const browser = await launchBrowser();
try {
	const page = await browser.newPage();
	await page.setContent(readFileSync(drawingPath, "utf8"));
	for (const file of iconFiles) {
		const pictures: SizedPng[] = [];
		for (const picture of file.pictures) pictures.push({ size: picture.size, png: await draw(page, picture) });
		const path = join(assetsDir, file.path);
		mkdirSync(dirname(path), { recursive: true });
		writeFileSync(path, contain(file, pictures));
	}
	writeFileSync(digestPath, `${sourceDigest()}\n`);
	console.log(`${iconFiles.length} files in assets/icon and assets/tray`);
} finally {
	await browser.close();
}

function contain(file: IconFile, pictures: readonly SizedPng[]): Buffer {
	switch (file.format) {
		case "png":
			return Buffer.concat(pictures.map(({ png }) => png));
		case "ico":
			return ico(pictures);
		case "icns":
			return icns(pictures);
		default:
			return file.format satisfies never;
	}
}

/** One symbol of the drawing that the page holds, on nothing. */
async function draw(page: Page, { symbol, size, colours, viewBox }: Picture): Promise<Buffer> {
	await page.setViewportSize({ width: size, height: size });
	await page.evaluate(
		({ symbol, size, colours, viewBox }) => {
			document.querySelector("#stage")?.remove();
			const drawing = document.querySelector("svg");
			if (drawing) drawing.style.cssText = "position:absolute;width:0;height:0";
			document.body.style.margin = "0";
			const stage = document.createElementNS("http://www.w3.org/2000/svg", "svg");
			stage.id = "stage";
			stage.style.cssText = `display:block;width:${size}px;height:${size}px;--moon:${colours.moon};--badge:${colours.badge}`;
			if (viewBox) stage.setAttribute("viewBox", viewBox);
			const use = document.createElementNS("http://www.w3.org/2000/svg", "use");
			use.setAttribute("href", `#${symbol}`);
			if (viewBox) {
				use.setAttribute("width", "1024");
				use.setAttribute("height", "1024");
			}
			stage.append(use);
			document.body.append(stage);
		},
		{ symbol, size, colours, viewBox },
	);
	return page.screenshot({ omitBackground: true, clip: { x: 0, y: 0, width: size, height: size } });
}
