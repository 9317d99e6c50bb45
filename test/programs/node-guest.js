#!/usr/bin/node
// Answers each request with the size and the hash of its body.
const { createHash } = require('node:crypto');
const { createServer } = require('node:http');

createServer((request, response) => {
  const hash = createHash('sha256');
  let bytes = 0;
  request.on('data', (chunk) => {
    bytes += chunk.length;
    hash.update(chunk);
  });
  request.on('end', () => response.end(JSON.stringify({ bytes, sha256: hash.digest('hex') })));
}).listen(8080);
