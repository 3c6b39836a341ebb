// npm install mysql2
const { randomUUID } = require("node:crypto");
const mysql = require("mysql2/promise");

async function main() {
  const connection = await mysql.createConnection({
    host: process.env["@HOST@"],
    port: Number(process.env["@PORT@"]),
    database: process.env["@DATABASE@"],
    user: process.env["@USER@"],
    password: process.env["@PASSWORD@"],
    ssl: process.env["@SSL@"] === "true" ? { verifyIdentity: true } : undefined,
  });

  const table = `note_${randomUUID().replaceAll("-", "")}`;
  await connection.query(`CREATE TABLE ${table} (id int AUTO_INCREMENT PRIMARY KEY, text varchar(100))`);
  await connection.execute(`INSERT INTO ${table} (text) VALUES (?)`, ["hello from Node.js"]);
  const [rows] = await connection.query(`SELECT text FROM ${table}`);
  await connection.query(`DROP TABLE ${table}`);
  await connection.end();

  console.log(`ok: read '${rows[0].text}' from MySQL`);
}

main();
