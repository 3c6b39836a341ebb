// npm install @azure/storage-blob
const { randomUUID } = require("node:crypto");
const { BlobServiceClient } = require("@azure/storage-blob");

async function main() {
  const service = BlobServiceClient.fromConnectionString(process.env["@CONNECTIONSTRING@"]);

  const container = service.getContainerClient(`notes-${randomUUID()}`);
  await container.create();
  const blob = container.getBlockBlobClient("note.txt");
  await blob.upload("hello from Node.js", "hello from Node.js".length);
  const text = (await blob.downloadToBuffer()).toString();
  await container.delete();

  console.log(`ok: read '${text}' from Blob Storage account ${service.accountName}`);
}

main();
