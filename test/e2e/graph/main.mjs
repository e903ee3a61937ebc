// main.mjs NAME.json...: Mermaid's own parser finds in NAME.mermaid what NAME.json says.
import fs from 'node:fs';
import path from 'node:path';
import { JSDOM } from 'jsdom';

// Mermaid wants a browser, even for parsing.
const { window } = new JSDOM('');
for (const name of ['window', 'document', 'Element', 'HTMLElement', 'Node', 'SVGElement'])
	globalThis[name] = name === 'window' ? window : window[name];
const { default: mermaid } = await import('mermaid');

// How Mermaid keeps a character's number until it draws.
const plain = (text) => text.replace(/\u2060/g, '').replace(/ﬂ°°(\d+)¶ß/g, (_, n) => String.fromCharCode(n));
const clean = (text) => text.replace(/[\u0000-\u001f\u007f]/g, '');

let passed = 0, failed = 0;
for (const file of process.argv.slice(2)) {
	const name = path.basename(file, '.json');
	try {
		const want = JSON.parse(fs.readFileSync(file, 'utf8'));
		const text = fs.readFileSync(file.replace(/json$/, 'mermaid'), 'utf8');
		await mermaid.parse(text);
		const { db } = await mermaid.mermaidAPI.getDiagramFromText(text);
		const got = [...db.getVertices().values()].map((v) => plain(v.text).trim());
		const texts = want.nodes.map((n) => clean([n.kind, n.name, ...n.details].join('<br>')).trim());

		if (JSON.stringify([...got].sort()) !== JSON.stringify([...texts].sort()))
			throw new Error(`${JSON.stringify(got)} instead of ${JSON.stringify(texts)}`);
		if (db.getEdges().length !== want.edges.length)
			throw new Error(`${db.getEdges().length} edges instead of ${want.edges.length}`);
		passed++;
		console.log(`ok   Mermaid reads ${name}`);
	} catch (e) {
		failed++;
		console.log(`not ok Mermaid reads ${name}\n     | ${e.message.slice(0, 400)}`);
	}
}
console.log(`counts ${passed} ${failed}`);
