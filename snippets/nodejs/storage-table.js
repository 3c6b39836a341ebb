// npm install @azure/data-tables
const { randomUUID } = require("node:crypto");
const { TableClient } = require("@azure/data-tables");

async function main() {
  const name = `notes${randomUUID().replaceAll("-", "")}`;
  const table = TableClient.fromConnectionString(process.env["@CONNECTIONSTRING@"], name);

  await table.createTable();
  await table.createEntity({ partitionKey: "notes", rowKey: "1", text: "hello from Node.js" });
  const { text } = await table.getEntity("notes", "1");
  await table.deleteTable();

  console.log(`ok: read '${text}' from Table Storage ${table.url}`);
}

main();
