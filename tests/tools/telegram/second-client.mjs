// The stub driven by grammY, a client that is not the product's: command, button, answer, edit, document, 429. Usage: second-client.mjs ADDRESS TOKEN
import assert from 'node:assert/strict';
import { Bot, InlineKeyboard, InputFile } from 'grammy';

const [address, token] = process.argv.slice(2);
const root = address.replace(/\/$/, '');
const test = async (name, body) => (await fetch(`${root}/test/${name}`, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) })).json();
const bot = new Bot(token, { client: { apiRoot: root } });
const seen = [];
let sent;
const done = new Promise((resolve) => {
  bot.command('status', async (context) => {
    seen.push(context.match);
    sent = await context.reply('pick', { reply_markup: new InlineKeyboard().text('Approve', 'ok:1') });
    await test('tap', { chat: 7, message_id: sent.message_id, data: 'ok:1' });
  });
  bot.on('callback_query:data', async (context) => {
    seen.push(context.callbackQuery.data);
    await context.answerCallbackQuery('approved');
    await context.editMessageText('picked');
    resolve();
  });
});
bot.start({ timeout: 5 });
await test('message', { chat: 7, text: '/status 42' });
await done;
assert.deepEqual(seen, ['42', 'ok:1']);
await assert.rejects(bot.api.editMessageText(7, sent.message_id, 'picked'), /message is not modified/);
await assert.rejects(bot.api.editMessageText(7, 9999, 'x'), /message to edit not found/);
await assert.rejects(bot.api.sendMessage(7, 'x'.repeat(4097)), /message is too long/);
const document = await bot.api.sendDocument(7, new InputFile(Buffer.from('one\n'), 'a.diff'), { caption: 'the diff' });
assert.equal(document.document.file_name, 'a.diff');
assert.equal(document.document.file_size, 4);
await test('fault', { method: 'sendmessage', status: 429, retry_after: 2 });
await assert.rejects(bot.api.sendMessage(7, 'x'), (e) => e.error_code === 429 && e.parameters.retry_after === 2);
await bot.stop();
const state = await (await fetch(`${root}/test/state`)).json();
assert.deepEqual(state.waiting, []);
console.log('grammY and the stub understand each other');
