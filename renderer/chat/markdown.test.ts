import { createElement } from "react";
import { renderToStaticMarkup } from "react-dom/server";
import { expect, test } from "vitest";
import { Markdown } from "./markdown.tsx";

const html = (text: string) => renderToStaticMarkup(createElement(Markdown, { text }));

test("shows raw HTML as text", () => {
	const shown = html('Look <img src=x onerror="alert(1)"> here\n\n<script>alert(1)</script>');
	expect(shown).not.toMatch(/<img|<script/);
	expect(shown).toContain("&lt;img src=x onerror=");
	expect(shown).toContain("&lt;script&gt;alert(1)&lt;/script&gt;");
});

test("opens links elsewhere, and makes text of those that may not be followed", () => {
	expect(html("[a](https://example.com/)")).toContain(
		'<a href="https://example.com/" target="_blank" rel="noopener noreferrer">a</a>',
	);
	for (const address of ["javascript:alert(1)", "#/settings", "/api/settings"]) {
		expect(html(`[a](${address})`)).toBe('<div class="markdown"><p><span>a</span></p></div>');
	}
});

test("loads no pictures", () => {
	const shown = html("![a boat](https://example.com/boat.png)");
	expect(shown).not.toContain("<img");
	expect(shown).toContain(
		'<a href="https://example.com/boat.png" target="_blank" rel="noopener noreferrer">Picture: a boat</a>',
	);
	expect(html("![](javascript:alert(1))")).toContain("<span>Picture</span>");
});

test("shows code with its language and colours, tables and lists of tasks", () => {
	const code = html("```js\nconst boat = 1;\n```");
	expect(code).toContain("<span>js</span>");
	expect(code).toContain('<span class="hljs-keyword">const</span>');
	expect(html("```nonsense\nx\n```")).toContain("x");
	expect(html("|a|b|\n|-|-|\n|1|2|")).toContain("<td>2</td>");
	expect(html("- [x] it")).toMatch(
		/<input type="checkbox"[^>]* checked=""[^>]* aria-label="done"|<input[^>]*aria-label="done"[^>]*checked=""/,
	);
});
