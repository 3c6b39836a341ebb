// npm install @azure/storage-queue @azure/identity
const { randomUUID } = require("node:crypto");
const { DefaultAzureCredential } = require("@azure/identity");
const { QueueServiceClient } = require("@azure/storage-queue");

async function main() {
  // Signs in as the pod's ServiceAccount.
  const credential = new DefaultAzureCredential();
  const service = new QueueServiceClient(process.env["@RESOURCEENDPOINT@"], credential);

  const queue = service.getQueueClient(`notes-${randomUUID()}`);
  await queue.create();
  await queue.sendMessage("hello from Node.js");
  const { receivedMessageItems } = await queue.receiveMessages();
  await queue.delete();

  const text = receivedMessageItems[0].messageText;
  console.log(`ok: received '${text}' from Queue Storage account ${service.accountName}`);
}

main();
