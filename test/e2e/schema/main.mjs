// main.mjs FPCTL SCHEMA GOOD BAD BEYOND: ajv and fpctl must refuse the same manifests.
// GOOD: a folder of projects; BAD: a folder of broken manifests; BEYOND: the names of
// those that no JSON Schema can refuse.
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import Ajv2020 from 'ajv/dist/2020.js';
import YAML from 'yaml';

const [fpctl, schemaFile, good, bad, beyondFile] = process.argv.slice(2);
const MUTATIONS = 600;
let passed = 0, failed = 0;

function check(name, ok, why) {
	if (ok) {
		passed++;
		console.log(`ok   ${name}`);
	} else {
		failed++;
		console.log(`not ok ${name}\n     | ${why}`);
	}
}

const read = (file) => YAML.parse(fs.readFileSync(file, 'utf8'), 
	{ merge: true, maxAliasCount: 1000 });

const schema = JSON.parse(fs.readFileSync(schemaFile, 'utf8'));
const ajv = new Ajv2020.default({ strict: true, strictTypes: false, allErrors: false });
check('the schema is one of draft 2020-12', ajv.validateSchema(schema), ajv.errorsText());
const accepts = ajv.compile(schema);

// What the schema says of itself must hold.
let examples = 0;
function walk(part, at) {
	if (typeof part !== 'object' || part === null)
		return;
	const test = (value, what) => {
		examples++;
		const { $schema, $id, default: d, examples: e, ...rest } = part;
		if (!ajv.validate(rest, value))
			check(`${what} of ${at}`, false, `${JSON.stringify(value)}: ${ajv.errorsText()}`);
	};
	if (part.description !== undefined) {
		(part.examples ?? []).forEach((value) => test(value, 'the example'));
		if (part.default !== undefined)
			test(part.default, 'the default');
	}
	for (const [key, value] of Object.entries(part))
		if (!['default', 'examples', 'enum'].includes(key))
			walk(value, `${at}/${key}`);
}
walk(schema, '');
check(`${examples} examples and defaults are checked`, examples > 100, examples);

const projects = fs.readdirSync(good).filter((name) => fs.existsSync(path.join(good, name, 'fpctl.yaml')));
for (const name of projects)
	check(`accepted: ${name}`, accepts(read(path.join(good, name, 'fpctl.yaml'))),
		ajv.errorsText(accepts.errors));

const beyond = new Set(fs.readFileSync(beyondFile, 'utf8').split('\n').filter((l) => l && !l.startsWith('#')));
for (const file of fs.readdirSync(bad).filter((name) => name.endsWith('.yaml'))) {
	const name = path.basename(file, '.yaml');
	let refused;
	try {
		refused = !accepts(read(path.join(bad, file)));
	} catch {
		refused = true; // no YAML at all
	}
	if (beyond.delete(name))
		check(`beyond a schema: ${name}`, !refused, 'it is refused now: take it off the list');
	else
		check(`refused: ${name}`, refused, 'the schema takes it');
}
check('every name of the list is a manifest', beyond.size === 0, [...beyond].join(', '));

// A fixed sequence: a failure can be seen again.
let state = 20261122;
function pick(n) {
	state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
	return Math.floor(state / 4294967296 * n);
}
const one = (list) => list[pick(list.length)];
const odd = [null, true, false, '', 0, 1, -1, 7, 1e9, 1.5, 'x', 'Upper', 'a b', [], {}, ['a', 'a'], ['a', 'b'],
	[1], [null], '30d', '90s', '15m', '80%', '3', '0d', '99999d', 'queue', 'kms', 'tag', { move: 'a/' },
	{ move: 3 }, 'me@example.com', 'https://example.com', 'x'.repeat(300), { a: {} }, { a: null },
	{ Bad_: {} }, ['me@example.com', 'you@example.com'], 'created', ['created', 'tagged'], 'arm64'];

function places(value, out = []) {
	if (typeof value === 'object' && value !== null)
		for (const key of Object.keys(value)) {
			out.push([value, key]);
			places(value[key], out);
		}
	return out;
}

function mutate(doc) {
	const [parent, key] = one(places(doc));
	const names = ['on', 'prefix', 'memory', 'retain', 'alert', 'queue', 'filter', 'xyzzy', 'email', 'csv'];
	switch (pick(5)) {
	case 0:
		if (Array.isArray(parent))
			parent.splice(key, 1);
		else
			delete parent[key];
		break;
	case 1:
		if (Array.isArray(parent))
			parent.push(parent[key]);
		else
			parent[one(names)] = parent[key];
		break;
	default:
		parent[key] = structuredClone(one(odd));
	}
}

// What fpctl finds and a schema could have: everything but relations between fields,
// and ranges of what has a unit.
const inSchema = (f) =>
	/^unknown field|is missing: |^'.*' has no value|needs a unit|must not be empty|at most \d+ are allowed/.test(f.message) ||
	/ must be (a|an|true|one|in whole) /.test(f.message) ||
	(/ cannot be /.test(f.message) && !/allowed: \d+(%|[smhd]) to/.test(f.hint ?? ''));

let agreed = 0, refusals = 0;
for (let i = 0; i < MUTATIONS; i++) {
	const name = one(projects);
	const folder = path.join(good, name), file = path.join(folder, 'mutated.json');
	const doc = read(path.join(folder, 'fpctl.yaml'));
	for (let n = 1 + pick(2); n; n--)
		if (places(doc).length)
			mutate(doc);
	fs.writeFileSync(file, JSON.stringify(doc));
	const run = spawnSync(fpctl, ['validate', '--json', '-f', file], { encoding: 'utf8' });
	const ours = run.status <= 1 && run.stdout ? JSON.parse(run.stdout) : null;
	const theirs = accepts(doc);
	const where = `${i} (${name})`;

	if (!ours)
		check(`fpctl answers ${where}`, false, `${run.status} ${run.stderr}`);
	else if (!theirs && ours.valid)
		check(`fpctl refuses ${where}`, false, `${ajv.errorsText(accepts.errors)} ${JSON.stringify(doc)}`);
	else if (theirs && ours.findings.some(inSchema))
		check(`the schema refuses ${where}`, false, JSON.stringify(ours.findings.filter(inSchema)));
	else
		agreed++;
	refusals += !theirs;
}
check(`both agree on ${MUTATIONS} changed manifests`, agreed === MUTATIONS, agreed);
check('some of which are refused, and some are not', refusals > 50 && refusals < MUTATIONS - 50, refusals);
console.log(`counts ${passed} ${failed}`);
