/**
 * Answers as what their markdown means, made of React's nodes: nothing of an answer is ever taken for HTML. Loaded when the first answer
 * is shown, for the reader and the highlighter are big.
 */
import { memo, useMemo } from "react";
import ReactMarkdown, { type Components, type Options } from "react-markdown";
import rehypeHighlight from "rehype-highlight";
import remarkGfm from "remark-gfm";
import { words } from "../words/words.ts";
import { splitBlocks } from "./blocks.ts";
import { CodeBlock } from "./code-block.tsx";
import { safeAddress } from "./links.ts";
import "./markdown.css";

/** Longest block that is coloured: highlighting takes longer than a picture beyond it, and nobody reads so much code in a chat. */
const MOST_COLOURED_LENGTH = 20_000;

const remarkPlugins: Options["remarkPlugins"] = [remarkGfm];
// Made once: it reads the grammars of all its languages when it is made, which is too long for each word of an answer.
const colour = rehypeHighlight();
const colouring: Options["rehypePlugins"] = [() => colour];

const components: Components = {
	a: ({ href, children }) =>
		href ? (
			<a href={href} target="_blank" rel="noopener noreferrer">
				{children}
			</a>
		) : (
			<span>{children}</span>
		),
	// Loading a picture would tell its server who reads what.
	img: ({ src, alt }) => {
		const name = alt ? words.chat.message.image(alt) : words.chat.message.imageUnnamed;
		if (typeof src !== "string" || src === "") return <span>{name}</span>;
		return (
			<a href={src} target="_blank" rel="noopener noreferrer">
				{name}
			</a>
		);
	},
	// The only inputs of markdown are the boxes of its lists of tasks.
	input: ({ checked }) => (
		<input
			type="checkbox"
			disabled
			checked={checked === true}
			readOnly
			aria-label={words.chat.message.task(checked === true)}
		/>
	),
	pre: ({ node, children }) => {
		const code = node?.children[0];
		const names = code?.type === "element" ? code.properties.className : undefined;
		return <CodeBlock language={languageIn(names)}>{children}</CodeBlock>;
	},
	table: ({ children }) => (
		// biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls has to be scrolled by keyboard too.
		<div className="overflow-x-auto" tabIndex={0}>
			<table>{children}</table>
		</div>
	),
};

/** The language a block of code names; null: none. */
function languageIn(names: unknown): string | null {
	if (!Array.isArray(names)) return null;
	const name = names.find((one) => typeof one === "string" && one.startsWith("language-"));
	return typeof name === "string" ? name.slice("language-".length) : null;
}

const Block = memo(function Block({ text }: { readonly text: string }) {
	return (
		<ReactMarkdown
			remarkPlugins={remarkPlugins}
			rehypePlugins={text.length > MOST_COLOURED_LENGTH ? null : colouring}
			components={components}
			urlTransform={safeAddress}
		>
			{text}
		</ReactMarkdown>
	);
});

/** A text in markdown; one that grows is read anew only from its last block on. */
export function Markdown({ text }: { readonly text: string }) {
	const blocks = useMemo(() => splitBlocks(text), [text]);
	return (
		<div className="markdown">
			{blocks.map((block, index) => (
				// biome-ignore lint/suspicious/noArrayIndexKey: blocks only ever grow at the end.
				<Block key={index} text={block} />
			))}
		</div>
	);
}
