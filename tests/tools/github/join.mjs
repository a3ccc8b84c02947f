// Joins the emulator's tables to real repositories: its object hashes are git's own. Before git serves a request, what the
// API made is written to the bare repository; after a push, what git took is read back and pull requests follow it.
import fs from 'node:fs';
import path from 'node:path';
import { spawnSync } from 'node:child_process';

const outputMax = 1 << 28;

export function git(dir, args, input) {
  const run = spawnSync('git', ['-C', dir, ...args], { input, maxBuffer: outputMax });
  if (run.status !== 0) {
    throw new Error(`git ${args.join(' ')}: ${run.stderr}`);
  }
  return run.stdout;
}

const lines = (buffer) => buffer.toString('utf8').split('\n').filter(Boolean);
const zone = /(Z|([+-])(\d{2}):?(\d{2}))$/i;

function stamp(iso) {
  const found = iso.match(zone);
  const offset = !found || found[1].toUpperCase() === 'Z' ? '+0000' : found[2] + found[3] + found[4];
  return `${Math.floor(Date.parse(iso) / 1000)} ${offset}`;
}

function instant(seconds, offset) {
  const minutes = (offset[0] === '-' ? -1 : 1) * (Number(offset.slice(1, 3)) * 60 + Number(offset.slice(3)));
  const local = new Date((Number(seconds) + minutes * 60) * 1000).toISOString().replace(/\.\d+Z$/, '');
  return `${local}${offset.slice(0, 3)}:${offset.slice(3)}`;
}

export class Join {
  constructor(root, emulator) {
    this.root = root;
    this.emulator = emulator;
    this.gh = emulator.gh;
    this.written = new Map();
  }

  repositoryOf(fullName) {
    return this.gh.repos.all().find((r) => r.full_name.toLowerCase() === fullName.toLowerCase());
  }

  branch(repo, name) {
    return this.gh.branches.findBy('repo_id', repo.id).find((b) => b.name === name);
  }

  pull(repo, number) {
    return this.gh.pullRequests.findBy('repo_id', repo.id).find((p) => p.number === number);
  }

  folder(repo) {
    const dir = path.join(this.root, `${repo.full_name}.git`);
    if (!fs.existsSync(dir)) {
      fs.mkdirSync(dir, { recursive: true });
      git(dir, ['init', '-q', '--bare', '-b', repo.default_branch ?? 'main']);
      git(dir, ['config', 'http.receivepack', 'true']);
      this.written.set(repo.id, new Set());
    }
    return dir;
  }

  /** Writes what the API made; the folder of the repository. */
  writeOut(repo) {
    const dir = this.folder(repo);
    const known = this.written.get(repo.id);
    const put = (type, content, hash) => {
      const made = git(dir, ['hash-object', '-t', type, '-w', '--stdin'], content).toString().trim();
      if (made !== hash) {
        throw new Error(`the emulator's ${type} ${hash} is git's ${made}`);
      }
      known.add(hash);
    };
    for (const blob of this.gh.blobs.findBy('repo_id', repo.id).filter((b) => !known.has(b.sha))) {
      put('blob', Buffer.from(blob.content, blob.encoding === 'base64' ? 'base64' : 'utf8'), blob.sha);
    }
    for (const tree of this.gh.trees.findBy('repo_id', repo.id).filter((t) => !known.has(t.sha))) {
      const rows = tree.tree.map((e) => `${e.mode} ${e.type} ${e.sha}\t${e.path}\n`).join('');
      const made = git(dir, ['mktree', '--missing'], rows).toString().trim();
      if (made !== tree.sha) {
        throw new Error(`the emulator's tree ${tree.sha} is git's ${made}`);
      }
      known.add(tree.sha);
    }
    for (const commit of this.gh.commits.findBy('repo_id', repo.id).filter((c) => !known.has(c.sha))) {
      put('commit', Buffer.from(this.commitText(commit)), commit.sha);
    }
    const wanted = new Map(
      this.gh.branches.findBy('repo_id', repo.id).map((b) => [`refs/heads/${b.name}`, b.sha]),
    );
    const there = this.references(dir);
    for (const name of there.keys()) {
      if (!wanted.has(name)) {
        git(dir, ['update-ref', '-d', name]);
      }
    }
    for (const [name, hash] of wanted) {
      if (there.get(name) !== hash) {
        git(dir, ['update-ref', name, hash]);
      }
    }
    return dir;
  }

  /** Reads what a push brought; pull requests of its branches follow. */
  async readIn(repo, authorization) {
    const dir = this.folder(repo);
    const now = this.references(dir);
    for (const branch of [...this.gh.branches.findBy('repo_id', repo.id)]) {
      if (!now.has(`refs/heads/${branch.name}`)) {
        this.gh.branches.delete(branch.id);
        const ref = this.reference(repo, `refs/heads/${branch.name}`);
        if (ref) {
          this.gh.refs.delete(ref.id);
        }
      }
    }
    for (const [name, hash] of now) {
      const short = name.slice('refs/heads/'.length);
      const branch = this.branch(repo, short);
      if (branch?.sha === hash) {
        continue;
      }
      for (const commit of lines(git(dir, ['rev-list', '--reverse', '--topo-order', hash]))) {
        this.readCommit(repo, dir, commit);
      }
      if (branch) {
        this.gh.branches.update(branch.id, { sha: hash });
      } else {
        this.gh.branches.insert({ repo_id: repo.id, name: short, sha: hash, protected: false });
      }
      const ref = this.reference(repo, name);
      if (ref) {
        this.gh.refs.update(ref.id, { sha: hash });
      } else {
        this.gh.refs.insert({ repo_id: repo.id, ref: name, sha: hash, node_id: `R_${name}` });
      }
      const before = branch?.sha ?? '0'.repeat(40);
      await this.tell('push', undefined, repo, authorization, { ref: name, before, after: hash });
    }
    await this.follow(repo, authorization);
  }

