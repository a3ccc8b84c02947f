// A GitHub for tests, on loopback: the emulator's REST API joined to real git over HTTP. node host.mjs FOLDER
// FOLDER gets the bare repositories and app-key.pem, the key of the GitHub App. /_stand-in/ is the tests' own door:
// repositories, faults, the log of requests, revoked tokens, refused pushes, logs of jobs.
import './loopback.mjs';
import { spawn } from 'node:child_process';
import fs from 'node:fs';
import http from 'node:http';
import path from 'node:path';
import { startEmulator } from './emulator.mjs';
import { Join } from './join.mjs';
import { Rules } from './rules.mjs';

const root = path.resolve(process.argv[2]);
const logMax = 10_000;
const json = (status, value) => ({
  status,
  headers: { 'content-type': 'application/json; charset=utf-8' },
  body: Buffer.from(JSON.stringify(value)),
});
const people = ['acme', 'orchestrator-bot', 'reviewer', 'stranger'];
const permissions = {
  contents: 'write',
  pull_requests: 'write',
  issues: 'write',
  checks: 'read',
  statuses: 'write',
  actions: 'read',
  metadata: 'read',
};
const seed = {
  tokens: Object.fromEntries([
    ...people.map((login) => [`tok_${login}`, { login, scopes: ['repo', 'user', 'workflow', 'admin:repo_hook'] }]),
    // The token of a workflow's job.
    ['ghs_job', { login: 'orchestrator-bot', scopes: ['repo'] }],
  ]),
  github: {
    users: people.map((login) => ({ login, name: login, email: `${login}@example.test` })),
    apps: [
      {
        app_id: 4711,
        slug: 'orchestrator-app',
        name: 'Orchestrator',
        permissions,
        events: [],
        installations: [{ installation_id: 815, account: 'acme', repository_selection: 'all', permissions }],
      },
    ],
  },
};

const faults = [];
const log = [];
const waiting = [];
const server = http.createServer();
await new Promise((listening) => server.listen(0, '127.0.0.1', listening));
const base = `http://127.0.0.1:${server.address().port}`;
const emulator = await startEmulator(base, seed);
const join = new Join(root, emulator);
const rules = new Rules(base, emulator, join);
fs.mkdirSync(root, { recursive: true });
fs.writeFileSync(path.join(root, 'app-key.pem'), emulator.secrets.map((s) => s.value ?? s.privateKey ?? s.secret)[0]);

const tokenOf = (header) =>
  /^basic /i.test(header ?? '')
    ? Buffer.from(header.slice('basic '.length), 'base64').toString().split(':').slice(1).join(':')
    : (header ?? '').replace(/^(token|bearer) /i, '');

function mayWrite(repo, user) {
  if (user.installation) {
    const { repositoryIds, permissions: granted } = user.installation;
    return granted.contents === 'write' && (repositoryIds.length === 0 || repositoryIds.includes(repo.id));
  }
  const [person] = emulator.gh.users.all().filter((u) => u.login === user.login);
  return (
    repo.full_name.split('/')[0] === user.login ||
    emulator.gh.collaborators.findBy('repo_id', repo.id).some((c) => c.user_id === person?.id && c.permission !== 'pull')
  );
}

async function serveGit(request, url, body, repo, token) {
  const user = emulator.tokens.get(token);
  if (!user) {
    return { status: 401, headers: { 'www-authenticate': 'Basic realm="git"' }, body: Buffer.alloc(0) };
  }
  const writes = url.pathname.endsWith('git-receive-pack') || url.searchParams.get('service') === 'git-receive-pack';
  if (writes && !mayWrite(repo, user)) {
    return { status: 403, headers: {}, body: Buffer.from(`Permission to ${repo.full_name}.git denied to ${user.login}.`) };
  }
  join.writeOut(repo);
  const child = spawn('git', ['http-backend'], {
    env: {
      ...process.env,
      GIT_PROJECT_ROOT: root,
      GIT_HTTP_EXPORT_ALL: '1',
      PATH_INFO: url.pathname,
      QUERY_STRING: url.search.slice(1),
      REQUEST_METHOD: request.method,
      CONTENT_TYPE: request.headers['content-type'] ?? '',
      CONTENT_LENGTH: String(body.length),
      HTTP_CONTENT_ENCODING: request.headers['content-encoding'] ?? '',
      GIT_PROTOCOL: request.headers['git-protocol'] ?? '',
      REMOTE_USER: user.login,
      REMOTE_ADDR: '127.0.0.1',
    },
  });
  const parts = [];
  child.stdout.on('data', (part) => parts.push(part));
  child.stderr.on('data', (part) => process.stderr.write(part));
  child.stdin.on('error', () => {});
  child.stdin.end(body);
  await new Promise((ended) => child.on('close', ended));
  const output = Buffer.concat(parts);
  const end = output.indexOf('\r\n\r\n');
  const answer = { status: 200, headers: {}, body: output.subarray(end + 4) };
  for (const line of output.subarray(0, end).toString().split('\r\n')) {
    const colon = line.indexOf(':');
    const [name, value] = [line.slice(0, colon), line.slice(colon + 1).trim()];
    if (name.toLowerCase() === 'status') {
      answer.status = parseInt(value, 10);
    } else {
      answer.headers[name] = value;
    }
  }
  if (request.method === 'POST' && url.pathname.endsWith('git-receive-pack')) {
    await join.readIn(repo, `token ${token}`);
  }
  return answer;
}

