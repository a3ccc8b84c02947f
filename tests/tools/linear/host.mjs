// A Linear for tests, on loopback: the third-party emulator's (npm emulate) GraphQL API and signed webhooks. Added in front
// of it is what it lacks: attachments, the history of labels and assignees, filters in Linear's own shape, comments in
// pages and newest first, refusal of unknown tokens. node host.mjs
import '../github/loopback.mjs';
import fs from 'node:fs';
import path from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { json, serve } from '../tickets/door.mjs';

const people = ['orchestrator-bot', 'alice', 'mallory'];
const dist = path.join(path.dirname(fileURLToPath(import.meta.url)), '..', 'node_modules', 'emulate', 'dist');
const refuse = (code, message) => ({ errors: [{ message, extensions: { code } }] });

async function emulator(base) {
  const file = fs
    .readdirSync(dist)
    .find((f) => /^dist-.*\.js$/.test(f) && fs.readFileSync(path.join(dist, f), 'utf8').includes('var linearPlugin ='));
  const plugin = await import(pathToFileURL(path.join(dist, file)));
  const { createEmulator } = await import(pathToFileURL(path.join(dist, 'api.js')));
  let router;
  const register = plugin.linearPlugin.register;
  plugin.linearPlugin.register = function (app, ...rest) {
    router = app;
    return register.call(this, app, ...rest);
  };
  await createEmulator({
    service: 'linear',
    port: 0,
    baseUrl: base,
    seed: {
      linear: {
        users: people.map((name) => ({ id: `user-${name}`, name, email: `${name}@example.test` })),
        teams: [
          {
            id: 'team-shop',
            key: 'SHOP',
            name: 'Shop',
            states: [
              { name: 'Todo', type: 'unstarted' },
              { name: 'In Progress', type: 'started' },
              { name: 'In Review', type: 'started' },
              { name: 'Done', type: 'completed' },
            ],
          },
        ],
        labels: [{ id: 'label-orchestrator', name: 'orchestrator' }],
        tokens: people.map((name) => ({ token: `lin_api_${name}`, user: `${name}@example.test` })),
      },
    },
  });
  return router;
}

