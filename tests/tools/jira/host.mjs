// A Jira Cloud for tests, on loopback: our own stub of REST API 3, for what the adapter uses, checked by a second client
// (client-check.mjs, npm jira.js). Its documents are kept as they came; one that Jira's document format forbids is
// refused. node host.mjs
import { createHmac, randomUUID } from 'node:crypto';
import { json, serve } from '../tickets/door.mjs';

const people = ['orchestrator-bot', 'alice', 'mallory'];
const states = [
  { id: '1', name: 'To Do', category: 'new', from: ['In Progress'] },
  { id: '2', name: 'In Progress', category: 'indeterminate', from: ['To Do', 'In Review'] },
  { id: '3', name: 'In Review', category: 'indeterminate', from: ['In Progress'] },
  { id: '4', name: 'Done', category: 'done', from: ['In Progress', 'In Review'] },
];
const nodes = {
  doc: ['paragraph', 'bulletList', 'codeBlock', 'heading', 'rule'],
  paragraph: ['text', 'hardBreak', 'mention', 'inlineCard', 'emoji'],
  heading: ['text'],
  codeBlock: ['text'],
  bulletList: ['listItem'],
  listItem: ['paragraph'],
};

// Of the document format: an empty text, an unknown node and one in the wrong place are refused, as Jira refuses them.
function valid(node, within = null) {
  if (within === null ? node?.type !== 'doc' || node.version !== 1 : !nodes[within]?.includes(node?.type)) {
    return false;
  }
  if (node.type === 'text') {
    const links = (node.marks ?? []).filter((m) => m.type === 'link');
    return typeof node.text === 'string' && node.text.length > 0 && links.every((m) => /^https?:/.test(m.attrs?.href ?? ''));
  }
  return (node.content ?? []).every((c) => valid(c, node.type));
}
const textOf = (node) =>
  node?.type === 'text' ? node.text : (node?.content ?? []).map(textOf).join('') + (node?.type === 'paragraph' ? '\n' : '');
const paragraph = (text) => ({ version: 1, type: 'doc', content: [{ type: 'paragraph', content: [{ type: 'text', text }] }] });
const refuse = (status, ...errorMessages) => json(status, { errorMessages, errors: {} });