async function createRepository({ owner, name, files, collaborators }) {
  const token = `token tok_${owner}`;
  const made = await emulator.call('POST', '/user/repos', token, JSON.stringify({ name, auto_init: true }));
  for (const [file, text] of Object.entries(files ?? {})) {
    const content = Buffer.from(text).toString('base64');
    const asked = JSON.stringify({ message: `Add ${file}`, content, branch: 'main' });
    await emulator.call('PUT', `/repos/${owner}/${name}/contents/${file}`, token, asked);
  }
  for (const person of collaborators ?? []) {
    await emulator.call('PUT', `/repos/${owner}/${name}/collaborators/${person}`, token, '{"permission":"push"}');
  }
  join.writeOut(join.repositoryOf(`${owner}/${name}`));
  return json(made.status, JSON.parse(made.body.toString('utf8')));
}

async function ownDoor(method, what, body) {
  const given = body.length > 0 && method === 'POST' ? JSON.parse(body.toString('utf8')) : {};
  if (what === 'requests') {
    return json(200, log);
  }
  if (what === 'repositories') {
    return createRepository(given);
  }
  if (what === 'faults') {
    faults.push({ times: 1, ...given });
    return json(200, {});
  }
  if (what === 'revoke') {
    emulator.tokens.delete(given.token);
    return json(200, {});
  }
  if (what === 'refuse-pushes') {
    const hook = path.join(join.folder(join.repositoryOf(given.repository)), 'hooks', 'pre-receive');
    fs.mkdirSync(path.dirname(hook), { recursive: true });
    fs.rmSync(hook, { force: true });
    if (given.words) {
      fs.writeFileSync(hook, `#!/bin/sh\necho '${given.words}' >&2\nexit 1\n`, { mode: 0o755 });
    }
    return json(200, {});
  }
  if (what.startsWith('logs/')) {
    const id = what.slice('logs/'.length);
    if (method === 'POST') {
      rules.logs.set(id, given.text);
    }
    return { status: 200, headers: { 'content-type': 'text/plain' }, body: Buffer.from(rules.logs.get(id) ?? '') };
  }
  return json(404, { message: 'no such door' });
}

async function answerOf(request, url, body) {
  const found = url.pathname.match(/^\/([^/]+)\/([^/]+)\.git\//);
  const token = tokenOf(request.headers.authorization);
  if (found) {
    const repo = join.repositoryOf(`${found[1]}/${found[2]}`);
    return repo ? serveGit(request, url, body, repo, token) : json(404, { message: 'Not Found' });
  }
  if (request.headers.authorization && !token.startsWith('eyJ') && !emulator.tokens.has(token)) {
    return json(401, { message: 'Bad credentials', documentation_url: 'https://docs.github.com/rest' });
  }
  const target = url.pathname.replace(/^\/api\/v3(?=\/)/, '').replace(/^\/api\/graphql$/, '/graphql');
  const authorization = request.headers.authorization ? `Bearer ${token}` : undefined;
  return rules.answer(request.method, target, url.search, authorization, body);
}

// One after the other: the tables and the bare repositories are one state.
let turn = Promise.resolve();
const inTurn = (work) => {
  const mine = turn.then(work);
  turn = mine.catch(() => {});
  return mine;
};

server.on('request', async (request, response) => {
  try {
    const parts = [];
    for await (const part of request) {
      parts.push(part);
    }
    const body = Buffer.concat(parts);
    const url = new URL(request.url, base);
    if (url.pathname === '/_stand-in/wait') {
      const { pattern } = JSON.parse(body.toString('utf8'));
      await new Promise((seen) => waiting.push({ pattern: new RegExp(pattern), seen }));
      response.writeHead(200).end();
      return;
    }
    if (url.pathname.startsWith('/_stand-in/')) {
      const own = await inTurn(() => ownDoor(request.method, url.pathname.slice('/_stand-in/'.length), body));
      response.writeHead(own.status, own.headers).end(own.body);
      return;
    }
    const line = `${request.method} ${url.pathname}`;
    const fault = faults.find((f) => f.times > 0 && new RegExp(f.pattern).test(line));
    if (fault) {
      fault.times--;
    }
    const entry = { method: request.method, path: url.pathname, query: url.search, status: 0, body: body.toString('utf8', 0, 4_000) };
    log.push(entry);
    log.splice(0, log.length - logMax);
    for (const one of waiting.filter((w) => w.pattern.test(line))) {
      waiting.splice(waiting.indexOf(one), 1);
      one.seen();
    }
    if (fault?.mode === 'hang') {
      return;
    }
    const answer =
      fault && fault.mode !== 'drop-after'
        ? { status: fault.status ?? 0, headers: fault.headers ?? {}, body: Buffer.from(fault.body ?? '') }
        : await inTurn(() => answerOf(request, url, body));
    entry.status = answer.status;
    if (fault?.mode === 'drop' || fault?.mode === 'drop-after') {
      request.socket.destroy();
      return;
    }
    for (const name of ['content-length', 'transfer-encoding', 'connection', 'content-encoding']) {
      delete answer.headers[name];
    }
    response.writeHead(answer.status, answer.headers).end(answer.body);
  } catch (e) {
    console.error(e);
    if (!response.headersSent) {
      response.writeHead(500, { 'content-type': 'application/json' });
      response.end(JSON.stringify({ message: String(e) }));
    }
  }
});
console.log('listening on', `${base}/`);