  /** Open pull requests follow their branches. */
  async follow(repo, authorization) {
    for (const pr of this.gh.pullRequests.findBy('repo_id', repo.id).filter((p) => p.state === 'open')) {
      const branch = this.branch(repo, pr.head_ref);
      if (!branch || branch.sha === pr.head_sha) {
        continue;
      }
      const before = pr.head_sha;
      this.gh.pullRequests.update(pr.id, { head_sha: branch.sha });
      const shown = await this.json(`/repos/${repo.full_name}/pulls/${pr.number}`, authorization);
      await this.tell('pull_request', 'synchronize', repo, authorization, {
        action: 'synchronize',
        number: pr.number,
        before,
        after: branch.sha,
        pull_request: shown,
      });
    }
  }

  /** Reads a tree that git made, such as a merge's. */
  readTree(repo, dir, hash) {
    if (this.gh.trees.findBy('repo_id', repo.id).some((t) => t.sha === hash)) {
      return;
    }
    const entries = [];
    for (const row of git(dir, ['ls-tree', '-l', '-z', hash]).toString('utf8').split('\0').filter(Boolean)) {
      const [, mode, type, sha, size, name] = row.match(/^(\d+) (\w+) ([0-9a-f]{40})\s+(\S+)\t(.*)$/s);
      entries.push({ path: name, mode, type, sha, ...(type === 'blob' ? { size: Number(size) } : {}) });
      if (type === 'tree') {
        this.readTree(repo, dir, sha);
      } else if (type === 'blob' && !this.gh.blobs.findBy('repo_id', repo.id).some((b) => b.sha === sha)) {
        this.readBlob(repo, dir, sha);
      }
    }
    this.gh.trees.insert({ repo_id: repo.id, sha: hash, node_id: `T_${hash}`, tree: entries, truncated: false });
    this.written.get(repo.id).add(hash);
  }

  readBlob(repo, dir, sha) {
    const content = git(dir, ['cat-file', 'blob', sha]);
    const text = content.toString('utf8');
    const plain = !text.includes('\0') && Buffer.from(text, 'utf8').equals(content);
    this.gh.blobs.insert({
      repo_id: repo.id,
      sha,
      node_id: `B_${sha}`,
      content: plain ? text : content.toString('base64'),
      encoding: plain ? 'utf-8' : 'base64',
      size: content.length,
    });
    this.written.get(repo.id).add(sha);
  }

  readCommit(repo, dir, sha) {
    if (this.gh.commits.findBy('repo_id', repo.id).some((c) => c.sha === sha)) {
      return;
    }
    const raw = git(dir, ['cat-file', 'commit', sha]).toString('utf8');
    const end = raw.indexOf('\n\n');
    const head = raw.slice(0, end).split('\n');
    const one = (key) => head.find((l) => l.startsWith(`${key} `)).slice(key.length + 1);
    const who = (key) => one(key).match(/^(.*) <(.*)> (\d+) ([+-]\d{4})$/);
    const [author, committer] = [who('author'), who('committer')];
    this.readTree(repo, dir, one('tree'));
    this.gh.commits.insert({
      repo_id: repo.id,
      sha,
      node_id: `C_${sha}`,
      message: raw.slice(end + 2),
      author_name: author[1],
      author_email: author[2],
      author_date: instant(author[3], author[4]),
      committer_name: committer[1],
      committer_email: committer[2],
      committer_date: instant(committer[3], committer[4]),
      tree_sha: one('tree'),
      parent_shas: head.filter((l) => l.startsWith('parent ')).map((l) => l.slice('parent '.length)),
      user_id: null,
    });
    this.written.get(repo.id).add(sha);
  }

  commitText(c) {
    return [
      `tree ${c.tree_sha}`,
      ...c.parent_shas.map((p) => `parent ${p}`),
      `author ${c.author_name} <${c.author_email}> ${stamp(c.author_date)}`,
      `committer ${c.committer_name} <${c.committer_email}> ${stamp(c.committer_date)}`,
      '',
      c.message.endsWith('\n') ? c.message : `${c.message}\n`,
    ].join('\n');
  }

  references(dir) {
    const rows = lines(git(dir, ['for-each-ref', '--format=%(refname) %(objectname)', 'refs/heads']));
    return new Map(rows.map((l) => l.split(' ')));
  }

  reference(repo, name) {
    return this.gh.refs.findBy('repo_id', repo.id).find((r) => r.ref === name);
  }

  async json(target, authorization) {
    return JSON.parse((await this.emulator.call('GET', target, authorization)).body.toString('utf8'));
  }

  async tell(event, action, repo, authorization, payload) {
    const [owner, name] = repo.full_name.split('/');
    const repository = await this.json(`/repos/${repo.full_name}`, authorization);
    const sender = await this.json('/user', authorization);
    this.emulator.hooks.dispatch(event, action, { ...payload, repository, sender }, owner, name);
  }
}
