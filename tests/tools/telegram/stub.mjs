// A Telegram on loopback: the part of the Bot API that the product calls. Usage: stub.mjs PORT TOKEN
// People act through POST /test/NAME (see `people` below); GET /test/state shows everything that happened.
import { createHash } from 'node:crypto';
import { createServer } from 'node:http';
import { readBody } from './bodies.mjs';

const [port, token] = process.argv.slice(2);
const bot = { id: Number(token.split(':')[0]), is_bot: true, first_name: 'Orchestrator', username: 'orchestrator_test_bot' };
const started = Date.now();
const seconds = () => Math.floor(Date.now() / 1000);

let nextUpdate = 1;
let nextMessage = 1;
let webhook = null;
let poller = null;
let enforce = false;
let down = false;
const waiting = [];
const confirmed = [];
const messages = new Map();
const taps = new Map();
const files = new Map();
const blocked = new Set();
const calls = [];
let faults = [];

class Refusal extends Error {
  constructor(code, description, parameters) {
    super(description);
    this.answer = { ok: false, error_code: code, description, ...(parameters ? { parameters } : {}) };
  }
}

const chatOf = (id) => (Number(id) < 0 ? { id: Number(id), type: 'group', title: 'Team' } : { id: Number(id), type: 'private', first_name: 'Person' });
const key = (chat, message) => `${chat}:${message}`;
const parsed = (value) => (typeof value === 'string' ? JSON.parse(value) : value);

function keyboard(value) {
  const markup = parsed(value);
  for (const button of (markup?.inline_keyboard ?? []).flat()) {
    const size = Buffer.byteLength(button.callback_data ?? '');
    if (button.callback_data !== undefined && (size < 1 || size > 64)) throw new Refusal(400, 'Bad Request: BUTTON_DATA_INVALID');
  }
  return markup?.inline_keyboard ? markup : undefined;
}

function text(value) {
  if (!value || !String(value).trim()) throw new Refusal(400, 'Bad Request: message text is empty');
  if (String(value).length > 4096) throw new Refusal(400, 'Bad Request: message is too long');
  if (!String(value).isWellFormed()) throw new Refusal(400, 'Bad Request: strings must be encoded in UTF-8');
  return String(value);
}

// About one message a second in a chat (a short burst is let through), twenty a minute in a group, thirty a second overall.
function pace(chat) {
  if (!enforce) return;
  const sent = calls.filter((c) => c.chat !== undefined && c.ok && c.counted);
  const now = Date.now();
  const here = sent.filter((c) => c.chat === Number(chat));
  const over = sent.filter((c) => now - c.at < 1000).length >= 30 || here.filter((c) => now - c.at < 3000).length >= 4 || (Number(chat) < 0 && here.filter((c) => now - c.at < 60000).length >= 20);
  if (over) throw new Refusal(429, 'Too Many Requests: retry after 1', { retry_after: 1 });
}

function post(p, more) {
  if (blocked.has(Number(p.chat_id))) throw new Refusal(403, Number(p.chat_id) < 0 ? 'Forbidden: bot was kicked from the group chat' : 'Forbidden: bot was blocked by the user');
  const markup = keyboard(p.reply_markup);
  pace(p.chat_id);
  const answered = parsed(p.reply_parameters)?.message_id;
  const message = { message_id: nextMessage++, from: bot, chat: chatOf(p.chat_id), date: seconds(), ...more, ...(markup ? { reply_markup: markup } : {}) };
  if (answered) message.reply_to_message = messages.get(key(p.chat_id, answered));
  messages.set(key(message.chat.id, message.message_id), message);
  return message;
}

function edit(p, member, value) {
  const message = messages.get(key(p.chat_id, p.message_id));
  if (!message) throw new Refusal(400, 'Bad Request: message to edit not found');
  if (!message.from.is_bot) throw new Refusal(400, "Bad Request: message can't be edited");
  if (!(member in message)) throw new Refusal(400, member === 'caption' ? 'Bad Request: there is no caption in the message to edit' : 'Bad Request: there is no text in the message to edit');
  const markup = keyboard(p.reply_markup);
  if (message[member] === value && JSON.stringify(message.reply_markup) === JSON.stringify(markup)) {
    throw new Refusal(400, 'Bad Request: message is not modified: specified new message content and reply markup are exactly the same as a current content and reply markup of the message');
  }
  pace(p.chat_id);
  message[member] = value;
  message.edit_date = seconds();
  if (markup) message.reply_markup = markup;
  else delete message.reply_markup;
  return message;
}

