// What both stand-ins of ticket hosts share: a server on loopback with the tests' own door under /_stand-in/ (people's
// acts, faults, the log of requests), and everything else handed to the host.
import http from 'node:http';

const logMax = 10_000;

/** An answer in JSON. */
export const json = (status, value, headers = {}) => ({
  status,
  headers: { 'content-type': 'application/json; charset=utf-8', ...headers },
  body: value === undefined ? '' : JSON.stringify(value),
});

/** Starts it. `world(base)` answers `{acts, answer}`: `acts[name](given)` are people's acts, `answer(request, url, text)` the host's. */
export async function serve(world) {
  const server = http.createServer();
  await new Promise((listening) => server.listen(0, '127.0.0.1', listening));
  const base = `http://127.0.0.1:${server.address().port}`;
  const { acts, answer } = await world(base);
  const faults = [];
  const log = [];

  async function own(what, given) {
    if (what === 'requests') {
      return json(200, log);
    }
    if (what === 'faults') {
      faults.push({ times: 1, mode: 'answer', ...given });
      return json(200, {});
    }
    return acts[what] ? json(200, (await acts[what](given)) ?? {}) : json(404, { message: 'no such door' });
  }

  server.on('request', async (request, response) => {
    const parts = [];
    for await (const part of request) {
      parts.push(part);
    }
    const text = Buffer.concat(parts).toString('utf8');
    const url = new URL(request.url, base);
    const send = (a) => response.writeHead(a.status, a.headers).end(a.body);
    try {
      if (url.pathname.startsWith('/_stand-in/')) {
        return send(await own(url.pathname.slice('/_stand-in/'.length), text ? JSON.parse(text) : {}));
      }
      const entry = { method: request.method, path: url.pathname, query: url.search, body: text, status: 0 };
      log.push(entry);
      log.splice(0, log.length - logMax);
      // Linear has one address: what is asked stands in the body.
      const fault = faults.find((f) => f.times > 0 && new RegExp(f.pattern).test(`${request.method} ${url.pathname} ${text}`));
      if (fault) {
        fault.times--;
      }
      if (fault?.mode === 'hang') {
        return;
      }
      const given =
        fault && fault.mode === 'answer'
          ? { status: fault.status, headers: { 'content-type': 'application/json', ...fault.headers }, body: fault.body ?? '' }
          : fault?.mode === 'drop'
            ? null
            : await answer(request, url, text);
      if (fault) {
        entry.status = fault.status ?? 0;
        if (fault.mode !== 'answer') {
          return request.socket.destroy();
        }
      } else {
        entry.status = given.status;
      }
      send(given);
    } catch (error) {
      console.error(error);
      if (!response.headersSent) {
        send(json(500, { error: String(error) }));
      }
    }
  });
  console.log(`listening on ${base}/`);
}
