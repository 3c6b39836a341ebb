// npm install @azure/cosmos
const { randomUUID } = require("node:crypto");
const { CosmosClient } = require("@azure/cosmos");

async function main() {
  const client = new CosmosClient(process.env["@CONNECTIONSTRING@"]);

  const { database } = await client.databases.create({ id: `notes-${randomUUID()}` });
  const { container } = await database.containers.create({ id: "notes", partitionKey: "/id" });
  await container.items.create({ id: "1", text: "hello from Node.js" });
  const { resource } = await container.item("1", "1").read();
  await database.delete();
  client.dispose();

  console.log(`ok: read '${resource.text}' from Cosmos DB`);
}

main();
