// A receiver of Standard Webhooks, judged by their own library. Usage: receiver.mjs PORT SECRET
// One JSON line on stdout per delivery. POST /mode {"status":N,"secret":S} sets what it answers from then on.
import { createServer } from 'node:http';
import { Webhook } from 'standardwebhooks';

const [port, first] = process.argv.slice(2);
let [status, secret] = [200, first];
const server = createServer((request, response) => {
  const parts = [];
  request.on('data', (part) => parts.push(part));
  request.on('end', () => {
    const body = Buffer.concat(parts).toString('utf8');
    if (request.url === '/mode') {
      const mode = JSON.parse(body);
      status = mode.status ?? status;
      secret = mode.secret ?? secret;
      return response.writeHead(204).end();
    }
    let verdict = 'verified';
    try {
      new Webhook(secret).verify(body, request.headers);
    } catch (error) {
      verdict = `refused: ${error.message}`;
    }
    const answer = verdict === 'verified' ? status : 401;
    const id = request.headers['webhook-id'];
    console.log(JSON.stringify({ id, verdict, answer, signatures: request.headers['webhook-signature'].split(' ').length, body: JSON.parse(body) }));
    response.writeHead(answer, answer === 302 ? { location: '/elsewhere' } : {}).end();
  });
});
server.listen(Number(port), '127.0.0.1', () => console.log(`listening on http://127.0.0.1:${server.address().port}`));
