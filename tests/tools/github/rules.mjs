// What the emulator has wrong or not at all, as GitHub does it: mergeability and merged trees by git, refusals of a merge
// and of a pull request, commit statuses, job logs, drafts by GraphQL, replies in a thread, approving one's own.
import { spawnSync } from 'node:child_process';
import { git } from './join.mjs';

const json = (status, value) => ({
  status,
  headers: { 'content-type': 'application/json; charset=utf-8' },
  body: Buffer.from(value === undefined ? '' : JSON.stringify(value)),
});
const refused = (message, errors) => json(422, { message, errors });
const textOf = (body) => (body.length > 0 ? JSON.parse(body.toString('utf8')) : {});

// Where GitHub leaves a field out, the emulator says null.
function withoutNull(answer, name) {
  const given = JSON.parse(answer.body.toString('utf8'));
  for (const one of [].concat(given)) {
    if (one[name] === null) {
      delete one[name];
    }
  }
  return { ...answer, body: Buffer.from(JSON.stringify(given)) };
}

export class Rules {
  constructor(base, emulator, join) {
    this.base = base;
    this.emulator = emulator;
    this.gh = emulator.gh;
    this.join = join;
    this.statuses = new Map();
    this.logs = new Map();
    this.ids = 1_000;
  }

  /** Answers a REST request: path without the enterprise prefix. */
  async answer(method, path, search, authorization, body) {
    let found;
    // Octokit.NET asks the older route of one reference.
    if (method === 'GET') {
      path = path.replace(/^(\/repos\/[^/]+\/[^/]+\/git)\/refs\/(heads|tags)\//, '$1/ref/$2/');
    }
    if ((found = path.match(/^\/repos\/([^/]+\/[^/]+)\/statuses\/([0-9a-f]{40})$/)) && method === 'POST') {
      return this.addStatus(found[1], found[2], textOf(body), authorization);
    }
    if ((found = path.match(/^\/repos\/([^/]+\/[^/]+)\/commits\/([^/]+)\/status$/))) {
      return this.combined(found[1], found[2]);
    }
    if ((found = path.match(/^\/repos\/[^/]+\/[^/]+\/actions\/jobs\/(\d+)\/logs$/))) {
      return this.logs.has(found[1])
        ? { status: 302, headers: { location: `${this.base}/_stand-in/logs/${found[1]}` }, body: Buffer.alloc(0) }
        : json(404, { message: 'Not Found' });
    }
    if (path === '/graphql') {
      return this.graph(textOf(body));
    }
    if (method === 'PUT' && /\/collaborators\/[^/]+$/.test(path) && body.length === 0) {
      body = Buffer.from('{}');
    }
    if ((found = path.match(/^\/repos\/([^/]+\/[^/]+)\/pulls(?:\/(\d+)(\/[a-z]+)?)?$/))) {
      const repo = this.join.repositoryOf(found[1]);
      if (repo) {
        return this.pulls(method, path, search, authorization, body, repo, Number(found[2] ?? 0), found[3] ?? '');
      }
    }
    if (method === 'GET' && (found = path.match(/^\/repos\/([^/]+\/[^/]+)\/issues\/(\d+)$/))) {
      return this.issue(found[1], Number(found[2]), path, authorization);
    }
    const answer = await this.emulator.call(method, path + search, authorization, body);
    found = path.match(/^\/repos\/([^/]+\/[^/]+)\/(contents|git\/refs)(\/|$)/);
    if (found && method !== 'GET' && answer.status < 300) {
      await this.join.follow(this.join.repositoryOf(found[1]), authorization);
    }
    return answer;
  }

  // A pull request is an issue too, which the emulator denies.
  async issue(repository, number, path, authorization) {
    const repo = this.join.repositoryOf(repository);
    const row = repo && this.gh.issues.findBy('repo_id', repo.id).find((i) => i.number === number);
    const isPull = row?.is_pull_request;
    if (isPull) {
      this.gh.issues.update(row.id, { is_pull_request: false });
    }
    const answer = await this.emulator.call('GET', path, authorization);
    if (isPull) {
      this.gh.issues.update(row.id, { is_pull_request: true });
    }
    return answer;
  }

  async pulls(method, path, search, authorization, body, repo, number, part) {
    const pr = number > 0 ? this.join.pull(repo, number) : undefined;
    if (method === 'POST' && number === 0) {
      const wrong = this.cannotOpen(repo, textOf(body));
      if (wrong) {
        return wrong;
      }
    }
    if (!pr) {
      return this.emulator.call(method, path + search, authorization, body);
    }
    const state = pr.state === 'open' ? this.look(repo, pr) : undefined;
    if (part === '/merge') {
      return method === 'GET'
        ? { status: pr.merged ? 204 : 404, headers: {}, body: Buffer.alloc(0) }
        : this.merge(path, authorization, body, repo, pr, state);
    }
    if (part === '/reviews' && method === 'POST' && textOf(body).event === 'APPROVE') {
      const author = this.gh.users.get(pr.user_id)?.login;
      if (this.loginOf(authorization) === author) {
        return refused('Unprocessable Entity', ['Can not approve your own pull request']);
      }
    }
    if (part === '/comments' && method === 'POST') {
      const { in_reply_to: to, ...rest } = textOf(body);
      if (to !== undefined) {
        const first = this.gh.comments.get(to);
        const place = first ? { path: first.path, line: first.line, commit_id: first.commit_sha } : {};
        body = Buffer.from(JSON.stringify({ ...place, ...rest, in_reply_to_id: to }));
      }
    }
    if (part === '' && method === 'PATCH') {
      // A draft becomes ready by GraphQL alone.
      const { draft, ...rest } = textOf(body);
      body = Buffer.from(JSON.stringify(rest));
    }
    const answer = await this.emulator.call(method, path + search, authorization, body);
    return part === '/comments' && answer.status < 300 ? withoutNull(answer, 'in_reply_to_id') : answer;
  }

  cannotOpen(repo, wanted) {
    const head = (wanted.head ?? '').split(':').pop();
    const branch = this.join.branch(repo, head);
    const base = this.join.branch(repo, wanted.base ?? '');
    if (!branch || !base) {
      const field = branch ? 'base' : 'head';
      return refused('Validation Failed', [{ resource: 'PullRequest', field, code: 'invalid' }]);
    }
    const custom = (message) => refused('Validation Failed', [{ resource: 'PullRequest', code: 'custom', message }]);
    if (
      this.gh.pullRequests
        .findBy('repo_id', repo.id)
        .some((p) => p.state === 'open' && p.head_ref === head && p.base_ref === wanted.base)
    ) {
      return custom(`A pull request already exists for ${repo.full_name.split('/')[0]}:${head}.`);
    }
    const dir = this.join.writeOut(repo);
    return git(dir, ['rev-list', '--count', `${base.sha}..${branch.sha}`]).toString().trim() === '0'
      ? custom(`No commits between ${wanted.base} and ${head}`)
      : undefined;
  }

  /** Brings what the emulator shows of an open pull request in line with git. */
  look(repo, pr) {
    const dir = this.join.writeOut(repo);
    const base = this.join.branch(repo, pr.base_ref)?.sha ?? pr.base_sha;
    const merged = spawnSync('git', ['-C', dir, 'merge-tree', '--write-tree', base, pr.head_sha]);
    const rows = git(dir, ['diff', '--numstat', `${base}...${pr.head_sha}`]).toString().split('\n').filter(Boolean);
    const sum = (at) => rows.reduce((all, row) => all + (Number(row.split('\t')[at]) || 0), 0);
    const blocked = this.blocked(repo, pr);
    const mergeableState = merged.status !== 0 ? 'dirty' : blocked ? 'blocked' : 'clean';
    Object.assign(pr, {
      base_sha: base,
      mergeable: merged.status === 0,
      mergeable_state: mergeableState,
      changed_files: rows.length,
      additions: sum(0),
      deletions: sum(1),
    });
    const { base_sha, mergeable, mergeable_state, changed_files, additions, deletions } = pr;
    this.gh.pullRequests.update(pr.id, { base_sha, mergeable, mergeable_state, changed_files, additions, deletions });
    return { dir, tree: merged.status === 0 ? merged.stdout.toString().split('\n')[0] : undefined };
  }

  blocked(repo, pr) {
    const rule = this.gh.branchProtections.findBy('repo_id', repo.id).find((p) => p.branch_name === pr.base_ref);
    const runs = this.gh.checkRuns.findBy('repo_id', repo.id).filter((r) => r.head_sha === pr.head_sha);
    return (rule?.required_status_checks?.contexts ?? []).some(
      (name) => !runs.some((r) => r.name === name && r.conclusion === 'success'),
    );
  }

  async merge(path, authorization, body, repo, pr, state) {
    if (state && !state.tree) {
      return json(405, { message: 'Pull Request is not mergeable' });
    }
    // The emulator would take the head's tree and lose what the base gained.
    let undo = () => {};
    if (state) {
      this.join.readTree(repo, state.dir, state.tree);
      const head = this.gh.commits.findBy('repo_id', repo.id).find((c) => c.sha === pr.head_sha);
      const own = head.tree_sha;
      this.gh.commits.update(head.id, { tree_sha: state.tree });
      undo = () => this.gh.commits.update(head.id, { tree_sha: own });
    }
    const before = this.join.branch(repo, pr.base_ref)?.sha;
    const answer = await this.emulator.call('PUT', path, authorization, body);
    undo();
    if (answer.status === 422) {
      const { message } = JSON.parse(answer.body.toString('utf8'));
      return /out of date/.test(message)
        ? json(409, { message: 'Head branch was modified. Review and try the merge again.' })
        : json(405, { message });
    }
    const after = this.join.branch(repo, pr.base_ref)?.sha;
    if (answer.status === 200 && after !== before) {
      await this.join.tell('push', undefined, repo, authorization, { ref: `refs/heads/${pr.base_ref}`, before, after });
    }
    return answer;
  }

  graph({ query, variables }) {
    const found = /markPullRequestReadyForReview/.test(query ?? '')
      ? this.gh.pullRequests.all().find((p) => p.node_id === variables?.id)
      : undefined;
    if (!found) {
      return json(200, { errors: [{ type: 'NOT_FOUND', message: 'Could not resolve to a node.' }] });
    }
    this.gh.pullRequests.update(found.id, { draft: false });
    return json(200, { data: { markPullRequestReadyForReview: { pullRequest: { isDraft: false } } } });
  }

  addStatus(repository, sha, given, authorization) {
    const now = new Date().toISOString();
    const status = {
      id: ++this.ids,
      node_id: `S_${this.ids}`,
      avatar_url: null,
      url: `${this.base}/repos/${repository}/statuses/${sha}`,
      state: given.state,
      description: given.description ?? null,
      target_url: given.target_url ?? null,
      context: given.context ?? 'default',
      created_at: now,
      updated_at: now,
    };
    const key = repository.toLowerCase() + sha;
    this.statuses.set(key, [status, ...(this.statuses.get(key) ?? [])]);
    return json(201, { ...status, creator: { login: this.loginOf(authorization), id: 1 } });
  }

  combined(repository, sha) {
    const all = this.statuses.get(repository.toLowerCase() + sha) ?? [];
    const latest = [...new Map([...all].reverse().map((s) => [s.context, s])).values()];
    const state = latest.some((s) => ['failure', 'error'].includes(s.state))
      ? 'failure'
      : latest.length > 0 && latest.every((s) => s.state === 'success')
        ? 'success'
        : 'pending';
    return json(200, {
      state,
      statuses: latest,
      sha,
      total_count: latest.length,
      url: `${this.base}/repos/${repository}/commits/${sha}/status`,
      commit_url: `${this.base}/repos/${repository}/commits/${sha}`,
    });
  }

  loginOf(authorization) {
    return this.emulator.tokens.get((authorization ?? '').replace(/^(token|bearer) /i, ''))?.login;
  }
}
