// npm install @azure/storage-blob @azure/identity
const { randomUUID } = require("node:crypto");
const { DefaultAzureCredential } = require("@azure/identity");
const { BlobServiceClient } = require("@azure/storage-blob");

async function main() {
  // Signs in as the pod's ServiceAccount.
  const credential = new DefaultAzureCredential();
  const service = new BlobServiceClient(process.env["@RESOURCEENDPOINT@"], credential);

  const container = service.getContainerClient(`notes-${randomUUID()}`);
  await container.create();
  const blob = container.getBlockBlobClient("note.txt");
  await blob.upload("hello from Node.js", "hello from Node.js".length);
  const text = (await blob.downloadToBuffer()).toString();
  await container.delete();

  console.log(`ok: read '${text}' from Blob Storage account ${service.accountName}`);
}

main();
