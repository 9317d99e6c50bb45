#!/usr/bin/node
const { createHash, randomBytes } = require('node:crypto');
const { Agent, request } = require('node:http');
const { setTimeout: delay } = require('node:timers/promises');

const agent = new Agent({ keepAlive: true, maxSockets: 20 });

function post(body) {
  return new Promise((resolve, reject) => {
    const outgoing = request(
      { host: process.env.GUEST_ADDRESS, port: 8080, method: 'POST', agent },
      async (response) => {
        let text = '';
        for await (const chunk of response) text += chunk;
        resolve(JSON.parse(text));
      },
    );
    outgoing.on('error', reject);
    outgoing.end(body);
  });
}

async function matches(body) {
  const { bytes, sha256 } = await post(body);
  return bytes === body.length && sha256 === createHash('sha256').update(body).digest('hex');
}

async function untilServerListens() {
  for (;;) {
    try {
      return await post('');
    } catch (error) {
      if (error.code !== 'ECONNREFUSED') throw error;
      await delay(100);
    }
  }
}

async function main() {
  await untilServerListens();
  const bodies = Array.from({ length: 500 }, (_, index) => randomBytes(index * 10));
  const small = await Promise.all(bodies.map(matches));
  console.log(`small: ${small.filter(Boolean).length} of ${small.length}`);
  console.log(`large: ${await matches(randomBytes(2_000_000))}`);
}

void main();