const methods = {
  getme: () => ({ ...bot, can_join_groups: true, can_read_all_group_messages: false, supports_inline_queries: false, can_connect_to_business: false, has_main_web_app: false }),
  async getupdates(p) {
    if (webhook) throw new Refusal(409, "Conflict: can't use getUpdates method while webhook is active; use deleteWebhook to delete the webhook first");
    poller?.end(true);
    while (p.offset > 0 && waiting.length && waiting[0].update_id < p.offset) confirmed.push(waiting.shift().update_id);
    const allowed = p.allowed_updates ? parsed(p.allowed_updates) : [];
    const pick = () => waiting.filter((u) => !allowed.length || allowed.some((a) => a in u)).slice(0, Number(p.limit) || 100);
    if (!pick().length && Number(p.timeout) > 0) {
      const conflict = await new Promise((done) => {
        const timer = setTimeout(() => poller?.end(false), Number(p.timeout) * 1000);
        poller = { end: (other) => { clearTimeout(timer); poller = null; done(other); } };
      });
      if (conflict) throw new Refusal(409, 'Conflict: terminated by other getUpdates request; make sure that only one bot instance is running');
    }
    return pick();
  },
  sendmessage: (p) => post(p, { text: text(p.text) }),
  senddocument(p) {
    if (!p.file) throw new Refusal(400, 'Bad Request: there is no document in the request');
    const id = `F${nextMessage}`;
    files.set(id, p.file.bytes);
    return post(p, { document: { file_id: id, file_unique_id: `U${nextMessage}`, file_name: p.file.name, file_size: p.file.bytes.length }, ...(p.caption ? { caption: p.caption } : {}) });
  },
  editmessagetext: (p) => edit(p, 'text', text(p.text)),
  editmessagecaption: (p) => edit(p, 'caption', p.caption ?? ''),
  editmessagereplymarkup(p) {
    const message = messages.get(key(p.chat_id, p.message_id));
    return edit(p, 'text', message?.text);
  },
  answercallbackquery(p) {
    const tap = taps.get(String(p.callback_query_id));
    if (!tap || tap.answer !== undefined) throw new Refusal(400, 'Bad Request: query is too old and response timeout expired or query ID is invalid');
    if ((p.text ?? '').length > 200) throw new Refusal(400, 'Bad Request: MESSAGE_TOO_LONG');
    tap.answer = p.text ?? '';
    return true;
  },
  getfile(p) {
    const bytes = files.get(p.file_id);
    if (!bytes) throw new Refusal(400, 'Bad Request: wrong file_id or the file is temporarily unavailable');
    if (bytes.length > 20 * 1024 * 1024) throw new Refusal(400, 'Bad Request: file is too big');
    return { file_id: p.file_id, file_unique_id: `U${p.file_id}`, file_size: bytes.length, file_path: `documents/${p.file_id}` };
  },
  setwebhook(p) {
    webhook = p.url ? { url: p.url, secret: p.secret_token } : null;
    if (webhook) flush();
    return true;
  },
  deletewebhook: () => { webhook = null; return true; },
  getwebhookinfo: () => ({ url: webhook?.url ?? '', has_custom_certificate: false, pending_update_count: waiting.length }),
  setmycommands(p) {
    for (const c of parsed(p.commands)) if (!/^[a-z0-9_]{1,32}$/.test(c.command)) throw new Refusal(400, 'Bad Request: BOT_COMMAND_INVALID');
    return true;
  },
  sendchataction: () => true,
  close: () => true,
};
const counted = ['sendmessage', 'senddocument', 'editmessagetext', 'editmessagecaption', 'editmessagereplymarkup'];

async function flush() {
  while (webhook && waiting.length) {
    const update = waiting[0];
    const answer = await fetch(webhook.url, { method: 'POST', headers: { 'content-type': 'application/json', ...(webhook.secret ? { 'x-telegram-bot-api-secret-token': webhook.secret } : {}) }, body: JSON.stringify(update) }).catch(() => null);
    if (!answer?.ok) return void setTimeout(flush, 500);
    waiting.shift();
    confirmed.push(update.update_id);
  }
}

function push(update) {
  const whole = { update_id: nextUpdate++, ...update };
  waiting.push(whole);
  if (webhook) flush();
  else poller?.end(false);
  return whole.update_id;
}

const personOf = (o) => ({ id: o.from ?? o.chat, is_bot: false, first_name: 'Person', ...(o.language ? { language_code: o.language } : {}) });