await serve(async (base) => {
  const router = await emulator(base);
  const links = [];
  const history = [];

  async function ask(who, query, variables = {}) {
    const given = await router.fetch(
      new Request(`${base}/graphql`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', authorization: `Bearer lin_api_${who}` },
        body: JSON.stringify({ query, variables }),
      }),
    );
    return [given.status, await given.json()];
  }

  async function must(who, query, variables) {
    const [, result] = await ask(who, query, variables);
    if (result.errors) {
      throw new Error(JSON.stringify(result.errors));
    }
    return result.data;
  }

  const idOf = async (key) => (await must('alice', 'query($id: String!) { issue(id: $id) { id } }', { id: key })).issue.id;
  const person = (name) => ({ id: `user-${name}`, name, displayName: name, email: `${name}@example.test` });
  const remember = (issue, by, labels, to) =>
    history.push({
      issue,
      createdAt: new Date().toISOString(),
      actor: person(by),
      addedLabels: labels.map((name) => ({ name })),
      toAssignee: to ? { id: `user-${to}` } : null,
    });

  // Linear filters by related objects, the emulator by their names. What is not of Linear's shape is refused.
  function narrow(filter) {
    const labels = filter.labels?.some?.name?.eqIgnoreCase;
    const assignee = filter.assignee?.email?.eq ?? filter.assignee?.id?.eq?.replace(/^user-/, '');
    if ((!labels && !assignee) || !Array.isArray(filter.state?.type?.nin)) {
      throw new Error(`not a filter of Linear's: ${JSON.stringify(filter)}`);
    }
    return { ...(labels ? { labels: { eqIgnoreCase: labels } } : {}), ...(assignee ? { assignee: { eq: assignee } } : {}) };
  }

  // Linear gives the newest first, the emulator the oldest.
  async function newestFirst(who, id) {
    const all = [];
    for (let next = null, more = true; more; ) {
      const { issue } = await must(
        who,
        'query($id: String!, $next: String) { issue(id: $id) { comments(first: 100, after: $next) { nodes { id body createdAt user { id name displayName email } } pageInfo { hasNextPage endCursor } } } }',
        { id, next },
      );
      all.unshift(...issue.comments.nodes.reverse());
      [next, more] = [issue.comments.pageInfo.endCursor, issue.comments.pageInfo.hasNextPage];
    }
    return all;
  }

  async function comments(who, id, after) {
    const all = await newestFirst(who, id);
    const from = after ? all.findIndex((c) => c.id === after) + 1 : 0;
    const nodes = all.slice(from, from + 100);
    return { nodes, pageInfo: { hasNextPage: from + 100 < all.length, endCursor: nodes.at(-1)?.id ?? null } };
  }

  async function graphql(authorization, { query, variables }) {
    const who = people.find((p) => authorization === `lin_api_${p}`);
    if (!who) {
      return json(401, refuse('AUTHENTICATION_ERROR', 'Authentication required, not authenticated'));
    }
    if (query.includes('attachmentCreate')) {
      const { issueId, url, title } = variables.input;
      const there = links.find((l) => l.issueId === issueId && l.url === url);
      there ? Object.assign(there, { title }) : links.push({ issueId, url, title });
      return json(200, { data: { attachmentCreate: { success: true } } });
    }
    if (/\bhistory\(/.test(query)) {
      const issue = await idOf(variables.id);
      const nodes = history.filter((h) => h.issue === issue).reverse();
      return json(200, { data: { issue: { history: { nodes } } } });
    }
    if (variables?.filter) {
      variables = { ...variables, filter: narrow(variables.filter) };
    }
    const { after } = variables ?? {};
    if (/\bcomments\(/.test(query) && 'after' in (variables ?? {})) {
      query = query.replace(', after: $after', '').replace(', $after: String', '');
      variables = { id: variables.id };
    }
    const [status, result] = await ask(who, query, variables);
    if (result.data?.issue?.comments) {
      result.data.issue.comments = await comments(who, variables.id, after);
    }
    return json(status, result);
  }

  const acts = {
    async create({ by, title, description, label }) {
      const { issueCreate } = await must(by, 'mutation($input: IssueCreateInput!) { issueCreate(input: $input) { issue { id identifier } } }', {
        input: { teamId: 'team-shop', title, description, labelIds: label ? ['label-orchestrator'] : [] },
      });
      return { key: issueCreate.issue.identifier, id: issueCreate.issue.id };
    },
    async comment({ by, key, text }) {
      await must(by, 'mutation($input: CommentCreateInput!) { commentCreate(input: $input) { success } }', {
        input: { issueId: await idOf(key), body: text },
      });
    },
    async label({ by, key }) {
      const id = await idOf(key);
      await must(by, 'mutation($id: String!, $input: IssueUpdateInput!) { issueUpdate(id: $id, input: $input) { success } }', {
        id,
        input: { labelIds: ['label-orchestrator'] },
      });
      remember(id, by, ['orchestrator'], '');
    },
    async assign({ by, key, to }) {
      const id = await idOf(key);
      await must(by, 'mutation($id: String!, $input: IssueUpdateInput!) { issueUpdate(id: $id, input: $input) { success } }', {
        id,
        input: { assigneeId: `user-${to}` },
      });
      remember(id, by, [], to);
    },
    async move({ by, key, state }) {
      const { team } = await must(by, 'query { team(id: "team-shop") { states(first: 50) { nodes { id name } } } }');
      await must(by, 'mutation($id: String!, $input: IssueUpdateInput!) { issueUpdate(id: $id, input: $input) { success } }', {
        id: await idOf(key),
        input: { stateId: team.states.nodes.find((s) => s.name === state).id },
      });
    },
    async remove({ key }) {
      await must('alice', 'mutation($id: String!) { issueDelete(id: $id, permanentlyDelete: true) { success } }', { id: await idOf(key) });
    },
    async hook({ url, secret }) {
      await must('alice', 'mutation($input: WebhookCreateInput!) { webhookCreate(input: $input) { success } }', {
        input: { url, secret, allPublicTeams: true, resourceTypes: ['Issue', 'Comment'] },
      });
    },
    async show({ key }) {
      const { issue } = await must('alice', 'query($id: String!) { issue(id: $id) { id state { name } } }', { id: key });
      const nodes = await newestFirst('alice', issue.id);
      return {
        state: issue.state.name,
        comments: nodes.reverse().map((c) => ({ by: c.user?.name ?? '', text: c.body })),
        links: links.filter((l) => l.issueId === issue.id).map(({ url, title }) => ({ url, title })),
      };
    },
  };
  const answer = (request, url, text) =>
    request.method === 'POST' && url.pathname === '/graphql'
      ? graphql(request.headers.authorization ?? '', JSON.parse(text))
      : json(404, { message: 'Not Found' });
  return { acts, answer };
});
