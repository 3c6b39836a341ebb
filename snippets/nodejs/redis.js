// npm install redis
const { randomUUID } = require("node:crypto");
const { createClient } = require("redis");

async function main() {
  const client = createClient({ url: process.env["@CONNECTIONSTRING@"] });
  client.on("error", (error) => {
    throw error;
  });
  await client.connect();

  const key = `note:${randomUUID()}`;
  await client.set(key, "hello from Node.js", { expiration: { type: "EX", value: 60 } });
  const text = await client.get(key);
  await client.del(key);
  await client.close();

  console.log(`ok: read '${text}' from Redis`);
}

main();
