// The third-party emulator (npm emulate), in process. Its store and its router are taken where its GitHub part registers
// itself; the file is found by content, because its name changes with every version (package-lock.json pins this one).
import fs from 'node:fs';
import path from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

const dist = path.join(path.dirname(fileURLToPath(import.meta.url)), '..', 'node_modules', 'emulate', 'dist');

/** Starts it; `gh` are its tables, `hooks` its webhooks, `tokens` who they stand for, `call` answers a request, `secrets` are the keys it made. */
export async function startEmulator(baseUrl, seed) {
  const file = fs
    .readdirSync(dist)
    .find((f) => /^dist-.*\.js$/.test(f) && fs.readFileSync(path.join(dist, f), 'utf8').includes('var githubPlugin ='));
  if (!file) {
    throw new Error(`${dist} holds no GitHub emulator. Run 'npm ci --ignore-scripts' in tests/tools.`);
  }
  const plugin = await import(pathToFileURL(path.join(dist, file)));
  const { createEmulator } = await import(pathToFileURL(path.join(dist, 'api.js')));
  let store;
  let hooks;
  let router;
  let tokens;
  const register = plugin.githubPlugin.register;
  plugin.githubPlugin.register = function (app, itsStore, itsHooks, itsBase, itsTokens) {
    [router, store, hooks, tokens] = [app, itsStore, itsHooks, itsTokens];
    return register.call(this, app, itsStore, itsHooks, itsBase, itsTokens);
  };
  const started = await createEmulator({ service: 'github', port: 0, baseUrl, seed });
  const gh = plugin.getGitHubStore(store);

  async function call(method, target, authorization, body) {
    const headers = { 'content-type': 'application/json' };
    if (authorization) {
      headers.authorization = authorization;
    }
    const request = new Request(baseUrl + target, {
      method,
      headers,
      body: ['GET', 'HEAD'].includes(method) ? undefined : body,
    });
    const answer = await router.fetch(request);
    const given = {};
    answer.headers.forEach((value, name) => {
      given[name] = value;
    });
    return { status: answer.status, headers: given, body: Buffer.from(await answer.arrayBuffer()) };
  }

  return { gh, hooks, tokens, call, secrets: started.generatedSecrets };
}
