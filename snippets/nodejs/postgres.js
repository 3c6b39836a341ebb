// npm install pg
const { randomUUID } = require("node:crypto");
const { Client } = require("pg");

async function main() {
  const client = new Client({
    host: process.env["@HOST@"],
    port: Number(process.env["@PORT@"]),
    database: process.env["@DATABASE@"],
    user: process.env["@USER@"],
    password: process.env["@PASSWORD@"],
    ssl: process.env["@SSL@"] === "true",
  });
  await client.connect();

  const table = `note_${randomUUID().replaceAll("-", "")}`;
  await client.query(`CREATE TABLE ${table} (id serial PRIMARY KEY, text text NOT NULL)`);
  await client.query(`INSERT INTO ${table} (text) VALUES ($1)`, ["hello from Node.js"]);
  const { rows } = await client.query(`SELECT text FROM ${table}`);
  await client.query(`DROP TABLE ${table}`);
  await client.end();

  console.log(`ok: read '${rows[0].text}' from PostgreSQL`);
}

main();