// What people do; each takes one JSON object.
const people = {
  message(o) {
    const message = { message_id: nextMessage++, from: personOf(o), chat: chatOf(o.chat), date: seconds(), ...(o.text === undefined ? {} : { text: o.text }) };
    const command = /^\/\w+(@\w+)?/.exec(o.text ?? o.caption ?? '');
    if (command) message[o.text === undefined ? 'caption_entities' : 'entities'] = [{ type: 'bot_command', offset: 0, length: command[0].length }];
    if (o.reply_to) message.reply_to_message = messages.get(key(o.chat, o.reply_to));
    if (o.document) {
      const id = `F${message.message_id}`;
      if (o.document.content !== undefined) files.set(id, Buffer.from(o.document.content));
      message.document = { file_id: id, file_unique_id: `U${id}`, file_name: o.document.name, file_size: o.document.size ?? Buffer.byteLength(o.document.content ?? ''), mime_type: 'text/plain' };
      if (o.caption !== undefined) message.caption = o.caption;
    }
    messages.set(key(o.chat, message.message_id), message);
    const update_id = push({ message });
    return { update_id, message_id: message.message_id };
  },
  edit(o) {
    const message = messages.get(key(o.chat, o.message_id));
    message.text = o.text;
    message.edit_date = seconds();
    return { update_id: push({ edited_message: message }) };
  },
  remove: (o) => ({ removed: messages.delete(key(o.chat, o.message_id)) }),
  tap(o) {
    const id = `${started}${taps.size + 1}`;
    taps.set(id, {});
    return { id, update_id: push({ callback_query: { id, from: personOf(o), message: messages.get(key(o.chat, o.message_id)), chat_instance: '1', data: o.data } }) };
  },
  raw: (o) => ({ update_id: push(o) }),
  kick(o) {
    blocked.add(o.chat);
    return { update_id: push({ my_chat_member: { chat: chatOf(o.chat), from: personOf(o), date: seconds(), old_chat_member: { user: bot, status: 'member' }, new_chat_member: { user: bot, status: 'kicked', until_date: 0 } } }) };
  },
  unblock: (o) => ({ was: blocked.delete(o.chat) }),
  fault(o) { faults.push({ times: 1, ...o }); return {}; },
  down(o) { down = o.on; if (down) poller?.end(false); return {}; },
  enforce(o) { enforce = o.on; return {}; },
};

function state() {
  return {
    waiting: waiting.map((u) => u.update_id),
    confirmed,
    messages: [...messages.values()].map((m) => (m.document && files.has(m.document.file_id) ? { ...m, sha256: createHash('sha256').update(files.get(m.document.file_id)).digest('hex'), content: files.get(m.document.file_id).toString('utf8').slice(0, 4000) } : m)),
    taps: Object.fromEntries(taps),
    calls,
    webhook: webhook?.url ?? null,
  };
}

async function call(method, p, call) {
  const at = faults.findIndex((f) => f.method === method || f.method === '*');
  const fault = at >= 0 ? faults[at] : null;
  if (fault && --fault.times <= 0) faults.splice(at, 1);
  if (down || fault?.cut === 'before') return { cut: true };
  if (fault?.status === 429) throw new Refusal(429, `Too Many Requests: retry after ${fault.retry_after}`, { retry_after: fault.retry_after });
  if (fault?.status) return { status: fault.status, html: '<html><body><h1>502 Bad Gateway</h1></body></html>' };
  const handler = methods[method];
  if (!handler) throw new Refusal(404, 'Not Found: method not found');
  const result = await handler(p);
  call.ok = true;
  if (result?.message_id) call.message_id = result.message_id;
  return fault?.cut === 'after' ? { cut: true } : { result };
}

const server = createServer(async (request, response) => {
  const json = (status, value) => response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(value));
  const url = new URL(request.url, 'http://stub');
  const parameters = await readBody(request, url);
  if (url.pathname.startsWith('/test/')) {
    const name = url.pathname.slice('/test/'.length);
    // A text of many megabytes was seen by the bot; whoever watches need not read it each time.
    const cut = (_, v) => (typeof v === 'string' && v.length > 20_000 ? v.slice(0, 100) : v);
    if (name === 'state') return response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(state(), cut));
    return people[name] ? json(200, people[name](parameters)) : json(404, {});
  }
  const file = url.pathname.match(/^\/file\/bot([^/]+)\/documents\/(\w+)$/);
  if (file) return file[1] === token && files.has(file[2]) ? response.writeHead(200).end(files.get(file[2])) : json(404, {});
  const named = url.pathname.match(/^\/bot([^/]+)\/(\w+)$/);
  if (!named) return json(404, new Refusal(404, 'Not Found').answer);
  if (named[1] !== token) return json(401, new Refusal(401, 'Unauthorized').answer);
  const method = named[2].toLowerCase();
  const entry = { method, at: Date.now(), counted: counted.includes(method), ...(parameters.chat_id ? { chat: Number(parameters.chat_id) } : {}), ...(method === 'getupdates' ? { offset: Number(parameters.offset) || 0 } : {}), text: String(parameters.text ?? parameters.caption ?? '').slice(0, 200) };
  parameters.offset = Number(parameters.offset) || 0;
  calls.push(entry);
  try {
    const answer = await call(method, parameters, entry);
    if (answer.cut) return request.socket.destroy();
    if (answer.html) return response.writeHead(answer.status, { 'content-type': 'text/html' }).end(answer.html);
    json(200, { ok: true, result: answer.result });
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    entry.error = error.answer.error_code;
    json(error.answer.error_code, error.answer);
  }
});
server.listen(Number(port), '127.0.0.1', () => console.log(`listening on http://127.0.0.1:${server.address().port}`));