await serve(async (base) => {
  const api = `${base}/rest/api/3`;
  const issues = new Map();
  let ids = 10_000;
  let hook = null;
  const person = (name) => ({
    self: `${api}/user?accountId=acc-${name}`,
    accountId: `acc-${name}`,
    accountType: 'atlassian',
    emailAddress: `${name}@example.test`,
    displayName: name,
    active: true,
    timeZone: 'Etc/UTC',
    avatarUrls: {},
  });
  const statusOf = (name) => {
    const s = states.find((x) => x.name === name);
    return {
      self: `${api}/status/${s.id}`,
      description: '',
      iconUrl: `${base}/icon.png`,
      id: s.id,
      name: s.name,
      statusCategory: { self: `${api}/statuscategory/${s.id}`, id: Number(s.id), key: s.category, colorName: 'blue', name: s.name },
    };
  };
  const shown = (i, expand) => ({
    id: i.id,
    key: i.key,
    self: `${api}/issue/${i.id}`,
    fields: {
      summary: i.summary,
      description: i.description,
      labels: i.labels,
      assignee: i.assignee ? person(i.assignee) : null,
      creator: person(i.creator),
      status: statusOf(i.state),
      updated: i.updated,
    },
    ...(expand?.includes('changelog')
      ? { changelog: { startAt: 0, maxResults: i.changes.length, total: i.changes.length, histories: [...i.changes].reverse() } }
      : {}),
  });
  const comment = (i, c) => ({
    self: `${api}/issue/${i.id}/comment/${c.id}`,
    id: c.id,
    author: person(c.by),
    body: c.body,
    updateAuthor: person(c.by),
    created: c.created,
    updated: c.updated,
    jsdPublic: true,
  });

  async function tell(i, webhookEvent, by, more = {}) {
    i.updated = new Date(Date.parse(i.updated) + 1).toISOString();
    if (!hook) {
      return;
    }
    const body = JSON.stringify({ timestamp: Date.now(), webhookEvent, user: person(by), issue: shown(i), ...more });
    await fetch(hook.url, {
      method: 'POST',
      headers: {
        'content-type': 'application/json; charset=utf-8',
        'x-atlassian-webhook-identifier': randomUUID(),
        'x-hub-signature': 'sha256=' + createHmac('sha256', hook.secret).update(body).digest('hex'),
      },
      body,
    }).catch(() => {});
  }
  function change(i, by, items) {
    i.changes.push({ id: String(++ids), author: person(by), created: new Date().toISOString(), items });
  }

  async function rest(method, at, search, body, who) {
    if (at === 'myself') {
      return json(200, { ...person(who), locale: 'en_US', groups: { size: 0, items: [] }, applicationRoles: { size: 0, items: [] } });
    }
    if (at === 'search/jql' && method === 'POST') {
      const found = /^\((?:labels = "((?:[^"\\]|\\.)*)")?(?: OR )?(?:assignee = "((?:[^"\\]|\\.)*)")?\) AND statusCategory != Done ORDER BY updated DESC$/.exec(body.jql);
      if (!found) {
        return refuse(400, `Error in the JQL Query: ${body.jql}`);
      }
      const all = [...issues.values()]
        .filter((i) => statusOf(i.state).statusCategory.key !== 'done')
        .filter((i) => (found[1] && i.labels.includes(found[1])) || (found[2] && i.assignee && [`acc-${i.assignee}`, `${i.assignee}@example.test`].includes(found[2])))
        .sort((a, b) => b.updated.localeCompare(a.updated));
      const from = Number(body.nextPageToken ?? 0);
      const to = from + Math.min(body.maxResults ?? 50, 100);
      const page = all.slice(from, to).map((i) => ({ id: i.id, key: i.key, self: shown(i).self, fields: { updated: i.updated } }));
      return json(200, { issues: page, isLast: to >= all.length, ...(to < all.length ? { nextPageToken: String(to) } : {}) });
    }
    const [, reference, rest, sub] = /^issue\/([^/]+)(?:\/([a-z]+)(?:\/(\d+))?)?$/.exec(at) ?? [];
    const i = reference && [...issues.values()].find((x) => x.key === reference.toUpperCase() || x.id === reference);
    if (!i) {
      return refuse(404, 'Issue does not exist or you do not have permission to see it.');
    }
    if (!rest && method === 'GET') {
      return json(200, shown(i, search.get('expand')));
    }
    if (rest === 'comment' && method === 'GET') {
      const all = search.get('orderBy') === '-created' ? [...i.comments].reverse() : i.comments;
      const from = Number(search.get('startAt') ?? 0);
      const max = Math.min(Number(search.get('maxResults') ?? 100), 100);
      return json(200, { startAt: from, maxResults: max, total: all.length, comments: all.slice(from, from + max).map((c) => comment(i, c)) });
    }
    if (rest === 'comment') {
      const there = sub && i.comments.find((c) => c.id === sub);
      if (sub && (!there || there.by !== who)) {
        return refuse(there ? 400 : 404, there ? 'You cannot edit this comment.' : 'Can not find a comment for the id.');
      }
      if (!valid(body.body)) {
        return json(400, { errorMessages: [], errors: { comment: 'INVALID_INPUT' } });
      }
      if (textOf(body.body).length > 32_767) {
        return json(400, { errorMessages: [], errors: { comment: 'The entered text is too long. It exceeds the allowed limit of 32,767 characters.' } });
      }
      const now = new Date().toISOString();
      const kept = there ?? { id: String(++ids), by: who, created: now };
      Object.assign(kept, { body: body.body, updated: now });
      if (!there) {
        i.comments.push(kept);
      }
      await tell(i, there ? 'comment_updated' : 'comment_created', who, { comment: comment(i, kept) });
      return json(there ? 200 : 201, comment(i, kept));
    }
    if (rest === 'transitions') {
      const ways = states.filter((s) => s.from.includes(i.state));
      if (method === 'GET') {
        const transitions = ways.map((s) => ({ id: `1${s.id}`, name: `To ${s.name}`, to: statusOf(s.name), hasScreen: false, isGlobal: false, isInitial: false, isConditional: false, isAvailable: true }));
        return json(200, { expand: 'transitions', transitions });
      }
      const way = ways.find((s) => `1${s.id}` === body.transition?.id);
      if (!way) {
        return refuse(400, 'It seems that you have tried to perform an illegal workflow operation.');
      }
      change(i, who, [{ field: 'status', fieldtype: 'jira', from: '', fromString: i.state, to: way.id, toString: way.name }]);
      i.state = way.name;
      await tell(i, 'jira:issue_updated', who);
      return { status: 204, headers: {}, body: '' };
    }
    if (rest === 'remotelink' && method === 'POST') {
      const there = i.links.find((l) => l.globalId === body.globalId);
      const link = there ?? { id: ++ids, globalId: body.globalId };
      Object.assign(link, { url: body.object.url, title: body.object.title });
      if (!there) {
        i.links.push(link);
      }
      return json(there ? 200 : 201, { id: link.id, self: `${api}/issue/${i.key}/remotelink/${link.id}` });
    }
    return refuse(405, 'Method not allowed');
  }

  const at = (key) => issues.get(key);
  const acts = {
    async create({ by, title, description, label }) {
      const key = `PAY-${issues.size + 1}`;
      const i = {
        id: String(++ids),
        key,
        summary: title,
        description: description ? paragraph(description) : null,
        labels: label ? ['orchestrator'] : [],
        creator: by,
        state: 'To Do',
        updated: new Date().toISOString(),
        comments: [],
        changes: [],
        links: [],
      };
      issues.set(key, i);
      await tell(i, 'jira:issue_created', by);
      return { key, id: i.id };
    },
    async comment({ by, key, text }) {
      const now = new Date().toISOString();
      const c = { id: String(++ids), by, body: paragraph(text), created: now, updated: now };
      at(key).comments.push(c);
      await tell(at(key), 'comment_created', by, { comment: comment(at(key), c) });
    },
    async label({ by, key }) {
      const i = at(key);
      const before = i.labels.join(' ');
      i.labels.push('orchestrator');
      change(i, by, [{ field: 'labels', fieldtype: 'jira', from: null, fromString: before, to: null, toString: i.labels.join(' ') }]);
      await tell(i, 'jira:issue_updated', by);
    },
    async assign({ by, key, to }) {
      change(at(key), by, [{ field: 'assignee', fieldtype: 'jira', from: null, fromString: null, to: `acc-${to}`, toString: to }]);
      at(key).assignee = to;
      await tell(at(key), 'jira:issue_updated', by);
    },
    async move({ by, key, state }) {
      at(key).state = state;
      await tell(at(key), 'jira:issue_updated', by);
    },
    remove({ key }) {
      issues.delete(key);
    },
    hook(given) {
      hook = given;
    },
    show({ key }) {
      const i = at(key);
      return {
        state: i.state,
        comments: i.comments.map((c) => ({ by: c.by, text: textOf(c.body).trim() })),
        links: i.links.map(({ url, title }) => ({ url, title })),
      };
    },
  };
  const answer = (request, url, text) => {
    const given = Buffer.from((request.headers.authorization ?? '').replace(/^Basic /, ''), 'base64').toString();
    const who = people.find((p) => given === `${p}@example.test:tok_${p}`);
    if (!who) {
      return json(401, { message: 'Client must be authenticated to access this resource.', 'status-code': 401 });
    }
    return url.pathname.startsWith('/rest/api/3/')
      ? rest(request.method, url.pathname.slice('/rest/api/3/'.length), url.searchParams, text ? JSON.parse(text) : {}, who)
      : refuse(404, 'Not Found');
  };
  return { acts, answer };
});
