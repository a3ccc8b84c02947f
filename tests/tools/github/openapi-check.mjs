// Holds what the product's GitHub adapter asks and reads, and what the stand-in answers, to GitHub's own OpenAPI document.
// node openapi-check.mjs PATH/api.github.com.json
// The document is generated/api.github.com.json of npm @octokit/openapi. Exit 1: a route or a field that the adapter relies on
// is not documented, or the stand-in answers it in another type. Other differences of the stand-in are only listed.
import { spawn } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const doc = JSON.parse(fs.readFileSync(process.argv[2], 'utf8'));
const root = fs.mkdtempSync(path.join(os.tmpdir(), 'openapi-check-'));
const script = path.join(path.dirname(fileURLToPath(import.meta.url)), 'host.mjs');
const host = spawn(process.execPath, [script, root], { stdio: ['ignore', 'pipe', 'inherit'] });
const base = await new Promise((found, failed) => {
  host.on('exit', () => failed(new Error('the stand-in ended')));
  host.stdout.on('data', (text) => {
    const at = /listening on (\S+)\//.exec(String(text));
    if (at) {
      found(at[1]);
    }
  });
});
const problems = [];

async function ask(person, method, target, body) {
  const answer = await fetch(base + target, {
    method,
    headers: { authorization: `token tok_${person}`, 'content-type': 'application/json' },
    body: body === undefined ? undefined : JSON.stringify(body),
  });
  const text = await answer.text();
  return text.startsWith('{') || text.startsWith('[') ? JSON.parse(text) : undefined;
}

// A world to look at.
const repo = '/repos/acme/shop';
await ask('acme', 'POST', '/_stand-in/repositories', {
  owner: 'acme',
  name: 'shop',
  files: { 'a.txt': 'one\n' },
  collaborators: ['orchestrator-bot', 'reviewer'],
});
const main = await ask('acme', 'GET', `${repo}/branches/main`);
await ask('reviewer', 'POST', `${repo}/git/refs`, { ref: 'refs/heads/t/1', sha: main.commit.sha });
const there = await ask('reviewer', 'GET', `${repo}/contents/a.txt?ref=t/1`);
const change = { message: 'two', content: Buffer.from('two\n').toString('base64'), branch: 't/1', sha: there.sha };
const head = (await ask('reviewer', 'PUT', `${repo}/contents/a.txt`, change)).commit.sha;
const opened = await ask('orchestrator-bot', 'POST', `${repo}/pulls`, { title: 'T', head: 't/1', base: 'main', body: 'B' });
await ask('reviewer', 'POST', `${repo}/pulls/1/reviews`, { event: 'REQUEST_CHANGES', body: 'no' });
const place = { body: 'why?', path: 'a.txt', line: 1, side: 'RIGHT', commit_id: head };
await ask('reviewer', 'POST', `${repo}/pulls/1/comments`, place);
await ask('reviewer', 'POST', `${repo}/issues/1/comments`, { body: 'hello' });
const run = await ask('acme', 'POST', `${repo}/check-runs`, {
  name: 'build',
  head_sha: head,
  status: 'completed',
  conclusion: 'success',
  output: { title: 'build', summary: 'well' },
});
const status = await ask('orchestrator-bot', 'POST', `${repo}/statuses/${head}`, { state: 'pending', context: 'orchestrator' });

const comment = ['id', 'user.login', 'body', 'html_url', 'author_association', 'created_at'];
const pull = ['number', 'node_id', 'html_url', 'state', 'title', 'body', 'head.ref', 'head.sha', 'base.ref', 'base.sha', 'draft'];
const wholePull = [
  ...pull,
  'merged',
  'merge_commit_sha',
  'mergeable',
  'mergeable_state',
  'merged_by.login',
  'additions',
  'deletions',
  'changed_files',
  'updated_at',
];
const R = '/repos/{owner}/{repo}';
// Method, documented route, fields that are read, and an answer of the stand-in (a path, or what was answered above).
const asked = [
  ['get', '/user', ['login'], '/user'],
  ['get', '/app', ['id', 'slug']],
  ['get', `${R}/installation`, ['id']],
  ['post', '/app/installations/{installation_id}/access_tokens', ['token', 'expires_at', 'permissions.contents']],
  ['get', R, ['default_branch', 'html_url', 'archived', 'permissions.push'], repo],
  ['get', `${R}/branches/{branch}`, ['commit.sha', 'protection.required_status_checks.contexts'], `${repo}/branches/main`],
  ['get', `${R}/rules/branches/{branch}`, ['type', 'parameters.required_status_checks.context']],
  ['get', `${R}/pulls`, pull, `${repo}/pulls`],
  ['post', `${R}/pulls`, pull, opened],
  ['get', `${R}/pulls/{pull_number}`, wholePull, `${repo}/pulls/1`],
  ['patch', `${R}/pulls/{pull_number}`, ['number']],
  ['put', `${R}/pulls/{pull_number}/merge`, ['sha', 'merged']],
  ['post', `${R}/pulls/{pull_number}/requested_reviewers`, ['number']],
  [
    'get',
    `${R}/pulls/{pull_number}/reviews`,
    ['id', 'user.login', 'state', 'body', 'commit_id', 'html_url', 'author_association', 'submitted_at'],
    `${repo}/pulls/1/reviews`,
  ],
  [
    'get',
    `${R}/pulls/{pull_number}/comments`,
    [...comment, 'path', 'line', 'original_line', 'commit_id', 'in_reply_to_id'],
    `${repo}/pulls/1/comments`,
  ],
  ['post', `${R}/pulls/{pull_number}/comments`, comment],
  ['get', `${R}/issues/{issue_number}`, ['closed_by.login'], `${repo}/issues/1`],
  ['get', `${R}/issues/{issue_number}/comments`, comment, `${repo}/issues/1/comments`],
  ['post', `${R}/issues/{issue_number}/comments`, comment],
  ['post', `${R}/issues/{issue_number}/labels`, []],
  ['patch', `${R}/issues/comments/{comment_id}`, comment],
  [
    'get',
    `${R}/commits/{ref}/check-runs`,
    ['id', 'name', 'status', 'conclusion', 'output.title', 'output.summary', 'output.text', 'app.id'].map((f) => `check_runs.${f}`),
    `${repo}/commits/${head}/check-runs`,
  ],
  ['get', `${R}/check-runs/{check_run_id}`, ['id', 'output.title'], run],
  ['get', `${R}/commits/{ref}/status`, ['context', 'state', 'description'].map((f) => `statuses.${f}`), `${repo}/commits/${head}/status`],
  ['post', `${R}/statuses/{sha}`, ['context', 'state'], status],
  ['get', `${R}/actions/jobs/{job_id}/logs`, []],
  ['delete', `${R}/git/refs/{ref}`, []],
];

