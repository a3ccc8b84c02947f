// Holds the Jira stub to a client that is not ours: npm jira.js, whose schemas judge each answer. client-check.mjs ADDRESS
// It walks through what the adapter calls and fails at the first answer that the client does not take.
import assert from 'node:assert/strict';
import { createCloudClient } from 'jira.js';

const host = process.argv[2].replace(/\/$/, '');
const jira = createCloudClient({ host, auth: { type: 'basic', email: 'orchestrator-bot@example.test', apiToken: 'tok_orchestrator-bot' } });
const door = async (what, body) =>
  (await fetch(`${host}/_stand-in/${what}`, { method: 'POST', body: JSON.stringify(body) })).json();
const doc = (text) => ({ version: 1, type: 'doc', content: [{ type: 'paragraph', content: [{ type: 'text', text }] }] });
let checks = 0;
const same = (actual, expected) => {
  assert.deepEqual(actual, expected);
  checks++;
};

const { key: issueIdOrKey } = await door('create', { by: 'alice', title: 'Count', description: 'to three', label: true });
same((await jira.myself.getCurrentUser()).accountId, 'acc-orchestrator-bot');
const issue = await jira.issues.getIssue({ issueIdOrKey, expand: 'changelog' });
same([issue.key, issue.fields.summary, issue.fields.status.name], [issueIdOrKey, 'Count', 'To Do']);
const made = await jira.issueComments.addComment({ issueIdOrKey, body: doc('one') });
await jira.issueComments.updateComment({ issueIdOrKey, id: made.id, body: { body: doc('two') } });
const { comments, total } = await jira.issueComments.getComments({ issueIdOrKey, orderBy: '-created', maxResults: 100 });
same([total, comments[0].body.content[0].content[0].text], [1, 'two']);
const { transitions } = await jira.issues.getTransitions({ issueIdOrKey });
await jira.issues.doTransition({ issueIdOrKey, transition: { id: transitions.find((t) => t.to.name === 'In Progress').id } });
same((await jira.issues.getIssue({ issueIdOrKey })).fields.status.name, 'In Progress');
const link = { issueIdOrKey, globalId: 'one', object: { url: 'https://example.test/1', title: 'One' } };
const first = await jira.issueRemoteLinks.createOrUpdateRemoteIssueLink(link);
same((await jira.issueRemoteLinks.createOrUpdateRemoteIssueLink(link)).id, first.id);
const jql = '(labels = "orchestrator") AND statusCategory != Done ORDER BY updated DESC';
const found = await jira.issueSearch.searchAndReconsileIssuesUsingJqlPost({ jql, fields: ['updated'], maxResults: 100 });
same(found.issues[0].key, issueIdOrKey);
await assert.rejects(jira.issues.getIssue({ issueIdOrKey: 'PAY-999' }), /404|does not exist|Not Found/i);
await assert.rejects(jira.issueComments.addComment({ issueIdOrKey, body: doc('') }), /400|INVALID_INPUT/i);
console.log(`${checks + 2} checks passed`);
