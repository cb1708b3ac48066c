// node tlsproxy.mjs PORT KEY CHAIN TARGETPORT: TLS on 127.0.0.1 in front of a plain server, with X-Forwarded-*.
import https from 'node:https';
import http from 'node:http';
import fs from 'node:fs';

const [, , port, key, cert, target] = process.argv;
https.createServer({ key: fs.readFileSync(key), cert: fs.readFileSync(cert) }, (asked, answer) => {
  const headers = { ...asked.headers, 'x-forwarded-proto': 'https', 'x-forwarded-host': asked.headers.host };
  const onward = http.request({ host: '127.0.0.1', port: target, method: asked.method, path: asked.url, headers }, (got) => {
    answer.writeHead(got.statusCode, got.headers);
    got.pipe(answer);
  });
  onward.on('error', (error) => { answer.writeHead(502); answer.end(String(error)); });
  asked.pipe(onward);
}).listen(+port, '127.0.0.1');