const resolve = (schema) => (schema?.$ref ? resolve(schema.$ref.slice(2).split('/').reduce((at, part) => at[part], doc)) : schema);
const parts = (schema) => [...(schema.allOf ?? []), ...(schema.anyOf ?? []), ...(schema.oneOf ?? [])];

/** Every schema that a field may have; lists are looked through. */
function schemasOf(schema, names) {
  const own = resolve(schema);
  if (!own) {
    return [];
  }
  if (own.items) {
    return schemasOf(own.items, names);
  }
  const deeper = parts(own).flatMap((p) => schemasOf(p, names));
  if (names.length === 0) {
    return [own, ...deeper];
  }
  const [name, ...rest] = names;
  const extra = typeof own.additionalProperties === 'object' ? own.additionalProperties : undefined;
  const next = own.properties?.[name] ?? extra;
  return [...(next ? schemasOf(next, rest) : []), ...deeper];
}

function valuesOf(value, names) {
  if (Array.isArray(value)) {
    return value.flatMap((v) => valuesOf(v, names));
  }
  if (names.length === 0) {
    return [value];
  }
  return value === null || value === undefined ? [value] : valuesOf(value[names[0]], names.slice(1));
}

const typeOf = (value) =>
  value === null ? 'null' : Array.isArray(value) ? 'array' : Number.isInteger(value) ? 'integer' : typeof value;

function fits(value, schema) {
  const kind = typeOf(value);
  if (kind === 'null') {
    return schema.nullable === true || [].concat(schema.type).includes('null');
  }
  const types = [].concat(schema.type ?? []);
  const typed = types.length === 0 || types.includes(kind) || (kind === 'integer' && types.includes('number'));
  return typed && (!schema.enum || schema.enum.includes(value));
}

function differences(value, schema, at, found) {
  const own = resolve(schema);
  if (!own || value === null || value === undefined || own.anyOf || own.oneOf) {
    return found;
  }
  if (Array.isArray(value)) {
    value.slice(0, 1).forEach((v) => differences(v, own.items, `${at}[]`, found));
    return found;
  }
  for (const whole of [own, ...(own.allOf ?? []).map(resolve)]) {
    for (const name of whole.required ?? []) {
      if (!(name in value)) {
        found.push(`${at}.${name} missing`);
      }
    }
    for (const [name, of] of Object.entries(whole.properties ?? {})) {
      if (typeof value[name] === 'object') {
        differences(value[name], of, `${at}.${name}`, found);
      }
    }
  }
  return found;
}

let fields = 0;
for (const [method, route, read, shown] of asked) {
  const operation = doc.paths[route]?.[method];
  if (!operation) {
    problems.push(`${method} ${route} is not documented`);
    continue;
  }
  const good = Object.entries(operation.responses).find(([code]) => /^20/.test(code));
  const schema = resolve(good?.[1])?.content?.['application/json']?.schema;
  const answer = typeof shown === 'string' ? await ask('orchestrator-bot', 'GET', shown) : shown;
  for (const field of read) {
    fields++;
    const names = field.split('.');
    const documented = schema ? schemasOf(schema, names) : [];
    if (documented.length === 0) {
      problems.push(`${method} ${route}: ${field} is not documented`);
      continue;
    }
    for (const value of answer === undefined ? [] : valuesOf(answer, names)) {
      if (value !== undefined && !documented.some((d) => fits(value, d))) {
        // Below a parent that is null, or null where it may be absent.
        const parent = names.length > 1 ? schemasOf(schema, names.slice(0, -1)) : [];
        if (value !== null || !parent.some((p) => p.nullable)) {
          problems.push(`${method} ${route}: the stand-in's ${field} is ${JSON.stringify(value)}`);
        }
      }
    }
  }
  const others = answer === undefined || !schema ? [] : [...new Set(differences(answer, schema, '', []))];
  console.log(`${method.toUpperCase()} ${route}: ${read.length} fields${others.length > 0 ? `; of the stand-in: ${others.slice(0, 6).join(', ')}` : ''}`);
}
console.log(`${asked.length} routes, ${fields} fields, ${problems.length} problems`);
problems.forEach((p) => console.log(`PROBLEM ${p}`));
host.kill();
fs.rmSync(root, { recursive: true, force: true });
process.exit(problems.length > 0 ? 1 : 0);
