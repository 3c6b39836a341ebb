// npm install @azure/data-tables @azure/identity
const { randomUUID } = require("node:crypto");
const { TableClient } = require("@azure/data-tables");
const { DefaultAzureCredential } = require("@azure/identity");

async function main() {
  // Signs in as the pod's ServiceAccount.
  const credential = new DefaultAzureCredential();
  const name = `notes${randomUUID().replaceAll("-", "")}`;
  const table = new TableClient(process.env["@RESOURCEENDPOINT@"], name, credential);

  await table.createTable();
  await table.createEntity({ partitionKey: "notes", rowKey: "1", text: "hello from Node.js" });
  const { text } = await table.getEntity("notes", "1");
  await table.deleteTable();

  console.log(`ok: read '${text}' from Table Storage ${table.url}`);
}

main();
